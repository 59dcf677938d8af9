/** Votes for steps that do not follow, found by running the rules, as evidence that whoever has the rules can judge. */
import { faultFrom, isFault } from '../../base/fault.ts'
import { EVIDENCE_LEAVES_MAX } from '../../base/limits.ts'
import type { OfferedCast } from '../../kernel/cast.ts'
import type { Machine } from '../../kernel/execute.ts'
import { interactionId } from '../../kernel/interaction.ts'
import { transitionId } from '../../kernel/transition.ts'
import { entriesOf } from '../../state/tree.ts'
import { type Candidate, type CandidateOptions, tryCandidate } from '../rounds/candidate.ts'
import type { MemberMessage } from '../rounds/member-state.ts'
import { CUSTODIANS, type CustodianPolicy, policyIn, quorumOf } from './policy.ts'
import { convictByRules, ruleEvidence, type RuleEvidence } from './rule-evidence.ts'

/** Those of a message's votes about the head's children that convict their signers; each has been judged. */
export const invalidVotes = (
  options: CandidateOptions,
  machine: Machine,
  { casts, candidates }: Pick<MemberMessage, 'casts' | 'candidates'>,
): readonly RuleEvidence[] => {
  const { policy: written } = machine.terms
  if (written.kind !== CUSTODIANS || machine.state.size > EVIDENCE_LEAVES_MAX) return []
  const policy = policyIn(machine.terms)
  const found: RuleEvidence[] = []
  for (const candidate of candidates) {
    const votes = casts.filter((one) => isVoteFor(machine, candidate, one))
    if (votes.length === 0) continue
    const after = tryCandidate(options, machine, candidate)
    const { suite } = machine.terms
    const right = isFault(after) ? undefined : after.headId
    for (const one of votes) {
      const { statement: of } = one
      if (of.is !== 'vote' || transitionId(suite, of.transition) === right) continue
      const evidence = evidenceOf(options, { machine, policy }, candidate, one)
      if (evidence) found.push(evidence)
    }
  }
  return found
}

const isVoteFor = (
  machine: Machine,
  { interaction }: Candidate,
  { statement: of }: OfferedCast,
): boolean =>
  of.is === 'vote' &&
  of.phase !== 'propose' &&
  of.transition.machine === machine.id &&
  of.transition.parent === machine.headId &&
  of.transition.interaction === interactionId(interaction)

const evidenceOf = (
  options: CandidateOptions,
  { machine, policy }: { readonly machine: Machine; readonly policy: CustodianPolicy },
  { interaction, beside }: Candidate,
  { signer, statement, signature }: OfferedCast,
): RuleEvidence | undefined => {
  const by = quorumOf(policy).signers[signer]
  if (!by) return undefined
  const evidence: RuleEvidence = {
    scheme: by.scheme,
    publicKey: by.publicKey,
    charter: machine.charter,
    vote: { statement, signature },
    interaction,
    lie: { is: 'invalid-step', parent: machine.head, state: entriesOf(machine.state), beside },
  }
  const { terms } = machine
  const accused = { terms, policy, verifier: options.verifier, logics: options.logics }
  const judged = faultFrom(() => convictByRules(ruleEvidence.encode(evidence), accused))
  return isFault(judged) ? undefined : evidence
}
