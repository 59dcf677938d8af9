/**
 * Casts: statements of a quorum's signers, checked, and what they add up to.
 *
 * Promise. A cast exists only with a signature that has been verified. Sums count each signer once, through `quorum.ts`,
 * and count together only votes that say the same: same child, round, phase and citation.
 *
 * Safety. A held quorum stands on the one it cites: `chainOf` follows the citations down to one that cites nothing. Who
 * relies on a held quorum without its chain could be told that a lock was opened which never was; and two final children
 * without chains would leave nobody to convict (linera's justification chain, CometBFT's amnesia).
 */
import type { MachineId, TransitionId } from '../base/brand.ts'
import { bytes, type Codec, struct, u32 } from '../base/codec.ts'
import { Fault } from '../base/fault.ts'
import { ROUNDS_MAX, SIGNATURE_BYTES_MAX } from '../base/limits.ts'
import type { SuiteId } from '../base/suite.ts'
import type { Verifier } from '../base/verifier.ts'
import { type Quorum, reachesQuorum } from './quorum.ts'
import { type Phase, positionOf, type Statement, statement, statementDigest } from './statement.ts'
import { type Transition, transitionId } from './transition.ts'

/** A signed statement as it travels: by the position of its signer, not yet checked. */
export type OfferedCast = {
  readonly signer: number
  readonly statement: Statement
  readonly signature: Uint8Array
}

export type Cast = OfferedCast & {
  /** Id of the child voted for; missing for an abort. */
  readonly child: TransitionId | undefined
}

/** The parent under which a child is sought, and the suite that its machine signs in. */
export type RoundPlace = {
  readonly suite: SuiteId
  readonly machine: MachineId
  readonly parent: TransitionId
  /** Sequence number of the child. */
  readonly sequence: bigint
}

/** A quorum that held one child in one round on one citation. */
export type Held = {
  readonly child: TransitionId
  readonly transition: Transition
  readonly round: number
  readonly cited: number
  readonly casts: readonly Cast[]
}

export const offeredCast: Codec<OfferedCast> = struct<OfferedCast>({
  signer: u32,
  statement,
  signature: bytes(SIGNATURE_BYTES_MAX),
})

/**
 * Checks a signed statement, cheap before dear. Returns `cast/other-place`, `cast/unknown-signer`,
 * `cast/round-too-high` or `cast/bad-signature`.
 */
export const castFrom = (
  place: RoundPlace,
  quorum: Quorum,
  offered: OfferedCast,
  verifier: Verifier,
): Cast | Fault => {
  const at = positionOf(offered.statement)
  if (
    at.machine !== place.machine ||
    at.parent !== place.parent ||
    at.sequence !== place.sequence
  ) {
    return new Fault('cast/other-place', `about step ${at.sequence} of ${at.machine}`)
  }
  const signer = quorum.signers[offered.signer]
  if (!signer) return new Fault('cast/unknown-signer', `there is no signer ${offered.signer}`)
  const where = { machine: place.machine, step: place.sequence, party: signer.name }
  if (offered.statement.round >= ROUNDS_MAX) {
    return new Fault('cast/round-too-high', `round ${offered.statement.round}`, where)
  }
  const digest = statementDigest(place.suite, offered.statement)
  if (!verifier.verify(signer.scheme, signer.publicKey, digest, offered.signature)) {
    return new Fault('cast/bad-signature', 'not signed by the signer it names', where)
  }
  return { ...offered, child: childOf(place.suite, offered.statement) }
}

export const childOf = (suite: SuiteId, of: Statement): TransitionId | undefined =>
  of.is === 'vote' ? transitionId(suite, of.transition) : undefined

export const isVote = (of: Cast, phase: Phase): boolean =>
  of.statement.is === 'vote' && of.statement.phase === phase

/** Whether two casts say the same by the same signer; the attested time may differ. */
export const sameCast = (a: Cast, b: Cast): boolean =>
  a.signer === b.signer && kindOf(a) === kindOf(b)

/** Every held quorum, the highest round first. */
export const heldQuorums = (quorum: Quorum, casts: readonly Cast[]): readonly Held[] =>
  groupsOf(casts.filter((one) => isVote(one, 'hold')))
    .flatMap((group) => heldFrom(quorum, group))
    .sort((a, b) => b.round - a.round)

/** Every child that a quorum has committed to: at most one, unless more than the faulty bound lied. */
export const committedQuorums = (quorum: Quorum, casts: readonly Cast[]): readonly Held[] =>
  groupsOf(casts.filter((one) => isVote(one, 'commit'))).flatMap((group) => heldFrom(quorum, group))

/** A held quorum and those it rests on, highest round first; undefined while one is missing. */
export const chainOf = (known: readonly Held[], top: Held): readonly Held[] | undefined => {
  const chain = [top]
  let link = top
  while (link.cited > 0) {
    const { child, cited, round } = link
    const below = known.find((one) => one.child === child && one.round === cited - 1)
    // A citation of the own round or a later one would go in circles.
    if (!below || below.round >= round) return undefined
    chain.push(below)
    link = below
  }
  return chain
}

/** The casts by which signers have ended a round, by a commit or an abort; undefined until they are a quorum. */
export const endsOf = (
  quorum: Quorum,
  casts: readonly Cast[],
  round: number,
): readonly Cast[] | undefined => {
  const ends = casts.filter(
    (one) => one.statement.round === round && (!one.child || isVote(one, 'commit')),
  )
  return reaches(quorum, ends) ? ends : undefined
}

export const reaches = (quorum: Quorum, casts: readonly Cast[]): boolean =>
  reachesQuorum(
    quorum,
    casts.map((one) => one.signer),
  )

const heldFrom = (quorum: Quorum, group: readonly Cast[]): readonly Held[] => {
  const [first] = group
  if (first?.statement.is !== 'vote' || !first.child || !reaches(quorum, group)) return []
  const { transition, round, cited } = first.statement
  return [{ child: first.child, transition, round, cited, casts: group }]
}

/** Casts that say the same, by different signers. */
const groupsOf = (casts: readonly Cast[]): readonly (readonly Cast[])[] => [
  ...Map.groupBy(casts, kindOf).values(),
]

const kindOf = ({ statement: of, child }: Cast): string =>
  of.is === 'abort' ? `abort ${of.round}` : `${of.phase} ${of.round} ${of.cited} ${child}`
