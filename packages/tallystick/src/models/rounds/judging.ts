/**
 * Whether a certifier takes a candidate: does it follow, does its claimed time agree with the clock here, is there room for it?
 *
 * Promise. What depends on the own clock is asked once, when a candidate is first taken in. A child that a quorum has held is
 * taken whatever the clock says by now: somebody honest has found its time right, and others must be able to join in a
 * later round. Whoever signs for a step attests no time before the one that the step claims, less the skew, so a
 * commit and its step contradict one another only where somebody lied (`models/custodians/evidence.ts`).
 *
 * Room is given by who stands behind a candidate and by the order of arrival, never by its bytes (attack: an author tries a
 * hundred thousand spellings until one comes first).
 */
import { Fault, faultFrom, isFault } from '../../base/fault.ts'
import {
  CANDIDATES_OF_STRANGERS_MAX,
  CANDIDATES_PER_PARTY_MAX,
  MEMBER_CANDIDATES_KEPT_MAX,
} from '../../base/limits.ts'
import { heldQuorums } from '../../kernel/cast.ts'
import { checkClaims, claimsOf, type Claiming } from '../../kernel/claim.ts'
import type { Machine } from '../../kernel/execute.ts'
import type { Millis } from '../../kernel/verdict.ts'
import { backerOf, type Candidate, tryCandidate } from './candidate.ts'
import type { MemberState } from './member-state.ts'
import type { MemberOptions, Office } from './office.ts'

/** A child that was judged: what it follows to, and the time that whoever signs for it attests at least. */
export type Judged = { readonly after: Machine; readonly attested: Millis }

/** Judges a candidate at the head. Returns a fault of `tryCandidate`, or `claim/off-clock`. */
export const judgeCandidate = (
  options: MemberOptions,
  state: MemberState,
  office: Office,
  of: { readonly candidate: Candidate; readonly now: Millis },
): Judged | Fault => {
  const { machine } = state.followed
  const after = tryCandidate(options, machine, of.candidate)
  if (isFault(after)) return after
  const claiming: Claiming = {
    interaction: of.candidate.interaction,
    machines: new Map([[machine.id, machine]]),
    logics: options.logics,
  }
  const place = { machine: machine.id, step: after.head.sequence }
  const isHeld = heldQuorums(office.instance.quorum, state.run.rounds.casts).some(
    (one) => one.child === after.headId,
  )
  const off = isHeld ? undefined : checkClaims(claiming, of.now)
  if (off) return off.at(place)
  const claims = faultFrom(() => claimsOf(claiming))
  if (isFault(claims)) return claims.at(place)
  const least = claims.map(({ at, skewMs }) => at - BigInt(skewMs))
  return { after, attested: least.reduce((a, b) => (a > b ? a : b), state.attested) }
}

/** `candidate/too-many` where whoever stands behind a candidate has enough of them here already. */
export const checkRoom = (
  options: MemberOptions,
  { followed: { machine }, run: { candidates } }: MemberState,
  candidate: Candidate,
): Fault | undefined => {
  const backer = backerOf(options, machine, candidate)
  const backers = candidates.map((one) => backerOf(options, machine, one))
  const own = backers.filter((one) => one?.name === backer?.name).length
  const strangers = backers.filter((one) => one?.isParticipant === false).length
  const place = { machine: machine.id, step: machine.head.sequence + 1n }
  if (own >= CANDIDATES_PER_PARTY_MAX || candidates.length >= MEMBER_CANDIDATES_KEPT_MAX) {
    return new Fault('candidate/too-many', `${own} of one party`, place)
  }
  if (backer?.isParticipant === false && strangers >= CANDIDATES_OF_STRANGERS_MAX) {
    return new Fault('candidate/too-many', `${strangers} of no participant`, place)
  }
  return undefined
}
