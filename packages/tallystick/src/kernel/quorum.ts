/**
 * Quorums: whose signatures together are enough, and the one place where signers are counted.
 *
 * Promise. A signer counts once in each set, however often and in whatever encoding its signature is offered (attack:
 * the same voter counted twice). A quorum is a list of sets that must *all* be reached: a cluster of certifiers is one
 * set; the parties of a relationship are one set each; guardians of several participants are one set per participant.
 * It may name a second list of sets that do `instead`, for when too many of the first are silent.
 *
 * Safety. `checkQuorum` admits only quorums of which any two share, in every set, a weight of more than f: 2k − n > f.
 * So of two conflicting certificates each set has a signer of both who is not among its f faulty, and such a signer
 * signs one of them only. Where sets do instead, any two quorums, of whichever list, share more than f in some set whose
 * seats are the same in both: k + k' − n > f. That is why those who stand in cannot do without the first ones altogether: if
 * they could, the silent ones might have agreed on something else, or still do.
 *
 * Not promised. That a quorum can be reached: for that, n − k of a set may be silent, no more.
 */
import { Fault } from '../base/fault.ts'
import { signerId } from '../base/signer.ts'
import { type SchemeId, type SuiteId, suiteTakes } from '../base/suite.ts'
import type { Verifier } from '../base/verifier.ts'
import type { Finality } from './verdict.ts'

export type QuorumSigner = {
  /** What the policy calls the signer; for people. */
  readonly name: string
  readonly scheme: SchemeId
  readonly publicKey: Uint8Array
}

/** A signer's place in a set: its position in the list of signers, and what its signature weighs there. */
export type Seat = { readonly signer: number; readonly weight: number }

export type QuorumSet = {
  readonly seats: readonly Seat[]
  /** k: the weight that is enough. */
  readonly threshold: number
  /** f: the weight that may lie without harm. */
  readonly faulty: number
}

export type Quorum = {
  readonly signers: readonly QuorumSigner[]
  readonly sets: readonly QuorumSet[]
  /** Sets that are enough as well. */
  readonly instead?: readonly QuorumSet[]
}

/** Whether these signers, each counted once, are enough in every set, or in every one that does instead. */
export const reachesQuorum = (of: Quorum, signers: Iterable<number>): boolean => {
  const distinct = new Set(signers)
  return (
    reachesAll(of.sets, distinct) || (of.instead !== undefined && reachesAll(of.instead, distinct))
  )
}

const reachesAll = (sets: readonly QuorumSet[], distinct: ReadonlySet<number>): boolean =>
  sets.every((one) => weightOf(one.seats, distinct) >= one.threshold)

/** The weight that distinct signers have in a set. Everything that counts signatures counts them here. */
export const weightOf = (seats: readonly Seat[], signers: Iterable<number>): number => {
  const distinct = new Set(signers)
  let weight = 0
  for (const seat of seats) if (distinct.delete(seat.signer)) weight += seat.weight
  return weight
}

/** A quorum of one set in which everybody weighs the same. */
export const evenQuorum = (
  signers: readonly QuorumSigner[],
  bounds: { readonly threshold: number; readonly faulty: number },
): Quorum => ({
  signers,
  sets: [{ seats: signers.map((_, signer) => ({ signer, weight: 1 })), ...bounds }],
})

/**
 * Checks a quorum once, when terms are admitted. Returns `quorum/no-signers`, `quorum/wrong-scheme`,
 * `quorum/bad-key`, `quorum/duplicate-signer`, `quorum/unknown-signer`, `quorum/out-of-reach` or `quorum/too-weak`.
 */
export const checkQuorum = (
  suite: SuiteId,
  checked: Quorum,
  verifier: Verifier,
): Fault | undefined => {
  if (checked.signers.length === 0 || checked.sets.length === 0) {
    return new Fault('quorum/no-signers', 'a quorum without signers would be reached by nobody')
  }
  const fault = checkSigners(suite, checked.signers, verifier)
  if (fault) return fault
  for (const set of checked.sets) {
    const weak = checkSet(set, checked.signers.length) ?? checkOverlap(set)
    if (weak) return weak
  }
  return checkInstead(checked)
}

/** Each of the sets that do instead can be reached, and any two quorums share more than liars. */
const checkInstead = ({ signers, sets, instead }: Quorum): Fault | undefined => {
  if (!instead) return undefined
  for (const set of instead) {
    const fault = checkSet(set, signers.length)
    if (fault) return fault
  }
  for (const first of [sets, instead]) {
    if (shareMoreThanLiars(first, instead)) continue
    return new Fault('quorum/too-weak', 'those who do instead may agree on something else')
  }
  return undefined
}

const shareMoreThanLiars = (first: readonly QuorumSet[], second: readonly QuorumSet[]): boolean =>
  first.some((a) =>
    second.some((b) => isSameSeats(a, b) && sharedBy(a, b) > BigInt(Math.max(a.faulty, b.faulty))),
  )

const isSameSeats = (a: QuorumSet, b: QuorumSet): boolean =>
  a.seats.length === b.seats.length &&
  a.seats.every((seat, at) => {
    const other = b.seats[at]
    return other?.signer === seat.signer && other.weight === seat.weight
  })

/** The least weight that a quorum of each of two sets with the same seats have in common. */
const sharedBy = (a: QuorumSet, b: QuorumSet): bigint =>
  BigInt(a.threshold) + BigInt(b.threshold) - totalOf(a)

const totalOf = ({ seats }: QuorumSet): bigint =>
  seats.reduce((sum, seat) => sum + BigInt(seat.weight), 0n)

/** The least weight that any two quorums of a set have in common: 2k − n; not positive if they may have nothing. */
export const overlapOf = (set: QuorumSet): bigint => sharedBy(set, set)

/**
 * How many of the named would have to sign twice before a second child could be final as well. Every set needs its own
 * overlap of liars; where one signer sits in several sets, the largest of the counts is a safe lower bound. Where sets do
 * instead, the least of any two lists counts.
 */
export const undoOf = (of: Quorum): Finality['undo'] => {
  const known = undoes.get(of)
  if (known !== undefined) return known
  const made = undoFrom(of)
  undoes.set(of, made)
  return made
}

/** Made once for each object, which never changes. */
const undoes = new WeakMap<Quorum, Finality['undo']>()

const undoFrom = (of: Quorum): Finality['undo'] => {
  const { sets, instead = sets } = of
  const counts = [
    [sets, sets],
    [sets, instead],
    [instead, instead],
  ].map(([first = [], second = []]) => liarsBetween(first, second))
  return { atLeast: Math.min(...counts), of: of.signers.map((one) => one.name) }
}

const liarsBetween = (first: readonly QuorumSet[], second: readonly QuorumSet[]): number => {
  const pairs = first.flatMap((a) =>
    second.filter((b) => isSameSeats(a, b)).map((b) => [a, b] as const),
  )
  const liars = pairs.map(([a, b]) => liarsNeeded(a, sharedBy(a, b)))
  const seats = pairs.flatMap(([a]) => a.seats.map((seat) => seat.signer))
  const isDisjoint = new Set(seats).size === seats.length
  return isDisjoint ? liars.reduce((sum, one) => sum + one, 0) : Math.max(0, ...liars)
}

/** Names of those who could still help to reach the sets that these signers do not reach; nobody if they are enough. */
export const missingFrom = (of: Quorum, signers: Iterable<number>): readonly string[] => {
  const distinct = new Set(signers)
  if (reachesQuorum(of, distinct)) return []
  const missing = new Set<number>()
  for (const set of of.sets) {
    if (weightOf(set.seats, distinct) >= set.threshold) continue
    for (const seat of set.seats) if (!distinct.has(seat.signer)) missing.add(seat.signer)
  }
  return of.signers.filter((_, signer) => missing.has(signer)).map((one) => one.name)
}

const liarsNeeded = (set: QuorumSet, overlap: bigint): number => {
  let open = overlap
  let count = 0
  for (const seat of [...set.seats].sort((a, b) => b.weight - a.weight)) {
    if (open <= 0n) break
    open -= BigInt(seat.weight)
    count += 1
  }
  return count
}

const checkSigners = (
  suite: SuiteId,
  signers: readonly QuorumSigner[],
  verifier: Verifier,
): Fault | undefined => {
  const seen = new Set<string>()
  for (const one of signers) {
    const place = { party: one.name }
    if (!suiteTakes(suite, one.scheme, 'step')) {
      return new Fault('quorum/wrong-scheme', `suite ${suite} does not take ${one.scheme}`, place)
    }
    if (!verifier.acceptsKey(one.scheme, one.publicKey)) {
      return new Fault('quorum/bad-key', `not a valid ${one.scheme} key`, place)
    }
    const id = signerId(suite, one.scheme, one.publicKey)
    if (seen.has(id)) return new Fault('quorum/duplicate-signer', `key ${id} sits twice`, place)
    seen.add(id)
  }
  return undefined
}

const checkSet = (set: QuorumSet, signers: number): Fault | undefined => {
  const seated = new Set(set.seats.map((seat) => seat.signer))
  if (seated.size !== set.seats.length) {
    return new Fault('quorum/duplicate-signer', 'a signer has two seats in one set')
  }
  const unknown = set.seats.find((seat) => seat.signer >= signers)
  if (unknown) return new Fault('quorum/unknown-signer', `seat of signer ${unknown.signer}`)
  const total = totalOf(set)
  if (set.threshold === 0 || total < BigInt(set.threshold)) {
    return new Fault('quorum/out-of-reach', `${total} of weight where ${set.threshold} is needed`)
  }
  return undefined
}

const checkOverlap = (set: QuorumSet): Fault | undefined => {
  if (overlapOf(set) > BigInt(set.faulty)) return undefined
  const bounds = `n ${totalOf(set)}, k ${set.threshold}, f ${set.faulty}`
  return new Fault('quorum/too-weak', `two quorums may share none but liars: ${bounds}`)
}
