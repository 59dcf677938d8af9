/**
 * The directory certificate: receipts of k distinct operators for one transition.
 *
 * Safety. An honest operator takes one vow for each parent, durably, before it signs. Any two sets of k operators share
 * more than f, so two certificates for two children of one parent convict more than f operators, and none that is
 * honest. No clock and no order of messages matters for this.
 *
 * Liveness. An owner who signs one child for each parent gets a certificate as soon as k operators are reached, in any
 * order. One who signs two may stall its own machine, and nobody else's.
 *
 * The attested time is the median of the receipts' times, the lower one of an even number: with at most f liars among
 * k ≥ 2f + 1 it lies between the times of two honest operators.
 *
 * Wire. A list of operator u8, time u64, signature; strictly ascending by operator, so that a certificate has one
 * spelling and no operator is counted twice.
 */
import { bytes, type Codec, list, struct, u64, u8 } from '../../base/codec.ts'
import { Fault } from '../../base/fault.ts'
import { PARTICIPANTS_MAX, SIGNATURE_BYTES_MAX } from '../../base/limits.ts'
import type { Attestation, Judgement, Model } from '../../kernel/model.ts'
import { missingFrom, reachesQuorum, undoOf } from '../../kernel/quorum.ts'
import { statementDigest } from '../../kernel/statement.ts'
import type { Verdict } from '../../kernel/verdict.ts'
import { convictNamedOperator, type Receipt, receiptVote } from './evidence.ts'
import {
  admitDirectory,
  DIRECTORY,
  type DirectoryPolicy,
  directoryPolicy,
  quorumOf,
} from './policy.ts'

export type DirectoryCertificate = { readonly receipts: readonly Receipt[] }

export const directoryCertificate: Codec<DirectoryCertificate> = struct<DirectoryCertificate>({
  receipts: list(
    struct<Receipt>({ operator: u8, time: u64, signature: bytes(SIGNATURE_BYTES_MAX) }),
    PARTICIPANTS_MAX,
  ),
})

/** Nothing is remembered between steps yet; checkpoints of the operators' logs will be. */
export type DirectoryAnchor = Readonly<Record<never, never>>

type DirectoryJudgement = Judgement<DirectoryPolicy, DirectoryCertificate, DirectoryAnchor>

export const directory: Model<DirectoryPolicy, DirectoryCertificate, DirectoryAnchor> = {
  kind: DIRECTORY,
  promises: { covers: 'position', clock: 'attested', impliesConsentOf: 'none' },
  policy: directoryPolicy,
  certificate: directoryCertificate,
  anchor: struct<DirectoryAnchor>({}),
  admit: admitDirectory,
  begin: () => ({}),
  judge: (judged) => judge(judged),
  attestations: (judged) => attestations(judged),
  convict: convictNamedOperator,
}

/** A certificate out of receipts in any order; the first of each operator is taken. */
export const certificateFrom = (receipts: readonly Receipt[]): DirectoryCertificate => {
  const first = new Map<number, Receipt>()
  for (const one of receipts) if (!first.has(one.operator)) first.set(one.operator, one)
  return { receipts: [...first.values()].sort((a, b) => a.operator - b.operator) }
}

/** Whether these receipts, each operator once, are enough. Signatures are not looked at. */
export const isEnough = (policy: DirectoryPolicy, receipts: readonly Receipt[]): boolean =>
  reachesQuorum(
    quorumOf(policy),
    receipts.map((one) => one.operator),
  )

const judge = (judged: DirectoryJudgement): Verdict<DirectoryAnchor> => {
  const { policy, transition, certificate } = judged
  const fault = checkReceipts(judged)
  if (fault) {
    const place = { machine: transition.machine, step: transition.sequence }
    return { is: 'refused', fault: fault.at(place) }
  }
  const quorum = quorumOf(policy)
  const signers = certificate.receipts.map((one) => one.operator)
  if (!reachesQuorum(quorum, signers)) {
    const names = missingFrom(quorum, signers)
    return { is: 'pending', waitingFor: [{ is: 'signers', names }], anchor: judged.anchor }
  }
  return {
    is: 'final',
    finality: {
      grade: 'receipted',
      reach: 'anyone',
      vouchers: signers.map((at) => policy.operators[at]?.name ?? ''),
      undo: undoOf(quorum),
      since: medianTime(certificate.receipts),
      clock: 'attested',
    },
    anchor: judged.anchor,
  }
}

/** The lower median, in milliseconds since 1970; undefined of no receipts. */
export const medianTime = (receipts: readonly Receipt[]): bigint | undefined => {
  const times = receipts.map((one) => one.time).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  return times[(times.length - 1) >> 1]
}

/** Order and positions, then signatures. */
const checkReceipts = (judged: DirectoryJudgement): Fault | undefined => {
  let before = -1
  for (const { operator } of judged.certificate.receipts) {
    if (!judged.policy.operators[operator]) {
      return new Fault('receipt/unknown-operator', `no operator ${operator}`)
    }
    if (operator <= before) {
      return new Fault('receipt/counted-twice', `operator ${operator} twice or out of order`)
    }
    before = operator
  }
  const bad = judged.certificate.receipts.find((one) => !isSigned(judged, one))
  const party = bad && judged.policy.operators[bad.operator]?.name
  return bad
    ? new Fault('receipt/bad-signature', 'not signed by the named operator', {
        party: party ?? `${bad.operator}`,
      })
    : undefined
}

const isSigned = (judged: DirectoryJudgement, of: Receipt): boolean => {
  const operator = judged.policy.operators[of.operator]
  if (!operator) return false
  const digest = statementDigest(judged.terms.suite, receiptVote(judged.transition, of.time))
  const { verifier } = judged.known
  return verifier.verify(operator.scheme, operator.publicKey, digest, of.signature)
}

const attestations = (judged: DirectoryJudgement): readonly Attestation[] => {
  const found: Attestation[] = []
  for (const one of certificateFrom(judged.certificate.receipts).receipts) {
    const operator = judged.policy.operators[one.operator]
    if (!operator || !isSigned(judged, one)) continue
    const statement = receiptVote(judged.transition, one.time)
    found.push({ ...operator, statement, signature: one.signature })
  }
  return found
}
