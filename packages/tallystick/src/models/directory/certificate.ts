/**
 * The directory certificate: what k distinct operators have signed for one transition.
 *
 * Safety. *Receipts*, on an owned machine: an honest operator takes one vow for each parent, durably, before it signs. Any
 * two sets of k operators share more than f, so two certificates for two children of one parent convict more than f
 * operators, and none that is honest. *Rounds*, on a shared machine: `kernel/round.ts` argues that no two children become
 * final, and `kernel/round-certificate.ts` who is convicted if they do. Neither form stands in for the other: a receipt
 * cites no held quorum, so among rounds it would be a commit that nothing permits. No clock and no order of messages
 * matters for any of this.
 *
 * *Acceptances* are of operators who take over with a step that changes the terms. They add no safety to that step, which
 * the old certificate has; they say that a quorum of the new ones knows where it goes on from, and each is bound to
 * this child as by any vote to commit. An operator that served under the old terms in rounds signs in a round and with a
 * citation that its vows permit, so these may differ from one to the next.
 *
 * Liveness. An owner who signs one child for each parent gets a certificate as soon as k operators are reached, in any
 * order. One who signs two may stall its own machine, and nobody else's. On a shared machine rounds see to that.
 *
 * | wire | |
 * |---|---|
 * | u8 0, receipts | list of operator u8, time u64, signature |
 * | u8 1, rounds | a certificate of rounds (`kernel/round-certificate.ts`) |
 * | u8 2, acceptances | list of operator u8, round u32, cited u32, time u64, signature |
 *
 * Lists are strictly ascending by operator, so that one set of signatures has one spelling in its form, and no operator is
 * counted twice.
 */
import { bytes, type Codec, list, literal, struct, u64, u8, union } from '../../base/codec.ts'
import { Fault, isFault } from '../../base/fault.ts'
import { PARTICIPANTS_MAX, SIGNATURE_BYTES_MAX } from '../../base/limits.ts'
import type { Attestation, Judgement, Model } from '../../kernel/model.ts'
import { reachesQuorum } from '../../kernel/quorum.ts'
import {
  checkRounds,
  type RoundCertificate,
  roundCertificate,
  type RoundJudgement,
} from '../../kernel/round-certificate.ts'
import { freshDigest } from '../../kernel/statement.ts'
import type { Verdict } from '../../kernel/verdict.ts'
import { type Acceptance, acceptances, acceptanceVote, firstOfEach } from '../rounds/acceptance.ts'
import { since, type Since, verdictOf } from '../rounds/finality.ts'
import { convictNamedOperator, type Receipt } from './evidence.ts'
import {
  admitDirectory,
  DIRECTORY,
  type DirectoryPolicy,
  directoryPolicy,
  isShared,
  quorumOf,
} from './policy.ts'

export type DirectoryCertificate =
  | { readonly is: 'receipts'; readonly receipts: readonly Receipt[] }
  | { readonly is: 'rounds'; readonly rounds: RoundCertificate }
  | { readonly is: 'acceptances'; readonly acceptances: readonly Acceptance[] }

export const directoryCertificate: Codec<DirectoryCertificate> = union<DirectoryCertificate>({
  receipts: struct({
    is: literal('receipts'),
    receipts: list(
      struct<Receipt>({ operator: u8, time: u64, signature: bytes(SIGNATURE_BYTES_MAX) }),
      PARTICIPANTS_MAX,
    ),
  }),
  rounds: struct({ is: literal('rounds'), rounds: roundCertificate }),
  acceptances: struct({ is: literal('acceptances'), acceptances }),
})

export type DirectoryAnchor = Since

type DirectoryJudgement = Judgement<DirectoryPolicy, DirectoryCertificate, DirectoryAnchor>

export const directory: Model<DirectoryPolicy, DirectoryCertificate, DirectoryAnchor> = {
  kind: DIRECTORY,
  promises: { covers: 'position', clock: 'attested', impliesConsentOf: 'none' },
  policy: directoryPolicy,
  certificate: directoryCertificate,
  anchor: since,
  admit: admitDirectory,
  begin: () => ({}),
  judge: (judged) => judge(judged),
  attestations: (judged) => attestations(judged),
  convict: convictNamedOperator,
}

/** A certificate out of receipts in any order; the first of each operator is taken. */
export const certificateFrom = (
  receipts: readonly Receipt[],
): Extract<DirectoryCertificate, { is: 'receipts' }> => {
  const first = new Map<number, Receipt>()
  for (const one of receipts) if (!first.has(one.operator)) first.set(one.operator, one)
  return {
    is: 'receipts',
    receipts: [...first.values()].sort((a, b) => a.operator - b.operator),
  }
}

/** As `certificateFrom`, of operators who take over. */
export const acceptanceFrom = (
  of: readonly Acceptance[],
): Extract<DirectoryCertificate, { is: 'acceptances' }> => ({
  is: 'acceptances',
  acceptances: firstOfEach(of),
})

/** Whether these receipts, each operator once, are enough. Signatures are not looked at. */
export const isEnough = (
  policy: DirectoryPolicy,
  receipts: readonly { readonly operator: number }[],
): boolean =>
  reachesQuorum(
    quorumOf(policy),
    receipts.map((one) => one.operator),
  )

const judge = (judged: DirectoryJudgement): Verdict<DirectoryAnchor> => {
  const { certificate, transition } = judged
  const place = { machine: transition.machine, step: transition.sequence }
  const fault = checkForm(judged)
  if (fault) return { is: 'refused', fault: fault.at(place) }
  if (certificate.is === 'rounds') {
    const checked = checkRounds(roundsOf(judged), transition, certificate.rounds)
    if (isFault(checked)) return { is: 'refused', fault: checked.at(place) }
    return verdictOf(quorumOf(judged.policy), judged.anchor, certificate.rounds.commits)
  }
  const signed = acceptancesIn(certificate)
  const bad = checkSigned(judged, signed)
  if (bad) return { is: 'refused', fault: bad.at(place) }
  return verdictOf(quorumOf(judged.policy), judged.anchor, signed)
}

/** Each turn has its form, and so has taking over. */
const checkForm = ({ certificate, terms, isAcceptance }: DirectoryJudgement): Fault | undefined => {
  const isFit =
    isAcceptance === true
      ? certificate.is !== 'rounds'
      : certificate.is === (isShared(terms) ? 'rounds' : 'receipts')
  if (isFit) return undefined
  const where = isAcceptance === true ? 'an acceptance' : `turn "${terms.turn.is}"`
  return new Fault('directory/other-form', `${certificate.is} do not fit ${where}`)
}

const roundsOf = ({ terms, policy, transition, known }: DirectoryJudgement): RoundJudgement => ({
  place: {
    suite: terms.suite,
    machine: transition.machine,
    parent: transition.parent,
    sequence: transition.sequence,
  },
  quorum: quorumOf(policy),
  verifier: known.verifier,
})

/** A receipt is a vote of the first round that needs no permission. */
const acceptancesIn = (
  of: Exclude<DirectoryCertificate, { is: 'rounds' }>,
): readonly Acceptance[] =>
  of.is === 'acceptances'
    ? of.acceptances
    : of.receipts.map((one) => ({ ...one, signer: one.operator, round: 0, cited: 0 }))

/** Order and positions, then signatures. */
const checkSigned = (
  judged: DirectoryJudgement,
  signed: readonly Acceptance[],
): Fault | undefined => {
  let before = -1
  for (const { signer } of signed) {
    if (!judged.policy.operators[signer]) {
      return new Fault('receipt/unknown-operator', `no operator ${signer}`)
    }
    if (signer <= before) {
      return new Fault('receipt/counted-twice', `operator ${signer} twice or out of order`)
    }
    before = signer
  }
  const bad = signed.find((one) => !isSigned(judged, one))
  const party = bad && judged.policy.operators[bad.signer]?.name
  return bad
    ? new Fault('receipt/bad-signature', 'not signed by the named operator', {
        party: party ?? `${bad.signer}`,
      })
    : undefined
}

const isSigned = (judged: DirectoryJudgement, of: Acceptance): boolean => {
  const operator = judged.policy.operators[of.signer]
  if (!operator) return false
  const digest = freshDigest(judged.terms.suite, acceptanceVote(judged.transition, of))
  const { verifier } = judged.known
  return verifier.verify(operator.scheme, operator.publicKey, digest, of.signature)
}

const attestations = (judged: DirectoryJudgement): readonly Attestation[] => {
  const { certificate } = judged
  if (certificate.is === 'rounds') {
    const checked = checkRounds(roundsOf(judged), judged.transition, certificate.rounds)
    return isFault(checked) ? [] : checked.attestations
  }
  const found: Attestation[] = []
  for (const one of firstOfEach(acceptancesIn(certificate))) {
    const operator = judged.policy.operators[one.signer]
    if (!operator || !isSigned(judged, one)) continue
    const statement = acceptanceVote(judged.transition, one)
    found.push({ ...operator, statement, signature: one.signature })
  }
  return found
}
