/**
 * Freezing: what operators do about an owner who has signed two children.
 *
 * The rule. An operator that holds evidence against a key gives no new vow to that key, on any machine (`operator/frozen`),
 * and hands the evidence to whoever asks. What it has vowed for stays vowed for, and a repeat is answered as before: taking
 * a receipt back would harm those who rely on it and nobody else.
 *
 * Safety. Evidence convicts nobody who keeps its vows, so no honest owner is frozen, whatever others submit in its name.
 * An owner who signs two children of one parent stalls itself: freezing is no agreement, and operators that have not seen
 * the evidence yet go on serving.
 */
import type { SignerId } from '../../base/brand.ts'
import { Fault, isFault } from '../../base/fault.ts'
import type { Verifier } from '../../base/verifier.ts'
import type { Charter } from '../../kernel/charter.ts'
import { signerOf } from '../../kernel/controller.ts'
import { convict, type Evidence } from '../../kernel/evidence.ts'
import { ownerVote } from './owner.ts'
import { ownerKey, type Submission } from './submission.ts'

/** The id under which a freeze of a machine's owner stands; missing where nobody can propose alone. */
export const ownerSigner = (charter: Pick<Charter, 'terms'>): SignerId | undefined => {
  const key = ownerKey(charter)
  return key && signerOf(charter.terms.suite, key)
}

/** `operator/frozen` where the owner's key has been convicted. `isConvicted` looks among the evidence that is held. */
export const frozenFault = (
  charter: Pick<Charter, 'terms'>,
  isConvicted: (signer: SignerId) => boolean,
): Fault | undefined => {
  const signer = ownerSigner(charter)
  return signer !== undefined && isConvicted(signer)
    ? new Fault(
        'operator/frozen',
        'the owner has signed two children; it gets no further receipt',
        {
          party: signer,
        },
      )
    : undefined
}

/**
 * The evidence that two submissions of one machine are against their owner, if they are any: two children at one number,
 * both signed by the owner. Checks both signatures, so that nobody is accused by what a stranger sends.
 */
export const forkBetween = (
  charter: Pick<Charter, 'terms'>,
  [first, second]: readonly [SubmittedChild, SubmittedChild],
  verifier: Verifier,
): Evidence | undefined => {
  const key = ownerKey(charter)
  if (!key) return undefined
  const { scheme, publicKey } = key
  const evidence: Evidence = {
    suite: charter.terms.suite,
    scheme,
    publicKey,
    first: { statement: ownerVote(first.transition), signature: first.proposal },
    second: { statement: ownerVote(second.transition), signature: second.proposal },
  }
  return isFault(convict(evidence, verifier)) ? undefined : evidence
}

export type SubmittedChild = Pick<Submission, 'transition' | 'proposal'>
