import { describe, expect, test } from 'vitest'
import { isFault } from '../../../src/base/fault.ts'
import { interactionId } from '../../../src/kernel/interaction.ts'
import { type Statement, statementDigest, type Vote } from '../../../src/kernel/statement.ts'
import {
  convictByRules,
  ruleEvidence,
  type RuleEvidence,
} from '../../../src/models/custodians/rule-evidence.ts'
import { type Candidate, tryCandidate } from '../../../src/models/rounds/candidate.ts'
import { entriesOf } from '../../../src/state/tree.ts'
import { KEEPERS } from '../../../src/sim/custodians-town.ts'
import { candidateFor, engine, START, town } from './net.ts'

const { genesis, policy, options } = town
const accused = { terms: genesis.terms, policy, verifier: engine, logics: options.logics }
const right = candidateFor(town.ballotOf(0, 1n, 0))
const after = tryCandidate(options, genesis, right)
if (isFault(after)) throw after
const { head } = after

const forgedId = (of: Candidate) => interactionId(of.interaction)

const signedBy = (seat: number, statement: Statement) => ({
  statement,
  signature: town.signFor(KEEPERS[seat] ?? '', statementDigest('classic', statement)),
})
const voteFor = (more: Partial<Vote> = {}): Vote => ({
  is: 'vote',
  transition: head,
  round: 0,
  phase: 'hold',
  cited: 0,
  time: 0n,
  ...more,
})
const lie: RuleEvidence['lie'] = {
  is: 'invalid-step',
  parent: genesis.head,
  state: entriesOf(genesis.state),
  beside: [],
}
const proofOf = (
  vote: Statement,
  candidate: Candidate = right,
  change: Partial<RuleEvidence> = {},
): Uint8Array => {
  const [by] = policy.custodians
  if (!by) throw new Error('there are four')
  return ruleEvidence.encode({
    scheme: by.scheme,
    publicKey: by.publicKey,
    charter: town.charter,
    vote: signedBy(0, vote),
    interaction: candidate.interaction,
    lie,
    ...change,
  })
}
const told = (proof: Uint8Array): string => {
  const found = convictByRules(proof, accused)
  return isFault(found) ? found.code : (found[0]?.kind ?? '')
}

describe('evidence that a step does not follow', () => {
  const otherState = { ...head, state: genesis.head.interaction as never }
  const forged = candidateFor(town.ballotOf(0, 9n, 0))

  test('convicts who voted for a state that the rules do not lead to', () => {
    expect(told(proofOf(voteFor({ transition: otherState })))).toBe('custodians/invalid-step')
    const refused = { ...head, interaction: forgedId(forged) }
    expect(told(proofOf(voteFor({ transition: refused }), forged))).toBe('custodians/invalid-step')
  })

  test('is none against a vote for what does follow, nor in a proposal', () => {
    expect(told(proofOf(voteFor()))).toBe('evidence/no-conflict')
    const proposed = voteFor({ transition: otherState, phase: 'propose' })
    expect(told(proofOf(proposed))).toBe('evidence/no-conflict')
  })

  test('shows the very step and the very state, and the signature of a named key', () => {
    const vote = voteFor({ transition: otherState })
    expect(told(proofOf(vote, forged))).toBe('evidence/other-step')
    const elsewhere = { ...lie, parent: head } as RuleEvidence['lie']
    expect(told(proofOf(vote, right, { lie: elsewhere }))).toBe('evidence/other-step')
    expect(told(proofOf(vote, right, { vote: signedBy(1, vote) }))).toBe('evidence/bad-signature')
    expect(told(proofOf(vote, right, { publicKey: new Uint8Array(32) }))).toBe(
      'evidence/unknown-custodian',
    )
  })

  test('is undecided where charters beside it cannot be opened', () => {
    const beside = [{ ...town.charter, logics: [{ name: 'none/9', params: new Uint8Array() }] }]
    const open = { ...lie, beside } as RuleEvidence['lie']
    const vote = voteFor({ transition: otherState })
    expect(told(proofOf(vote, right, { lie: open }))).toBe('evidence/undecided')
  })
})

describe('evidence that a step was too early', () => {
  const early: Partial<RuleEvidence> = { lie: { is: 'early-step' } }
  const commitAt = (time: bigint): Statement => voteFor({ phase: 'commit', cited: 1, time })

  test('convicts who committed before the time that the step claims, by more than the skew', () => {
    expect(told(proofOf(commitAt(START - 401n), right, early))).toBe('custodians/early-step')
    expect(told(proofOf(commitAt(START - 400n), right, early))).toBe('evidence/no-conflict')
    expect(told(proofOf(voteFor(), right, early))).toBe('evidence/no-conflict')
  })
})
