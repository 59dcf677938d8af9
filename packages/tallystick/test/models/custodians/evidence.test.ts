import { describe, expect, test } from 'vitest'
import { isFault } from '../../../src/base/fault.ts'
import type { SignedStatement } from '../../../src/kernel/evidence.ts'
import type { Statement, Vote } from '../../../src/kernel/statement.ts'
import { type Transition, transitionId } from '../../../src/kernel/transition.ts'
import {
  convictCustodian,
  custodianEvidence,
  type CustodianEvidence,
  type CustodianLie,
  type SignedBeat,
} from '../../../src/models/custodians/evidence.ts'
import { type Heartbeat, heartbeatDigest } from '../../../src/models/custodians/heartbeat.ts'
import { PEOPLE } from '../../kernel/round-net.ts'
import { A } from '../../kernel/round-votes.ts'
import { alice, engine } from '../../kernel/sample.ts'
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

describe('evidence in heartbeats', () => {
  const beatOf = (more: Partial<Heartbeat>, by = 0): SignedBeat => {
    const beat: Heartbeat = {
      machine: A.machine,
      head: A.parent,
      sequence: A.sequence - 1n,
      time: 3000n,
      ...more,
    }
    const secret = (PEOPLE[by] ?? alice).keys.secret
    return { beat, signature: engine.sign('ed25519', secret, heartbeatDigest('classic', beat)) }
  }
  const told = (lie: CustodianLie): string =>
    codeOf(custodianEvidence.encode({ scheme: key.scheme, publicKey: key.publicKey, lie }))
  const committed = signed(commit(A, 2000n))

  test('convicts who says after its commit that there is nothing newer', () => {
    const lie = { is: 'stale-heartbeat', commit: committed } as const
    expect(told({ ...lie, beat: beatOf({}) })).toBe('custodians/stale-heartbeat')
    expect(told({ ...lie, beat: beatOf({ time: 2000n }) })).toBe('evidence/no-conflict')
    const onward = beatOf({ sequence: A.sequence, head: A.parent })
    expect(told({ ...lie, beat: onward })).toBe('evidence/no-conflict')
    expect(told({ ...lie, beat: beatOf({}, 1) })).toBe('evidence/bad-signature')
  })

  test('convicts who follows two branches, or goes back on one', () => {
    const lie = { is: 'two-heads', first: beatOf({}) } as const
    const branch = beatOf({ head: transitionId('classic', A) })
    expect(told({ ...lie, second: branch })).toBe('custodians/two-heads')
    const ahead = { ...lie, first: beatOf({ sequence: A.sequence, time: 2999n }) }
    expect(told({ ...ahead, second: beatOf({}) })).toBe('custodians/two-heads')
    expect(told({ ...lie, second: beatOf({ time: 9000n }) })).toBe('evidence/no-conflict')
    const newer = beatOf({ sequence: A.sequence + 5n, head: A.parent, time: 3000n })
    expect(told({ ...lie, second: newer })).toBe('evidence/no-conflict')
  })
})
