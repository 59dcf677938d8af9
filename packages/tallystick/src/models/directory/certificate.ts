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
 * The attested time is the median of the times, the lower one of an even number: with at most f liars among k ≥ 2f + 1 it
 * lies between the times of two honest operators. It is never told as earlier than that of the step before.
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
import {
  bytes,
  type Codec,
  list,
  literal,
  mapped,
  optional,
  struct,
  u32,
  u64,
  u8,
  union,
} from '../../base/codec.ts'
import { Fault, isFault } from '../../base/fault.ts'
import { PARTICIPANTS_MAX, SIGNATURE_BYTES_MAX } from '../../base/limits.ts'
import type { Attestation, Judgement, Model } from '../../kernel/model.ts'
import { missingFrom, reachesQuorum, undoOf } from '../../kernel/quorum.ts'
import {
  checkRounds,
  type RoundCertificate,
  roundCertificate,
  type RoundJudgement,
} from '../../kernel/round-certificate.ts'
import { statementDigest } from '../../kernel/statement.ts'
import type { Finality, Millis, Verdict } from '../../kernel/verdict.ts'
import { type Acceptance, acceptanceVote, convictNamedOperator, type Receipt } from './evidence.ts'
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
  acceptances: struct({
    is: literal('acceptances'),
    acceptances: list(
      struct<Acceptance>({
        operator: u8,
        round: u32,
        cited: u32,
        time: u64,
        signature: bytes(SIGNATURE_BYTES_MAX),
      }),
      PARTICIPANTS_MAX,
    ),
  }),
})

/** The time attested on the step before, if any was: a step is not firm earlier than the one it builds on. */
export type DirectoryAnchor = { readonly since?: Millis }

const anchor: Codec<DirectoryAnchor> = mapped(
  struct<{ readonly since: Millis | undefined }>({ since: optional(u64) }),
  ({ since }): DirectoryAnchor => (since === undefined ? {} : { since }),
  ({ since }) => ({ since }),
)

type DirectoryJudgement = Judgement<DirectoryPolicy, DirectoryCertificate, DirectoryAnchor>

export const directory: Model<DirectoryPolicy, DirectoryCertificate, DirectoryAnchor> = {
  kind: DIRECTORY,
  promises: { covers: 'position', clock: 'attested', impliesConsentOf: 'none' },
  policy: directoryPolicy,
  certificate: directoryCertificate,
  anchor,
  admit: admitDirectory,
  begin: () => ({}),
  judge: (judged) => judge(judged),
  attestations: (judged) => attestations(judged),
  convict: convictNamedOperator,
}

/** A certificate out of receipts in any order; the first of each operator is taken. */
export const certificateFrom = (
  receipts: readonly Receipt[],
): Extract<DirectoryCertificate, { is: 'receipts' }> => ({
  is: 'receipts',
  receipts: firstOfEach(receipts),
})

/** As `certificateFrom`, of operators who take over. */
export const acceptanceFrom = (
  acceptances: readonly Acceptance[],
): Extract<DirectoryCertificate, { is: 'acceptances' }> => ({
  is: 'acceptances',
  acceptances: firstOfEach(acceptances),
})

const firstOfEach = <T extends { readonly operator: number }>(of: readonly T[]): readonly T[] => {
  const first = new Map<number, T>()
  for (const one of of) if (!first.has(one.operator)) first.set(one.operator, one)
  return [...first.values()].sort((a, b) => a.operator - b.operator)
}

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
    const signers = certificate.rounds.commits.map((one) => one.signer)
    return verdictOf(judged, {
      signers,
      times: certificate.rounds.commits,
      missing: checked.missing,
    })
  }
  const signed = acceptancesIn(certificate)
  const bad = checkSigned(judged, signed)
  if (bad) return { is: 'refused', fault: bad.at(place) }
  const signers = signed.map((one) => one.operator)
  const missing = missingFrom(quorumOf(judged.policy), signers)
  return verdictOf(judged, { signers, times: signed, missing })
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

const verdictOf = (
  judged: DirectoryJudgement,
  of: {
    readonly signers: readonly number[]
    readonly times: readonly { readonly time: Millis }[]
    readonly missing: readonly string[]
  },
): Verdict<DirectoryAnchor> => {
  const { policy } = judged
  if (of.missing.length > 0) {
    return {
      is: 'pending',
      waitingFor: [{ is: 'signers', names: of.missing }],
      anchor: judged.anchor,
    }
  }
  const since = laterOf(medianTime(of.times), judged.anchor.since)
  const finality: Finality = {
    grade: 'receipted',
    reach: 'anyone',
    vouchers: of.signers.map((at) => policy.operators[at]?.name ?? ''),
    undo: undoOf(quorumOf(policy)),
    since,
    clock: 'attested',
  }
  return { is: 'final', finality, anchor: since === undefined ? {} : { since } }
}

/** The lower median, in milliseconds since 1970; undefined of no times. */
export const medianTime = (of: readonly { readonly time: Millis }[]): Millis | undefined => {
  const times = of.map((one) => one.time).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  return times[(times.length - 1) >> 1]
}

const laterOf = (a: Millis | undefined, b: Millis | undefined): Millis | undefined =>
  a === undefined || (b !== undefined && b > a) ? b : a

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
    : of.receipts.map((one) => ({ ...one, round: 0, cited: 0 }))

/** Order and positions, then signatures. */
const checkSigned = (
  judged: DirectoryJudgement,
  signed: readonly Acceptance[],
): Fault | undefined => {
  let before = -1
  for (const { operator } of signed) {
    if (!judged.policy.operators[operator]) {
      return new Fault('receipt/unknown-operator', `no operator ${operator}`)
    }
    if (operator <= before) {
      return new Fault('receipt/counted-twice', `operator ${operator} twice or out of order`)
    }
    before = operator
  }
  const bad = signed.find((one) => !isSigned(judged, one))
  const party = bad && judged.policy.operators[bad.operator]?.name
  return bad
    ? new Fault('receipt/bad-signature', 'not signed by the named operator', {
        party: party ?? `${bad.operator}`,
      })
    : undefined
}

const isSigned = (judged: DirectoryJudgement, of: Acceptance): boolean => {
  const operator = judged.policy.operators[of.operator]
  if (!operator) return false
  const digest = statementDigest(judged.terms.suite, acceptanceVote(judged.transition, of))
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
    const operator = judged.policy.operators[one.operator]
    if (!operator || !isSigned(judged, one)) continue
    const statement = acceptanceVote(judged.transition, one)
    found.push({ ...operator, statement, signature: one.signature })
  }
  return found
}
