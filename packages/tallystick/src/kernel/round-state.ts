/**
 * What a certifier knows at one parent: its own vows, what others have signed, which children it found valid.
 *
 * Promise. Nothing is stored that follows from the rest, but for the time at which a round began. The bytes of a state
 * read back to the same state, so a certifier that crashes and starts again from what it stored is the same certifier.
 */
import { bytesFromId, type TransitionId } from '../base/brand.ts'
import { compareBytes, concatBytes } from '../base/bytes.ts'
import { type Codec, flag, list, mapped, optional, struct, u32, u64 } from '../base/codec.ts'
import { hash } from '../base/hash.ts'
import { CASTS_MAX, CHILDREN_MAX, ROUNDS_MAX } from '../base/limits.ts'
import type { SuiteId } from '../base/suite.ts'
import { TAGS } from '../base/tags.ts'
import {
  type Cast,
  chainOf,
  childOf,
  committedQuorums,
  endsOf,
  type Held,
  heldQuorums,
  offeredCast,
  type RoundPlace,
} from './cast.ts'
import type { Quorum } from './quorum.ts'
import { type Phase, type Statement, statement } from './statement.ts'
import { transition, type Transition, transitionId } from './transition.ts'
import type { Millis } from './verdict.ts'
import { type permits, type Vow, vowOf } from './vow.ts'

/** What a certifier is told once: where, with whom, from which seat. */
export type RoundInstance = RoundPlace & {
  readonly quorum: Quorum
  /** Position among the signers; missing for somebody who only watches. */
  readonly seat: number | undefined
  /** Milliseconds that the first round may take; round r may take r + 1 times as long. */
  readonly patience: bigint
  /** Least time that commits attest, the one attested on the parent; missing where they attest none. */
  readonly notBefore: Millis | undefined
}

export type RoundState = {
  /** The own vows, each with the statement it permits; the signature comes later. */
  readonly own: readonly OwnStatement[]
  /** Checked statements of everybody, the own signed ones included. */
  readonly casts: readonly Cast[]
  /** Children that the shell has judged by executing them, in the order in which it did. */
  readonly judged: readonly JudgedChild[]
  readonly round: number
  /** When the round became this certifier's; missing while there is nothing to decide. */
  readonly since: Millis | undefined
}

export type OwnStatement = {
  readonly statement: Statement
  readonly vow: Vow
  readonly isSigned: boolean
}

export type JudgedChild = {
  readonly child: TransitionId
  readonly transition: Transition
  readonly isValid: boolean
}

/** The rules that decide what may be signed. Tests put broken ones in their place; nobody else does. */
export type RoundRules = {
  readonly permits: typeof permits
  /** What a vote of this phase cites that relies on this held quorum. */
  readonly cite: (held: Held | undefined, phase: Phase) => number
}

/** All that stays the same during a run of rounds. */
export type RoundEngine = RoundInstance & RoundRules & { readonly leads: readonly number[] }

/** A final child, with the commits that make it so and the held quorums they rest on, highest round first. */
export type Decision = Held & { readonly chain: readonly Held[] }

export const beginRounds = (): RoundState => ({
  own: [],
  casts: [],
  judged: [],
  round: 0,
  since: undefined,
})

/**
 * The order in which signers lead: by the hash of machine and position, so that nobody leads everywhere, and each step begins
 * with the next one. Round r is led by the signer at r modulo their number. The parent has no part in it (attack: whoever
 * makes a step tries bytes until its id lets an accomplice lead the next one). Who may only help out does not lead.
 */
export const leadsOf = (place: RoundPlace, quorum: Quorum): readonly number[] => {
  const here = bytesFromId(place.machine)
  const seated = new Set(quorum.sets.flatMap((set) => set.seats.map((seat) => seat.signer)))
  const order = [...seated]
    .map((signer) => ({
      signer,
      lot: hash(place.suite, TAGS.lead, concatBytes(here, u32.encode(signer))),
    }))
    .sort((a, b) => compareBytes(a.lot, b.lot))
    .map((one) => one.signer)
  const first = Number(place.sequence % BigInt(order.length))
  return [...order.slice(first), ...order.slice(0, first)]
}

export const leadAt = (engine: RoundEngine, round: number): number | undefined =>
  engine.leads[round % engine.leads.length]

/** The round after the last one that a quorum has ended, but never one below `state.round`. */
export const roundOf = (quorum: Quorum, state: RoundState): number => {
  let round = state.round
  const ended = new Set(state.casts.map((one) => one.statement.round))
  for (const one of ended) {
    if (one >= round && endsOf(quorum, state.casts, one)) round = one + 1
  }
  return Math.min(round, ROUNDS_MAX - 1)
}

/** Held quorums whose citations are all there, the highest round first. */
export const justifiedIn = (quorum: Quorum, casts: readonly Cast[]): readonly Held[] => {
  const held = heldQuorums(quorum, casts)
  return held.filter((one) => chainOf(held, one))
}

/** The child that a quorum has made final, as far as this state shows. */
export const decisionOf = (quorum: Quorum, state: RoundState): Decision | undefined => {
  const committed = committedQuorums(quorum, state.casts)
  if (committed.length === 0) return undefined
  const held = heldQuorums(quorum, state.casts)
  for (const one of committed) {
    const top = held.find((under) => under.child === one.child && under.round === one.round)
    const chain = top && one.cited === one.round + 1 ? chainOf(held, top) : undefined
    if (chain) return { ...one, chain }
  }
  return undefined
}

/** When patience with the present round ends; undefined before there is anything to decide. */
export const patienceEnd = (engine: RoundEngine, state: RoundState): Millis | undefined =>
  state.since === undefined ? undefined : state.since + engine.patience * (BigInt(state.round) + 1n)

type StoredState = {
  readonly own: readonly Omit<OwnStatement, 'vow'>[]
  readonly casts: readonly Omit<Cast, 'child'>[]
  readonly judged: readonly Omit<JudgedChild, 'child'>[]
  readonly round: number
  readonly since: Millis | undefined
}

const storedState: Codec<StoredState> = struct<StoredState>({
  own: list(struct<Omit<OwnStatement, 'vow'>>({ statement, isSigned: flag }), ROUNDS_MAX * 4),
  casts: list(offeredCast, CASTS_MAX),
  judged: list(struct<Omit<JudgedChild, 'child'>>({ transition, isValid: flag }), CHILDREN_MAX),
  round: u32,
  since: optional(u64),
})

/** A state as bytes, for the store of one's own. Signatures in it are not checked again: nobody else writes there. */
export const roundState = (suite: SuiteId): Codec<RoundState> =>
  mapped(
    storedState,
    (stored): RoundState => ({
      ...stored,
      own: stored.own.map((one) => ({ ...one, vow: vowOf(suite, one.statement) })),
      casts: stored.casts.map((one) => ({ ...one, child: childOf(suite, one.statement) })),
      judged: stored.judged.map((one) => ({ ...one, child: transitionId(suite, one.transition) })),
    }),
    (state) => state,
  )
