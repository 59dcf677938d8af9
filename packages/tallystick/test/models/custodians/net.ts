/** A poll and its four custodians, for tests of roles. Messages arrive when a test says. */
import { hexFromBytes } from '../../../src/base/bytes.ts'
import type { Engine } from '../../../src/base/verifier.ts'
import type { Machine } from '../../../src/kernel/execute.ts'
import type { Operation } from '../../../src/kernel/interaction.ts'
import {
  createCustodian,
  type CustodianEffect,
  type CustodianInput,
  type CustodianOptions,
} from '../../../src/models/custodians/custodian.ts'
import {
  beginCustodian,
  type CustodianState,
} from '../../../src/models/custodians/custodian-state.ts'
import { applicationAt } from '../../../src/models/rounds/applicant.ts'
import type { Candidate } from '../../../src/models/rounds/candidate.ts'
import type { AgreedStep } from '../../../src/models/rounds/agreed-step.ts'
import {
  createCustodiansTown,
  type CustodiansTown,
  KEEPERS,
} from '../../../src/sim/custodians-town.ts'
import { ballot } from '../../../src/sim/poll-logic.ts'
import { createTokenEngine } from '../../../src/sim/token-engine.ts'

export const engine: Engine = createTokenEngine()
export const town: CustodiansTown = createCustodiansTown(engine, 'ed25519')
export const START: bigint = town.clockOf(0, 0)

/** A ballot as a candidate at a machine's head, put forward at a time. */
export const candidateFor = (
  operation: Operation,
  machine: Machine = town.genesis,
  at: bigint = START,
): Candidate => {
  const argument = ballot.encode({ ...ballot.decode(operation.argument), at })
  const interaction = applicationAt(machine, {
    operations: [{ ...operation, argument }],
    beside: [],
  })
  return { interaction, consents: [], beside: [], attachments: [] }
}

export type Net = {
  readonly states: CustodianState[]
  /** Feeds one custodian, and signs and keeps for it what it then wants. */
  readonly feed: (seat: number, input: CustodianInput) => void
  /** Carries what is outstanding between custodians that are up, until nothing changes any more. */
  readonly settle: () => void
  /** Lets time pass, everybody's patience with it if it is much. */
  readonly wait: (ticks?: bigint) => void
  readonly effects: (seat: number) => readonly CustodianEffect[]
  /** Certified steps that each shell has stored. */
  readonly stored: AgreedStep[][]
  readonly down: Set<number>
  readonly now: () => bigint
}

export type NetOptions = {
  readonly machine?: Machine
  /** Names by seat; the town's custodians if missing. */
  readonly names?: readonly string[]
  readonly change?: Partial<CustodianOptions>
  readonly sign?: (name: string, digest: Uint8Array) => Uint8Array
  readonly keyOf?: (name: string) => Uint8Array
}

export const keyOf = (name: string): Uint8Array =>
  town.custodianOptions(KEEPERS.findIndex((one) => one === name)).publicKey

export const createNet = (given: NetOptions = {}): Net => {
  const { machine = town.genesis, names = KEEPERS, sign = town.signFor } = given
  let now = START
  const keys = names.map((name) => (given.keyOf ?? keyOf)(name))
  const roles = keys.map((publicKey) =>
    createCustodian({ ...town.custodianOptions(0), publicKey, ...given.change }),
  )
  const states = roles.map(() => beginCustodian(machine))
  const stored: AgreedStep[][] = roles.map(() => [])
  const down = new Set<number>()
  const step = (seat: number, input: CustodianInput): void => {
    const [role, state] = [roles[seat], states[seat]]
    if (role && state) states[seat] = role.step(state, input, { now, random: new Uint8Array(32) })
  }
  const effects = (seat: number): readonly CustodianEffect[] => {
    const [role, state] = [roles[seat], states[seat]]
    return role && state ? role.outstanding(state) : []
  }
  const serve = (seat: number): void => {
    for (let at = 0; at < 200; at++) {
      const local = effects(seat).find(
        (one) => one.is === 'sign' || one.is === 'sign-heartbeat' || one.is === 'keep',
      )
      if (!local) return
      if (local.is === 'keep') {
        stored[seat]?.push(local.step)
        step(seat, { is: 'kept', sequence: local.step.transition.sequence })
      } else if (local.is === 'sign' || local.is === 'sign-heartbeat') {
        const signature = sign(names[seat] ?? '', local.digest)
        step(seat, { is: 'signed', digest: hexFromBytes(local.digest), signature })
      }
    }
    throw new Error('a custodian wants to sign for ever')
  }
  const feed = (seat: number, input: CustodianInput): void => {
    if (down.has(seat)) return
    step(seat, input)
    serve(seat)
  }
  const carry = (effect: CustodianEffect): void => {
    if (effect.is !== 'send') return
    for (const { publicKey } of effect.to) {
      const to = keys.findIndex((key) => hexFromBytes(key) === hexFromBytes(publicKey))
      if (to >= 0) feed(to, { is: 'message', message: effect.message })
    }
  }
  const settle = (): void => {
    for (let round = 0; round < 100; round++) {
      const before = [...states]
      for (const seat of roles.keys()) {
        if (!down.has(seat)) for (const effect of effects(seat)) carry(effect)
      }
      if (states.every((one, at) => one === before[at])) return
    }
    throw new Error('custodians talk for ever')
  }
  return {
    states,
    feed,
    settle,
    wait: (ticks = 10_000n) => {
      now += ticks
      for (const seat of roles.keys()) feed(seat, { is: 'tick' })
      settle()
    },
    effects,
    stored,
    down,
    now: () => now,
  }
}

export const headsOf = (net: Net): readonly bigint[] =>
  net.states.map((one) => one.member.followed.machine.head.sequence)
