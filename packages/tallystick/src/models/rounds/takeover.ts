/**
 * Taking over: how an operator that has agreed in rounds on a change of terms accepts it under the new ones.
 *
 * Safety. The acceptance is a vote to commit to the certified child and to no other, and the vows that the operator took in
 * the rounds permit it: it is the operator's own commit, or one in a later round that cites the quorum which held the
 * child. So whatever it held or aborted before, the two never convict it.
 *
 * Liveness. There is such a round but for an operator that has used up all of them.
 */
import { ROUNDS_MAX } from '../../base/limits.ts'
import type { Terms } from '../../kernel/charter.ts'
import { transitionId } from '../../kernel/transition.ts'
import type { Millis } from '../../kernel/verdict.ts'
import { permits, vowOf } from '../../kernel/vow.ts'
import { acceptanceVote } from './acceptance.ts'
import { beginMember, isInPlace, type MemberState, type Takeover } from './member-state.ts'
import { type MemberOptions, seatIn } from './office.ts'
import { modelOf } from './round-model.ts'
import type { AgreedStep, Followed } from './agreed-step.ts'

/**
 * The vote by which a member of the rounds that have brought new terms takes over under them, if it is named there: its own
 * commit where it made one, else one in the first later round that its vows permit, citing the quorum that held the step.
 */
export const takeoverOf = (
  options: MemberOptions,
  state: MemberState,
  next: Terms,
  { transition, certificate }: AgreedStep,
): Takeover | undefined => {
  const { machine } = state.followed
  if (next === machine.terms) return state.takeover
  const model = modelOf(options.rounds, machine.terms)
  const before = model?.quorumIn(machine.terms)
  const follower = modelOf(options.rounds, next)
  if (!model || !before || !follower || seatIn(before.signers, options.publicKey) < 0) {
    return undefined
  }
  const signers = follower.signersIn(next)
  const signer = seatIn(signers, options.publicKey)
  const by = signers[signer]
  const rounds = model.roundsIn(certificate)
  if (!by || !rounds || !isInPlace(state)) return undefined
  const { suite } = machine.terms
  const { own } = state.run.rounds
  const made = own.find(
    ({ statement: of }) =>
      of.is === 'vote' &&
      of.phase === 'commit' &&
      transitionId(suite, of.transition) === transitionId(suite, transition),
  )?.statement
  if (made?.is === 'vote') {
    const { round, cited, time } = made
    return { transition, acceptance: { signer, round, cited, time }, by, signature: undefined }
  }
  const heldAt = rounds.round
  const permission = { released: new Set<number>(), heldAt }
  const time = latestOf(rounds.commits)
  for (let round = heldAt; round < ROUNDS_MAX; round++) {
    const place = { round, cited: heldAt + 1, time }
    const vow = vowOf(suite, acceptanceVote(transition, place))
    const taken = own.map((one) => one.vow)
    if (!permits(taken, vow, permission)) continue
    return { transition, acceptance: { ...place, signer }, by, signature: undefined }
  }
  return undefined
}

/**
 * A certifier that was in no rounds about the step which names it, and begins there: it accepts by a first vote in round 0, which
 * no vow of its own can contradict as it never signs at that place again. Undefined where the terms do not name it.
 */
export const beginSuccessor = (
  options: Pick<MemberOptions, 'rounds' | 'publicKey'>,
  followed: Followed,
  now: Millis,
): MemberState | undefined => {
  const { machine, newest } = followed
  const follower = modelOf(options.rounds, machine.terms)
  const before = newest && modelOf(options.rounds, newest.terms)
  const signers = follower?.signersIn(machine.terms) ?? []
  const signer = seatIn(signers, options.publicKey)
  const by = signers[signer]
  if (!newest || !by) return undefined
  const rounds = before?.roundsIn(newest.step.certificate)
  const latest = rounds ? latestOf(rounds.commits) : (followed.since ?? 0n)
  const time = now > latest ? now : latest
  const { transition } = newest.step
  const acceptance = { signer, round: 0, cited: 0, time }
  const takeover: Takeover = { transition, acceptance, by, signature: undefined }
  return { ...beginMember(machine), followed, takeover, attested: time }
}

/** No clock is needed to take over: it was not before the latest commit that is shown. */
const latestOf = (commits: readonly { readonly time: Millis }[]): Millis =>
  commits.reduce((latest, one) => (one.time > latest ? one.time : latest), 0n)
