/**
 * The hall of a demo: operators who agree in rounds on a machine that anybody may move, and who take it over from others. The
 * roles are the real ones; this file is their shell. Messages are handed over at once, and time passes when the story says.
 */
import { equalBytes, hexFromBytes } from '../../base/bytes.ts'
import { isFault } from '../../base/fault.ts'
import type { Charter } from '../../kernel/charter.ts'
import type { Machine } from '../../kernel/execute.ts'
import { statementDigest } from '../../kernel/statement.ts'
import type { Transition } from '../../kernel/transition.ts'
import { STANDARD_LOGICS } from '../../logic/registry.ts'
import { type Amendment, withAmendment } from '../../models/directory/amendment.ts'
import type { AgreedStep } from '../../models/rounds/agreed-step.ts'
import type { Candidate } from '../../models/rounds/candidate.ts'
import { receiptVote } from '../../models/directory/evidence.ts'
import type { Acceptance } from '../../models/rounds/acceptance.ts'
import { createMember } from '../../models/directory/member.ts'
import type { MemberInput } from '../../models/rounds/member.ts'
import type { MemberEffect } from '../../models/rounds/member-effects.ts'
import { beginMember, type MemberState } from '../../models/rounds/member-state.ts'
import { seatOfSuccessor, servedFrom } from '../../models/directory/served.ts'
import type { Person } from './people.ts'
import type { Town } from './town.ts'

const PATIENCE_MS = 400n

export type Hall = {
  /** Gives a candidate to one operator, and lets them all talk until nothing changes. */
  readonly apply: (candidates: readonly Candidate[]) => void
  /** Somebody's patience ends, as often as it takes for another step; false if that does not help. */
  readonly wait: () => boolean
  /** Steps that these operators have certified, in their order. */
  readonly steps: () => readonly AgreedStep[]
  readonly machine: () => Machine
  /** What operators of the old terms and of the new ones sign when they take over. */
  readonly acceptances: () => readonly Acceptance[]
  /** An operator that comes in, with the machine as the others have certified it. */
  readonly admit: (person: Person) => void
  /** Operators that answer nobody. */
  readonly silent: Set<string>
  /** How many statements an operator has signed. */
  readonly signed: (person: Person) => number
}

type Seat = {
  readonly person: Person
  readonly role: ReturnType<typeof createMember>
  state: MemberState
  signed: number
}

type Talk = {
  readonly seats: Seat[]
  readonly steps: AgreedStep[]
  readonly silent: Set<string>
  now: bigint
}

/** Operators at a machine that each of them has verified. */
export const openHall = (town: Town, people: readonly Person[], machine: Machine): Hall => {
  const talk: Talk = { seats: [], steps: [], silent: new Set(), now: BigInt(Date.now()) }
  const { seats, steps, silent } = talk
  const admit = (person: Person, at: Machine): void => {
    const role = createMember({
      logics: STANDARD_LOGICS,
      models: town.checks.models,
      verifier: town.engine,
      publicKey: person.publicKey,
      patience: PATIENCE_MS,
    })
    seats.push({ person, role, state: beginMember(at), signed: 0 })
  }
  for (const person of people) admit(person, machine)
  return {
    apply: (candidates) => {
      const awake = seats.filter((one) => !silent.has(one.person.name))
      for (const [at, candidate] of candidates.entries()) {
        const seat = awake[at % awake.length]
        if (seat) feed(talk, seat, { is: 'candidate', candidate })
      }
      settle(talk)
    },
    wait: () => {
      const count = steps.length
      for (let round = 1n; round <= 4n && steps.length === count; round++) {
        talk.now += PATIENCE_MS * (round + 1n)
        for (const one of seats) feed(talk, one, { is: 'tick' })
        settle(talk)
      }
      return steps.length > count
    },
    steps: () => steps,
    machine: () => furthestIn(talk),
    acceptances: () =>
      seats.flatMap((one) =>
        effectsOf(one).flatMap((effect) => (effect.is === 'accept' ? [effect.acceptance] : [])),
      ),
    admit: (person) => admit(person, furthestIn(talk)),
    silent,
    signed: (person) => seats.find((one) => one.person === person)?.signed ?? 0,
  }
}

const effectsOf = (seat: Seat): readonly MemberEffect[] => seat.role.outstanding(seat.state)

const step = (talk: Talk, seat: Seat, input: MemberInput): void => {
  seat.state = seat.role.step(seat.state, input, { now: talk.now, random: new Uint8Array(32) })
}

/** Hands an input to an operator, and does for it what it can do by itself. */
const feed = (talk: Talk, seat: Seat, input: MemberInput): void => {
  if (talk.silent.has(seat.person.name)) return
  step(talk, seat, input)
  for (let next = localIn(effectsOf(seat)); next; next = localIn(effectsOf(seat))) {
    if (next.is === 'keep') {
      const { sequence } = next.step.transition
      if (talk.steps.every((one) => one.transition.sequence < sequence)) talk.steps.push(next.step)
      step(talk, seat, { is: 'kept', sequence })
    } else {
      seat.signed += 1
      const signature = seat.person.sign(next.digest)
      step(talk, seat, { is: 'signed', digest: hexFromBytes(next.digest), signature })
    }
  }
}

/** Hands messages over until nobody learns anything from them. */
const settle = (talk: Talk): void => {
  for (let isOpen = true; isOpen;) {
    const before = talk.seats.map((one) => one.state)
    for (const one of talk.seats) carry(talk, one)
    isOpen = talk.seats.some((one, at) => one.state !== before[at])
  }
}

const carry = (talk: Talk, from: Seat): void => {
  if (talk.silent.has(from.person.name)) return
  for (const effect of effectsOf(from)) {
    if (effect.is !== 'send') continue
    const to = talk.seats.filter((one) =>
      effect.to.some(({ publicKey }) => equalBytes(publicKey, one.person.publicKey)),
    )
    for (const one of to) feed(talk, one, { is: 'message', message: effect.message })
  }
}

/** The machine as whoever has come furthest knows it. */
const furthestIn = ({ seats }: Talk): Machine => {
  const [first, ...others] = seats
  if (!first) throw new Error('a hall has operators')
  return others.reduce((a, b) => (sequenceOf(b) > sequenceOf(a) ? b : a), first).state.followed
    .machine
}

const sequenceOf = (of: Seat): bigint => of.state.followed.machine.head.sequence

/** What an operator does by itself: keep a step, or sign. */
const localIn = (
  effects: readonly MemberEffect[],
): Extract<MemberEffect, { is: 'keep' | 'sign' }> | undefined => {
  for (const one of effects) if (one.is === 'keep' || one.is === 'sign') return one
  return undefined
}

/**
 * What an operator signs that takes a machine over and was in no rounds about it: a receipt, once it has checked how the terms
 * came to name it.
 */
export const takenOverBy = (
  town: Town,
  person: Person,
  of: { readonly charter: Charter; readonly amendments: readonly Amendment[] },
): Acceptance => {
  const options = { models: town.checks.models, verifier: town.engine }
  let served = servedFrom(of.charter)
  for (const one of of.amendments) {
    const after = withAmendment(options, served, one)
    if (isFault(after)) throw after
    served = after
  }
  const transition = of.amendments.at(-1)?.step.transition
  const signer = transition ? seatOfSuccessor(served, transition, person.publicKey) : -1
  if (!transition || signer < 0) throw new Error(`${person.name} is not among those who follow`)
  return receiptBy(town, person, { transition, signer })
}

const receiptBy = (
  { suite }: Town,
  person: Person,
  { transition, signer }: { readonly transition: Transition; readonly signer: number },
): Acceptance => {
  const time = BigInt(Date.now())
  const signature = person.sign(statementDigest(suite, receiptVote(transition, time)))
  return { signer, round: 0, cited: 0, time, signature }
}
