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
import type { AgreedStep } from '../../models/directory/agreed-step.ts'
import type { Candidate } from '../../models/directory/candidate.ts'
import { type Acceptance, receiptVote } from '../../models/directory/evidence.ts'
import { createMember, type MemberInput } from '../../models/directory/member.ts'
import type { MemberEffect } from '../../models/directory/member-effects.ts'
import { beginMember, type MemberState } from '../../models/directory/member-state.ts'
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

/** Operators at a machine that each of them has verified. */
export const openHall = (town: Town, people: readonly Person[], machine: Machine): Hall => {
  let now = BigInt(Date.now())
  const silent = new Set<string>()
  const steps: AgreedStep[] = []
  const seats: Seat[] = []
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
  const effectsOf = (seat: Seat): readonly MemberEffect[] => seat.role.outstanding(seat.state)
  const step = (seat: Seat, input: MemberInput): void => {
    seat.state = seat.role.step(seat.state, input, { now, random: new Uint8Array(32) })
  }
  const feed = (seat: Seat, input: MemberInput): void => {
    if (silent.has(seat.person.name)) return
    step(seat, input)
    for (let next = localIn(effectsOf(seat)); next; next = localIn(effectsOf(seat))) {
      if (next.is === 'keep') {
        if (steps.every((one) => one.transition.sequence < next.step.transition.sequence)) {
          steps.push(next.step)
        }
        step(seat, { is: 'kept', sequence: next.step.transition.sequence })
      } else {
        seat.signed += 1
        const signature = seat.person.sign(next.digest)
        step(seat, { is: 'signed', digest: hexFromBytes(next.digest), signature })
      }
    }
  }
  const carry = (from: Seat): void => {
    for (const effect of effectsOf(from)) {
      if (effect.is !== 'send' || silent.has(from.person.name)) continue
      const to = seats.filter((one) =>
        effect.to.some(({ publicKey }) => equalBytes(publicKey, one.person.publicKey)),
      )
      for (const one of to) feed(one, { is: 'message', message: effect.message })
    }
  }
  const settle = (): void => {
    for (let isOpen = true; isOpen;) {
      const before = seats.map((one) => one.state)
      for (const one of seats) carry(one)
      isOpen = seats.some((one, at) => one.state !== before[at])
    }
  }
  const furthest = (): Seat => {
    const [first, ...others] = seats
    if (!first) throw new Error('a hall has operators')
    return others.reduce((a, b) => (sequenceOf(b) > sequenceOf(a) ? b : a), first)
  }
  return {
    apply: (candidates) => {
      for (const [at, candidate] of candidates.entries()) {
        const awake = seats.filter((one) => !silent.has(one.person.name))
        const seat = awake[at % awake.length]
        if (seat) feed(seat, { is: 'candidate', candidate })
      }
      settle()
    },
    wait: () => {
      const count = steps.length
      for (let round = 1n; round <= 4n && steps.length === count; round++) {
        now += PATIENCE_MS * (round + 1n)
        for (const one of seats) feed(one, { is: 'tick' })
        settle()
      }
      return steps.length > count
    },
    steps: () => steps,
    machine: () => furthest().state.followed.machine,
    acceptances: () =>
      seats.flatMap((one) =>
        effectsOf(one).flatMap((effect) => (effect.is === 'accept' ? [effect.acceptance] : [])),
      ),
    admit: (person) => admit(person, furthest().state.followed.machine),
    silent,
    signed: (person) => seats.find((one) => one.person === person)?.signed ?? 0,
  }
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
  const operator = transition ? seatOfSuccessor(served, transition, person.publicKey) : -1
  if (!transition || operator < 0) throw new Error(`${person.name} is not among those who follow`)
  return receiptBy(town, person, { transition, operator })
}

const receiptBy = (
  { suite }: Town,
  person: Person,
  { transition, operator }: { readonly transition: Transition; readonly operator: number },
): Acceptance => {
  const time = BigInt(Date.now())
  const signature = person.sign(statementDigest(suite, receiptVote(transition, time)))
  return { operator, round: 0, cited: 0, time, signature }
}
