/**
 * The certificate of KRAMA: signatures of guardians under a root of tesseracts, the way from the tesseract to the root, and the siblings
 * of the transition in its tesseract.
 *
 * Safety, with one guardian. An honest guardian vows one child for each parent, durably, before it signs a root that the child
 * is below (`guardian.ts`). So no second child of the same parent gets its signature, whatever arrives in which order. Who
 * signs two is convicted by them (`evidence.ts`), by anybody, offline. One guardian that lies can fork whatever it certifies, and
 * the verdict says so: `undo` names it alone. With several, any two quorums share more than f in each set, and the same
 * argument holds for the honest one among them.
 *
 * All legs or none: what is signed is the tesseract, so a certificate for one leg is one for all of them.
 *
 * Liveness, with one guardian. It signs whatever it has executed, in the order that it chose, and waits for nobody. While it is
 * silent nothing is certified. With several, two that vow for different children of one parent block each other; that is why
 * a policy of several is not admitted before there are rounds (`policy.ts`).
 *
 * The time is what the guardians attest: the median would be of one. It is never told as earlier than that of the step before.
 *
 * Its wire form is in `seal.ts`.
 */
import { type Codec, mapped, optional, struct, u64 } from '../../base/codec.ts'
import { isFault } from '../../base/fault.ts'
import type { Attestation, Judgement, Model } from '../../kernel/model.ts'
import { commitVote } from '../../kernel/statement.ts'
import type { Millis, Verdict } from '../../kernel/verdict.ts'
import { type Since, verdictOf } from '../rounds/finality.ts'
import { convictGuardian } from './evidence.ts'
import { admitKrama, KRAMA, type KramaPolicy, kramaPolicy, quorumOf } from './policy.ts'
import { checkSeal, type KramaCertificate, kramaCertificate } from './seal.ts'

export type KramaAnchor = Since

const anchor: Codec<KramaAnchor> = mapped(
  struct<{ readonly since: Millis | undefined }>({ since: optional(u64) }),
  ({ since }): KramaAnchor => (since === undefined ? {} : { since }),
  ({ since }) => ({ since }),
)

export type KramaJudgement = Judgement<KramaPolicy, KramaCertificate, KramaAnchor>

export const krama: Model<KramaPolicy, KramaCertificate, KramaAnchor> = {
  kind: KRAMA,
  promises: { covers: 'legs', clock: 'attested', impliesConsentOf: 'none' },
  policy: kramaPolicy,
  certificate: kramaCertificate,
  anchor,
  admit: admitKrama,
  begin: () => ({}),
  judge: (judged) => judge(judged),
  attestations: (judged) => attestations(judged),
  convict: convictGuardian,
}

const judge = (judged: KramaJudgement): Verdict<KramaAnchor> => {
  const { certificate, policy, transition } = judged
  const signed = checkSeal({ ...judged, verifier: judged.known.verifier })
  if (isFault(signed)) {
    const place = { machine: transition.machine, step: transition.sequence }
    return { is: 'refused', fault: signed.at(place) }
  }
  const votes = certificate.signatures.map(({ guardian }) => ({
    signer: guardian,
    time: certificate.time,
  }))
  const verdict = verdictOf(quorumOf(policy), judged.anchor, votes)
  // A cluster has decided only where none of its guardians could have done so alone.
  return verdict.is === 'final' && policy.sets.every((one) => one.faulty > 0)
    ? { ...verdict, finality: { ...verdict.finality, grade: 'certified' } }
    : verdict
}

/**
 * What the seal says of this transition, as a statement of the kernel. The signature is over the seal and not over that
 * statement alone, so two of them convict by this model's evidence, not by the kernel's.
 */
const attestations = (judged: KramaJudgement): readonly Attestation[] => {
  const signed = checkSeal({ ...judged, verifier: judged.known.verifier })
  if (isFault(signed)) return []
  const statement = { ...commitVote(judged.transition, 0), time: judged.certificate.time }
  return signed.flatMap(({ guardian, signature }) => {
    const by = judged.policy.guardians[guardian]
    return by ? [{ ...by, statement, signature }] : []
  })
}
