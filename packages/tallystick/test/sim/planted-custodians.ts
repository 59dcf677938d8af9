/** Custodians with a mistake in them, for `planted.ts`. */
import { ROUND_RULES } from '../../src/kernel/round.ts'
import type { CustodianEffect } from '../../src/models/custodians/custodian.ts'
import type { CustodianState } from '../../src/models/custodians/custodian-state.ts'
import type { CustodianRole } from '../../src/sim/sabotage.ts'
import type { Planted } from './planted.ts'

/** A custodian without a memory of what it has vowed for. */
const forgetsRounds = (role: CustodianRole): CustodianRole => ({
  ...role,
  step: (state, input, env) => {
    const { run } = state.member
    const rounds = input.is === 'message' ? { ...run.rounds, own: [] } : run.rounds
    const member = { ...state.member, run: { ...run, rounds } }
    return role.step({ ...state, member }, input, env)
  },
})

const after =
  (change: (state: CustodianState, before: CustodianState) => CustodianState) =>
  (role: CustodianRole): CustodianRole => ({
    ...role,
    step: (state, input, env) => change(role.step(state, input, env), state),
  })

/** What it has attested is forgotten as soon as it has: a clock that was put back is believed. */
const believesItsClock = after((state) => ({
  ...state,
  member: { ...state.member, attested: 0n },
}))

/** Its heartbeats name the genesis for ever. */
const hidesWhatIsNew = after((state, before) => {
  const { beat } = state
  if (!beat || beat === before.beat) return state
  const { parent, sequence } = state.member.followed.machine.head
  return sequence > 0n
    ? { ...state, beat: { ...beat, head: parent, sequence: sequence - 1n } }
    : state
})

/** Never tells others what was certified, and never asks. */
const keepsToItself = (role: CustodianRole): CustodianRole => ({
  ...role,
  outstanding: (state) =>
    role.outstanding(state).flatMap((one): readonly CustodianEffect[] => {
      if (one.is === 'ask') return []
      if (one.is !== 'send') return [one]
      return [{ ...one, message: { ...one.message, newest: undefined } }]
    }),
})

const says =
  (kind: CustodianEffect['is']) =>
  (role: CustodianRole): CustodianRole => ({
    ...role,
    outstanding: (state) => role.outstanding(state).filter((one) => one.is !== kind),
  })

export const PLANTED_CUSTODIANS: readonly Planted[] = [
  {
    bug: 'a custodian forgets its vows with every message',
    scenario: 'custodians',
    sabotage: { custodian: forgetsRounds },
    checker: 'vows',
    seeds: 20,
  },
  {
    bug: 'custodians vote as if they had never voted',
    scenario: 'custodians',
    sabotage: { rules: { ...ROUND_RULES, permits: () => true } },
    checker: 'vows',
    seeds: 60,
  },
  {
    bug: 'a custodian attests the time of a clock that was put back',
    scenario: 'custodians',
    sabotage: { custodian: believesItsClock },
    checker: 'evidence',
    seeds: 20,
  },
  {
    bug: 'heartbeats name a step that is passed',
    scenario: 'custodians',
    sabotage: { custodian: hidesWhatIsNew },
    checker: 'evidence',
    seeds: 20,
  },
  {
    bug: 'custodians give no heartbeat',
    scenario: 'custodians',
    sabotage: { custodian: says('heartbeat') },
    checker: 'fresh',
    seeds: 20,
  },
  {
    bug: 'custodians take premises without looking at the files',
    scenario: 'custodians',
    sabotage: { prove: () => undefined },
    checker: 'verdict',
    seeds: 20,
  },
  {
    bug: 'custodians neither tell nor ask what was certified',
    scenario: 'custodians',
    sabotage: { custodian: keepsToItself },
    checker: 'settled',
    seeds: 60,
  },
]
