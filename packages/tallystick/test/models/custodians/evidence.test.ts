import { describe, expect, test } from 'vitest'
import { isFault } from '../../../src/base/fault.ts'
import type { SignedStatement } from '../../../src/kernel/evidence.ts'
import { type Statement, type Vote } from '../../../src/kernel/statement.ts'
import type { Transition } from '../../../src/kernel/transition.ts'
import {
  convictCustodian,
  custodianEvidence,
  type CustodianEvidence,
} from '../../../src/models/custodians/evidence.ts'
import { A } from '../../kernel/round-votes.ts'
import { engine } from '../../kernel/sample.ts'
import { policy, signedBy, terms } from './town.ts'

const later: Transition = { ...A, sequence: A.sequence + 1n }
const [key] = policy.custodians
if (!key) throw new Error('there are four')

const commit = (transition: Transition, time: bigint, more: Partial<Vote> = {}): Statement => ({
  is: 'vote',
  transition,
  round: 0,
  phase: 'commit',
  cited: 1,
  time,
  ...more,
})
const signed = (statement: Statement): SignedStatement => ({
  statement,
  signature: signedBy(0, statement),
})
const proofOf = (
  first: SignedStatement,
  second: SignedStatement,
  change: Partial<CustodianEvidence> = {},
): Uint8Array =>
  custodianEvidence.encode({
    scheme: key.scheme,
    publicKey: key.publicKey,
    lie: { is: 'decreasing-time', first, second },
    ...change,
  })
const codeOf = (proof: Uint8Array): string => {
  const found = convictCustodian(proof, { terms, policy, verifier: engine })
  return isFault(found) ? found.code : (found[0]?.kind ?? '')
}

describe('evidence that time ran backwards', () => {
  const [first, second] = [signed(commit(A, 2000n)), signed(commit(later, 1999n))]

  test('convicts who attested an earlier time for a later step, in either order', () => {
    expect(codeOf(proofOf(first, second))).toBe('custodians/decreasing-time')
    expect(codeOf(proofOf(second, first))).toBe('custodians/decreasing-time')
  })

  test('is none where the time stood still, about one step, or about two machines', () => {
    expect(codeOf(proofOf(first, signed(commit(later, 2000n))))).toBe('evidence/no-conflict')
    expect(codeOf(proofOf(first, signed(commit(A, 1n))))).toBe('evidence/no-conflict')
    const elsewhere = { ...later, machine: A.interaction as unknown as typeof A.machine }
    expect(codeOf(proofOf(first, signed(commit(elsewhere, 1n))))).toBe('evidence/no-conflict')
  })

  test('is none in a hold, which attests no time', () => {
    const hold = signed(commit(later, 0n, { phase: 'hold', cited: 0 }))
    expect(codeOf(proofOf(first, hold))).toBe('evidence/no-conflict')
  })

  test('needs the signatures of a key that the policy names', () => {
    const forged = { ...second, signature: first.signature }
    expect(codeOf(proofOf(first, forged))).toBe('evidence/bad-signature')
    const stranger = key.publicKey.with(0, (key.publicKey[0] ?? 0) ^ 1)
    expect(codeOf(proofOf(first, second, { publicKey: stranger }))).toBe(
      'evidence/unknown-custodian',
    )
  })
})
