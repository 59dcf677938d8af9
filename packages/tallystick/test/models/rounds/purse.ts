/** A purse that anybody may move, and its four operators, for tests of shared machines. Messages arrive when a test says. */
import { hexFromBytes } from '../../../src/base/bytes.ts'
import type { Engine } from '../../../src/base/verifier.ts'
import { type Consent, consentDigest } from '../../../src/kernel/consent.ts'
import type { Machine } from '../../../src/kernel/execute.ts'
import { type Interaction, interactionId, type Operation } from '../../../src/kernel/interaction.ts'
import type { RoundRules } from '../../../src/kernel/round-state.ts'
import { applicationAt } from '../../../src/models/rounds/applicant.ts'
import type { Candidate } from '../../../src/models/rounds/candidate.ts'
import { createMember } from '../../../src/models/directory/member.ts'
import type { MemberInput } from '../../../src/models/rounds/member.ts'
import type { MemberEffect } from '../../../src/models/rounds/member-effects.ts'
import { beginMember, type MemberState } from '../../../src/models/rounds/member-state.ts'
import type { AgreedStep } from '../../../src/models/rounds/agreed-step.ts'
import {
  createSharedTown,
  HOLDERS,
  OPERATORS,
  type SharedTown,
} from '../../../src/sim/shared-town.ts'
import { createTokenEngine } from '../../../src/sim/token-engine.ts'

export const engine: Engine = createTokenEngine()
export const town: SharedTown = createSharedTown(engine, 'ed25519')

export const consentBy = (machine: Machine, of: Interaction, party: number): Consent => ({
  machine: machine.id,
  party,
  key: 0,
  form: 'raw',
  signature: town.signFor(HOLDERS[party] ?? '', consentDigest('classic', interactionId(of))),
})

/** What these parties want on a machine, all of them consenting. */
export const candidateOn = (
  machine: Machine,
  operations: readonly Operation[],
  parties: readonly number[],
): Candidate => {
  const interaction = applicationAt(machine, { operations, beside: [] })
  const consents = parties.map((party) => consentBy(machine, interaction, party))
  return { interaction, consents, beside: [], attachments: [] }
}

/** A payment by a holder at a machine's head. */
export const paying = (from: number, amount = 1n, machine: Machine = town.genesis): Candidate =>
  candidateOn(machine, [town.payment(from, amount)], [from])

export type Net = {
  readonly states: MemberState[]
  /** Feeds one operator, and signs and keeps for it what it then wants. */
  readonly feed: (seat: number, input: MemberInput) => void
  /** Carries what is outstanding between operators that are up, until nothing changes any more. */
  readonly settle: () => void
  /** Lets everybody's patience run out once. */
  readonly wait: () => void
  readonly effects: (seat: number) => readonly MemberEffect[]
  /** Certified steps that each shell has stored. */
  readonly stored: AgreedStep[][]
  readonly down: Set<number>
}

export type NetOptions = {
  readonly machine?: Machine
  readonly rules?: RoundRules
  /** Operators by name; the town's if missing. */
  readonly names?: readonly string[]
}

export const createNet = (options: NetOptions = {}): Net => {
  const { machine = town.genesis, rules, names = OPERATORS } = options
  let now = 1000n
  const keys = names.map((name) => keyOf(name))
  const roles = keys.map((publicKey) =>
    createMember({ ...town.memberOptions(0), publicKey, ...(rules && { rules }) }),
  )
  const states = roles.map(() => beginMember(machine))
  const stored: AgreedStep[][] = roles.map(() => [])
  const down = new Set<number>()
  const step = (seat: number, input: MemberInput): void => {
    const [role, state] = [roles[seat], states[seat]]
    if (role && state) states[seat] = role.step(state, input, { now, random: new Uint8Array(32) })
  }
  const effects = (seat: number): readonly MemberEffect[] => {
    const [role, state] = [roles[seat], states[seat]]
    return role && state ? role.outstanding(state) : []
  }
  const serve = (seat: number): void => {
    for (let at = 0; at < 100; at++) {
      const local = effects(seat).find((one) => one.is === 'sign' || one.is === 'keep')
      if (!local) return
      if (local.is === 'keep') {
        stored[seat]?.push(local.step)
        step(seat, { is: 'kept', sequence: local.step.transition.sequence })
      } else {
        const signature = town.signFor(names[seat] ?? '', local.digest)
        step(seat, { is: 'signed', digest: hexFromBytes(local.digest), signature })
      }
    }
    throw new Error('an operator wants to sign for ever')
  }
  const feed = (seat: number, input: MemberInput): void => {
    if (down.has(seat)) return
    step(seat, input)
    serve(seat)
  }
  const carry = (effect: MemberEffect): void => {
    if (effect.is !== 'send') return
    for (const { publicKey } of effect.to) {
      const to = keys.findIndex((key) => hexFromBytes(key) === hexFromBytes(publicKey))
      if (to >= 0) feed(to, { is: 'message', message: effect.message })
    }
  }
  const settle = (): void => {
    for (let round = 0; round < 50; round++) {
      const before = [...states]
      for (const seat of roles.keys()) {
        if (!down.has(seat)) for (const effect of effects(seat)) carry(effect)
      }
      if (states.every((one, at) => one === before[at])) return
    }
    throw new Error('operators talk for ever')
  }
  return {
    states,
    feed,
    settle,
    wait: () => {
      now += 10_000n
      for (const seat of roles.keys()) feed(seat, { is: 'tick' })
      settle()
    },
    effects,
    stored,
    down,
  }
}

export const keyOf = (name: string): Uint8Array => {
  const known = town.policy.operators.find((one) => one.name === name)
  if (!known) throw new Error(`no operator is called ${name}`)
  return known.publicKey
}

export const headsOf = (net: Net): readonly bigint[] =>
  net.states.map((one) => one.followed.machine.head.sequence)

/** A certified step at the head of a fresh net, by everybody. */
export const certified = (of: Candidate): AgreedStep => {
  const net = createNet()
  net.feed(0, { is: 'candidate', candidate: of })
  net.settle()
  for (let at = 0; at < 4 && !net.stored[0]?.[0]; at++) net.wait()
  const step = net.stored[0]?.[0]
  if (!step) throw new Error('the step was not certified')
  return step
}
