/**
 * The custodians' certificate: a quorum's commits, the held quorums they rest on, and the time that the signers attest.
 *
 * Safety. `kernel/round.ts` argues that no two children of one parent become final with at most f liars, and
 * `kernel/round-certificate.ts` who is convicted if they do. No clock and no order of messages matters for that.
 *
 * A certificate covers all steps up to its own (*prefix*): an honest custodian votes only below the newest certified step that
 * it knows, so a quorum for a step has a signer that has seen each step before it certified. What is covered by a later
 * certificate alone convicts nobody by itself: two branches with certificates at different heights are a contradiction, and
 * the certificates of the height where they part say whose. So custodians and watchers keep every certificate.
 *
 * *Acceptances* are of custodians who take over with a step that changes the terms (`models/rounds/acceptance.ts`).
 *
 * | wire | |
 * |---|---|
 * | u8 0, rounds | a certificate of rounds (`kernel/round-certificate.ts`) |
 * | u8 1, acceptances | list of signer u8, round u32, cited u32, time u64, signature; ascending by signer |
 */
import { type Codec, literal, struct, union } from '../../base/codec.ts'
import { Fault, isFault } from '../../base/fault.ts'
import { castFrom } from '../../kernel/cast.ts'
import type { Attestation, Judgement, Model } from '../../kernel/model.ts'
import {
  checkRounds,
  type RoundCertificate,
  roundCertificate,
  type RoundJudgement,
} from '../../kernel/round-certificate.ts'
import type { Verdict } from '../../kernel/verdict.ts'
import { type Acceptance, acceptances, acceptanceVote, firstOfEach } from '../rounds/acceptance.ts'
import { since, type Since, verdictOf } from '../rounds/finality.ts'
import { convictCustodian } from './evidence.ts'
import {
  admitCustodians,
  type CustodianPolicy,
  custodianPolicy,
  CUSTODIANS,
  quorumOf,
} from './policy.ts'

export type CustodianCertificate =
  | { readonly is: 'rounds'; readonly rounds: RoundCertificate }
  | { readonly is: 'acceptances'; readonly acceptances: readonly Acceptance[] }

export const custodianCertificate: Codec<CustodianCertificate> = union<CustodianCertificate>({
  rounds: struct({ is: literal('rounds'), rounds: roundCertificate }),
  acceptances: struct({ is: literal('acceptances'), acceptances }),
})

export type CustodianAnchor = Since

type CustodianJudgement = Judgement<CustodianPolicy, CustodianCertificate, CustodianAnchor>

export const custodians: Model<CustodianPolicy, CustodianCertificate, CustodianAnchor> = {
  kind: CUSTODIANS,
  promises: { covers: 'prefix', clock: 'attested', impliesConsentOf: 'none' },
  policy: custodianPolicy,
  certificate: custodianCertificate,
  anchor: since,
  admit: admitCustodians,
  begin: () => ({}),
  judge: (judged) => judge(judged),
  attestations: (judged) => attestations(judged),
  convict: convictCustodian,
}

/** A certificate of custodians who take over, out of acceptances in any order. */
export const custodianAcceptance = (of: readonly Acceptance[]): CustodianCertificate => ({
  is: 'acceptances',
  acceptances: firstOfEach(of),
})

const judge = (judged: CustodianJudgement): Verdict<CustodianAnchor> => {
  const { certificate, transition, isAcceptance = false } = judged
  const fault = checkSigned(judged)
  const place = { machine: transition.machine, step: transition.sequence }
  if ((certificate.is === 'acceptances') !== isAcceptance) {
    const where = isAcceptance ? 'an acceptance' : 'a certificate'
    const other = new Fault('custodians/other-form', `${certificate.is} do not fit ${where}`)
    return { is: 'refused', fault: other.at(place) }
  }
  if (isFault(fault)) return { is: 'refused', fault: fault.at(place) }
  const signed = certificate.is === 'rounds' ? certificate.rounds.commits : certificate.acceptances
  return verdictOf(quorumOf(judged.policy), judged.anchor, signed)
}

const roundsOf = ({ terms, policy, transition, known }: CustodianJudgement): RoundJudgement => ({
  place: {
    suite: terms.suite,
    machine: transition.machine,
    parent: transition.parent,
    sequence: transition.sequence,
  },
  quorum: quorumOf(policy),
  verifier: known.verifier,
})

/** Every signature of the certificate, checked. */
const checkSigned = (judged: CustodianJudgement): readonly Attestation[] | Fault => {
  const { certificate, transition } = judged
  if (certificate.is === 'acceptances') return checkAcceptances(judged, certificate.acceptances)
  const checked = checkRounds(roundsOf(judged), transition, certificate.rounds)
  return isFault(checked) ? checked : checked.attestations
}

const checkAcceptances = (
  judged: CustodianJudgement,
  signed: readonly Acceptance[],
): readonly Attestation[] | Fault => {
  const { place, quorum, verifier } = roundsOf(judged)
  const found: Attestation[] = []
  let before = -1
  for (const { signer, signature, ...vote } of signed) {
    if (signer <= before) return new Fault('round/unordered', `signer ${signer} after ${before}`)
    before = signer
    const statement = acceptanceVote(judged.transition, vote)
    const cast = castFrom(place, quorum, { signer, statement, signature }, verifier)
    if (isFault(cast)) return cast
    const by = quorum.signers[signer]
    if (by) found.push({ ...by, statement, signature })
  }
  return found
}

const attestations = (judged: CustodianJudgement): readonly Attestation[] => {
  const checked = checkSigned(judged)
  return isFault(checked) ? [] : checked
}
