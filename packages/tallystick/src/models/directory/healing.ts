/**
 * Healing: what an operator may sign again after it has lost vows, once it has asked the others.
 *
 * Such an operator knows that it has signed more than it remembers, and not what. If the very entries come back, which the guard's
 * chain tells, nothing has happened. Else it must not sign at any place where it may have signed before: whoever holds the forgotten
 * receipt would have two children of one parent, evidence against an operator that never meant to lie, and one more liar
 * than the policy reckons with.
 *
 * Two rules make those places few.
 *
 * 1. *Ahead.* An operator takes no vow for a step that is more than `ahead` numbers above the newest certified step of the machine
 *    that it was shown. So its forgotten vows lie at most that far above a step that was certified when it forgot.
 * 2. *Floor.* The healed operator asks the others how far each machine has got. It vows for no number up to `ahead` above the highest
 *    that anybody shows, unless the others gave the vow itself back.
 *
 * Safety. Let c be the newest certified step that the operator was shown before its loss. Its vows lie at c + ahead or below. The
 * certificate of c has k signers, at least k − 1 of them others, of whom at most f lie. If n − k + f + 1 of the others answer, at
 * most k − f − 2 are missing, so one honest signer of c has answered, and it shows c or more. So the floor is at c + ahead or
 * above, for every machine, also for one that the operator does not remember, and whatever owners have handed to it alone. It
 * holds for the operators of the machine's terms; on a machine whose terms were changed since the operator remembers, nothing
 * new is signed.
 *
 * A vow that is in no certificate may be lost for good, its receipt with it; its owner has the others' receipts, or submits
 * again. A receipt in a certificate is the operator's own signature, so it proves the vow and its time, and is given again.
 *
 * On shared machines rule 1 holds by itself: an operator votes on the number above the newest certified step and nowhere else, so
 * it is silent on one number (`SHARED_AHEAD`). Key logs have no certified step that operators are shown, and so no floor: a
 * healed operator gives no receipt for an event that it does not have.
 *
 * Its log is over. Checkpoints say that one list of entries begins another, and it cannot know in which order the lost
 * ones stood; it signs none above the part that it had. Clients find that it withholds, which is true, and nobody convicts it.
 *
 * Liveness. Owners lose one operator of n for so many numbers; k others certify. Liars among the others can raise floors and keep
 * the operator silent, and no more.
 */
import { equalBytes } from '../../base/bytes.ts'
import { type Codec, flag, list, struct, u64 } from '../../base/codec.ts'
import { Fault } from '../../base/fault.ts'
import { PARTICIPANTS_MAX } from '../../base/limits.ts'
import { type SignerKey, signerKey } from '../../base/signer.ts'
import type { Transition } from '../../kernel/transition.ts'
import type { DirectoryPolicy } from './policy.ts'

/** How far ahead of a certified step votes on shared machines are. */
export const SHARED_AHEAD = 1n

/** What is kept of a healing. */
export type Healed = {
  /** Other operators that have shown all they have. */
  readonly answered: readonly SignerKey[]
  /** How far ahead vows may have been taken before the loss; the largest value where that is not known. */
  readonly ahead: bigint
  /** Entries of the log that were there: checkpoints go no further. */
  readonly logSize: bigint
  /** Whether all entries came back, and only what lies beside them may be missing: votes on shared machines, key logs. */
  readonly isWhole: boolean
}

export const healed: Codec<Healed> = struct<Healed>({
  answered: list(signerKey, PARTICIPANTS_MAX),
  ahead: u64,
  logSize: u64,
  isWhole: flag,
})

/** How many of the others have to answer for machines under a policy; more than there are if nothing is enough. */
export const peersNeeded = ({ operators, threshold, faulty }: DirectoryPolicy): number =>
  operators.length - threshold + faulty + 1

/** Whether enough of the others that a policy names have answered. `self` is the operator that has healed. */
export const isEnoughForHealing = (
  policy: DirectoryPolicy,
  self: SignerKey,
  answered: readonly SignerKey[],
): boolean => {
  const others = policy.operators.filter((one) => !isSameKey(one, self))
  const heard = others.filter((one) => answered.some((key) => isSameKey(key, one)))
  return heard.length >= peersNeeded(policy)
}

const isSameKey = (a: SignerKey, b: SignerKey): boolean =>
  a.scheme === b.scheme && equalBytes(a.publicKey, b.publicKey)

type Place = Pick<Transition, 'machine' | 'sequence'>

/** Rule 1. `operator/too-far-ahead` above what may be vowed for; `certified` is the newest certified step that was shown. */
export const aheadFault = (
  { machine, sequence }: Place,
  certified: bigint,
  ahead: bigint,
): Fault | undefined =>
  sequence <= certified + ahead
    ? undefined
    : new Fault(
        'operator/too-far-ahead',
        `step ${sequence}, where ${certified} is the newest that is known to be certified`,
        { machine, step: sequence },
      )

/**
 * Rule 2, for a step that the operator has no vow for. `operator/healing` where it may have forgotten one. `floor` is the highest
 * number that anybody showed, 0 where nobody showed any, and missing where that is not known.
 */
export const healingFault = (
  { machine, sequence }: Place,
  floor: bigint | undefined,
  ahead: bigint,
): Fault | undefined =>
  floor !== undefined && sequence > floor + ahead
    ? undefined
    : new Fault(
        'operator/healing',
        `the operator has lost vows, and may have signed for step ${sequence} before`,
        { machine, step: sequence },
      )
