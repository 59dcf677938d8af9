/**
 * Quorums: whose signatures together are enough, and the one place where signers are counted.
 *
 * Promise. A signer counts once in each set, however often and in whatever encoding its signature is offered (attack:
 * the same voter counted twice). A quorum is a list of sets that must *all* be reached: a cluster of certifiers is one
 * set; the parties of a relationship are one set each; guardians of several participants are one set per participant.
 *
 * Safety. `checkQuorum` admits only quorums of which any two share, in every set, a weight of more than f: 2k − n > f.
 * So of two conflicting certificates each set has a signer of both who is not among its f faulty, and such a signer
 * signs one of them only.
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
}

/** Whether these signers, each counted once, are enough in every set. */
export const reachesQuorum = (of: Quorum, signers: Iterable<number>): boolean => {
  const distinct = new Set(signers)
  return of.sets.every((one) => weightOf(one.seats, distinct) >= one.threshold)
}

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
    const weak = checkSet(set, checked.signers.length)
    if (weak) return weak
  }
  return undefined
}

/** The least weight that any two quorums of a set have in common: 2k − n; not positive if they may have nothing. */
export const overlapOf = (set: QuorumSet): bigint =>
  2n * BigInt(set.threshold) - set.seats.reduce((sum, seat) => sum + BigInt(seat.weight), 0n)

/**
 * How many of the named would have to sign twice before a second child could be final as well. Every set needs its own
 * overlap of liars; where one signer sits in several sets, the largest of the counts is a safe lower bound.
 */
export const undoOf = (of: Quorum): Finality['undo'] => {
  const liars = of.sets.map(liarsNeeded)
  const seats = of.sets.flatMap((set) => set.seats.map((seat) => seat.signer))
  const isDisjoint = new Set(seats).size === seats.length
  return {
    atLeast: isDisjoint ? liars.reduce((sum, one) => sum + one, 0) : Math.max(0, ...liars),
    of: of.signers.map((one) => one.name),
  }
}

/** Names of those who could still help to reach the sets that these signers do not reach. */
export const missingFrom = (of: Quorum, signers: Iterable<number>): readonly string[] => {
  const distinct = new Set(signers)
  const missing = new Set<number>()
  for (const set of of.sets) {
    if (weightOf(set.seats, distinct) >= set.threshold) continue
    for (const seat of set.seats) if (!distinct.has(seat.signer)) missing.add(seat.signer)
  }
  return of.signers.filter((_, signer) => missing.has(signer)).map((one) => one.name)
}

const liarsNeeded = (set: QuorumSet): number => {
  let open = overlapOf(set)
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
  const total = set.seats.reduce((sum, seat) => sum + BigInt(seat.weight), 0n)
  if (set.threshold === 0 || total < BigInt(set.threshold)) {
    return new Fault('quorum/out-of-reach', `${total} of weight where ${set.threshold} is needed`)
  }
  if (overlapOf(set) <= BigInt(set.faulty)) {
    const bounds = `n ${total}, k ${set.threshold}, f ${set.faulty}`
    return new Fault('quorum/too-weak', `two quorums may share none but liars: ${bounds}`)
  }
  return undefined
}
