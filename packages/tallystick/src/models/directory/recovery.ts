/**
 * Recovery: where an owner may go on after its memory was lost, or on another device, from what the operators report.
 *
 * Safety. A certified step has receipts of k operators, and any k reports are of operators that share more than f with
 * them. So at least one honest report is of an operator that has vowed for that step or a later one: the highest
 * number vowed for in k reports is at least that of the last certified step, whatever up to f others leave out. Who signs
 * above it only signs no second child of a certified parent. A step that was vowed for and not certified is proposed again
 * and not replaced, because others may hold its signature.
 *
 * Liars can add nothing: a reported step counts only with the owner's own signature and the operator's receipt.
 *
 * Liveness. k operators have to be reached; until then nothing is signed.
 *
 * Not promised. That every step ever signed is found: one that reached fewer than n − k + 1 operators, or none, may be
 * reported by nobody. Its second child is then a fork by the owner's own forgetfulness; only stored vows prevent that.
 */
import { Fault } from '../../base/fault.ts'
import type { Verifier } from '../../base/verifier.ts'
import type { Charter } from '../../kernel/charter.ts'
import { missingFrom, reachesQuorum } from '../../kernel/quorum.ts'
import { statementDigest } from '../../kernel/statement.ts'
import { transitionId } from '../../kernel/transition.ts'
import { receiptVote } from './evidence.ts'
import { type DirectoryPolicy, directoryPolicy, quorumOf } from './policy.ts'
import { type ServedMachine, servedFrom, termsAt } from './served.ts'
import { checkSubmission, type KeptStep, type Submission } from './submission.ts'

/** What an operator answered when it was asked for the newest step of the machine that it has vowed for. */
export type HeadReport = {
  /** Its position in the policy. */
  readonly operator: number
  /** Missing where it knows of no step. */
  readonly vowed: KeptStep | undefined
}

export type Recovery =
  /** Too few good reports yet. */
  | {
      readonly is: 'waiting'
      readonly names: readonly string[]
      readonly refused: readonly Fault[]
    }
  | {
      readonly is: 'known'
      /** The newest step reported: everything up to it has to be fetched and adopted. Missing if there is none. */
      readonly newest: Submission | undefined
      /** Operators that hold it, by position. */
      readonly from: readonly number[]
      readonly refused: readonly Fault[]
    }
  /** The own key has signed two steps with one number, and both were reported. */
  | { readonly is: 'forked'; readonly first: Submission; readonly second: Submission }

/**
 * Reports that do not hold are left out and listed. The last report of each operator counts. Of a machine whose terms have changed
 * the newest that are known decide: whose operators are asked, and how many are enough.
 */
export const recoverFrom = (
  charter: Charter,
  reports: readonly HeadReport[],
  verifier: Verifier,
  served: ServedMachine = servedFrom(charter),
): Recovery => {
  const terms = served.eras.at(-1)?.terms ?? charter.terms
  const policy = directoryPolicy.decode(terms.policy.params)
  const quorum = quorumOf(policy)
  const refused: Fault[] = []
  const good: HeadReport[] = []
  for (const one of new Map(reports.map((report) => [report.operator, report])).values()) {
    const fault = checkReport({ served, policy, verifier }, one)
    if (fault) refused.push(fault)
    else good.push(one)
  }
  const named = good.map((one) => one.operator)
  const { suite } = terms
  const vowed = good.flatMap((one) => (one.vowed ? [{ ...one, step: one.vowed.submission }] : []))
  for (const a of vowed) {
    for (const b of vowed) {
      const [first, second] = [a.step.transition, b.step.transition]
      if (first.sequence !== second.sequence) continue
      if (transitionId(suite, first) === transitionId(suite, second)) continue
      return { is: 'forked', first: a.step, second: b.step }
    }
  }
  if (!reachesQuorum(quorum, named)) {
    return { is: 'waiting', names: missingFrom(quorum, named), refused }
  }
  const [top] = [...vowed].sort((a, b) =>
    a.step.transition.sequence > b.step.transition.sequence ? -1 : 1,
  )
  const highest = top?.step.transition.sequence
  const from = vowed.filter((one) => one.step.transition.sequence === highest)
  return { is: 'known', newest: top?.step, from: from.map((one) => one.operator), refused }
}

type Checking = {
  readonly served: ServedMachine
  readonly policy: DirectoryPolicy
  readonly verifier: Verifier
}

/** Returns `recovery/false-report` for a step without the owner's signature or the operator's. */
const checkReport = (
  { served, policy, verifier }: Checking,
  { operator: at, vowed }: HeadReport,
): Fault | undefined => {
  const operator = policy.operators[at]
  if (!operator) return new Fault('recovery/false-report', `there is no operator ${at}`)
  if (!vowed) return undefined
  const { submission, receipt } = vowed
  const { transition } = submission
  const place = { machine: transition.machine, party: operator.name }
  const fault = checkSubmission(served, submission, verifier)
  if (fault)
    return new Fault('recovery/false-report', `reported a false step: ${fault.message}`, place)
  const suite = termsAt(served, transition.sequence)?.suite ?? served.charter.terms.suite
  const digest = statementDigest(suite, receiptVote(transition, receipt.time))
  // Its key is what counts: one that stays in office under a change may have moved, and names the place that it had.
  return verifier.verify(operator.scheme, operator.publicKey, digest, receipt.signature)
    ? undefined
    : new Fault('recovery/false-report', 'reported a step that it has not signed', place)
}
