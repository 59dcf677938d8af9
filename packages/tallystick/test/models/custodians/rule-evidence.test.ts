import { describe, expect, test } from 'vitest'
import { isFault } from '../../../src/base/fault.ts'
import { interactionId } from '../../../src/kernel/interaction.ts'
import { type Statement, statementDigest, type Vote } from '../../../src/kernel/statement.ts'
import {
  convictByRules,
  type FalsePremise,
  ruleEvidence,
  type RuleEvidence,
} from '../../../src/models/custodians/rule-evidence.ts'
import { type Candidate, tryCandidate } from '../../../src/models/rounds/candidate.ts'
import { entriesOf } from '../../../src/state/tree.ts'
import { prove } from '../../../src/state/proof.ts'
import { RELYING } from '../../../src/sim/poll-logic.ts'
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

describe('evidence that a premise is false', () => {
  const { witness } = town
  const operation = town.ballotOf(0, 1n, RELYING)
  const stated = (value: Uint8Array | undefined): Candidate => {
    const bare = candidateFor(operation)
    const premises = town
      .supportOf(operation)
      .premises.map((one) => (one.is === 'fact' ? { ...one, value } : one))
    return { ...bare, interaction: { ...bare.interaction, premises } }
  }
  const [truth] = town.supportOf(operation).premises
  if (truth?.is !== 'fact') throw new Error('it relies on a fact')
  const machine = witness.machine()
  const shown = (change: Partial<FalsePremise> = {}): RuleEvidence['lie'] => ({
    is: 'false-premise',
    premise: 0,
    suite: 'classic',
    header: machine.head,
    fact: {
      machine: machine.id,
      transition: undefined,
      root: machine.head.state,
      key: truth.key,
      value: truth.value,
      proof: prove(machine.state, truth.key),
    },
    ...change,
  })
  const voting = (of: Candidate, more: Partial<Vote> = {}): Vote =>
    voteFor({ transition: { ...head, interaction: forgedId(of) }, ...more })
  const toldOf = (of: Candidate, by = shown(), more: Partial<Vote> = {}): string =>
    told(proofOf(voting(of, more), of, { lie: by }))
  const lied = stated(new Uint8Array([1, 2, 3]))

  test('convicts who voted for a step that relies on another value, or on none', () => {
    expect(toldOf(lied)).toBe('custodians/false-premise')
    expect(toldOf(stated(undefined))).toBe('custodians/false-premise')
  })

  test('is none where the value is the one relied on, nor in a proposal', () => {
    expect(toldOf(stated(truth.value))).toBe('evidence/no-conflict')
    expect(toldOf(lied, shown(), { phase: 'propose' })).toBe('evidence/no-conflict')
  })

  test('is about the very step and key that the premise names, and proven', () => {
    expect(toldOf(lied, shown({ header: witness.genesis.head }))).toBe('evidence/other-step')
    expect(toldOf(lied, shown({ premise: 1 }))).toBe('evidence/other-step')
    const by = shown()
    if (by.is !== 'false-premise') throw new Error('it is')
    const elsewhere = { ...by.fact, key: machine.headId as never }
    expect(toldOf(lied, { ...by, fact: elsewhere })).toBe('evidence/other-step')
    const forged = { ...by.fact, value: new Uint8Array([9]) }
    expect(toldOf(lied, { ...by, fact: forged })).toMatch(/^proof\//)
  })

  test('is what convicts: that files were left out makes no valid step invalid', () => {
    const full = stated(truth.value)
    const done = tryCandidate(options, genesis, {
      ...full,
      attachments: town.supportOf(operation).attachments,
    })
    if (isFault(done)) throw done
    expect(told(proofOf(voteFor({ transition: done.head }), full))).toBe('evidence/no-conflict')
  })
})
