import { describe, expect, test } from 'vitest'
import { isFault } from '../../src/base/fault.ts'
import {
  type CertifiedKeyHead,
  certifiedKeyHead,
  checkAgainstHead,
  judgeKeyHead,
  keyHeadFrom,
  keyHeadOf,
  type KeyReceipt,
  keyReceiptMessage,
} from '../../src/kernel/key-head.ts'
import { evenQuorum } from '../../src/kernel/quorum.ts'
import { createIdentities } from './identity-sample.ts'
import { anId, engine, person, signerFrom } from './sample.ts'

const { after, authority, changing, codeAfter, deviceOf, drafted, inception, signed, stateOf } =
  createIdentities(engine)
const operators = ['oda', 'ove', 'oki', 'olga'].map(person)
const quorum = evenQuorum(operators.map(signerFrom), { threshold: 3, faulty: 1 })

const first = inception('ann', deviceOf('phone'))
const begun = stateOf([first])
const head = keyHeadOf(begun)

const receiptOf = (operator: number, time: bigint, of = head): KeyReceipt => ({
  operator,
  time,
  signature: engine.sign(
    'ed25519',
    operators[operator]?.keys.secret ?? new Uint8Array(32),
    keyReceiptMessage('classic', of, time),
  ),
})
const certified: CertifiedKeyHead = {
  suite: 'classic',
  head,
  receipts: [receiptOf(0, 100n), receiptOf(2, 90n), receiptOf(3, 5000n)],
}
const codeOf = (change: Partial<CertifiedKeyHead>): string => {
  const verdict = judgeKeyHead({ ...certified, ...change }, quorum, engine)
  return isFault(verdict) ? verdict.code : String(verdict.time)
}

describe('a certified head', () => {
  test('says when it was certified: between the times of two honest operators', () => {
    expect(certifiedKeyHead.decode(certifiedKeyHead.encode(certified))).toEqual(certified)
    expect(codeOf({})).toBe('100')
    expect(keyHeadFrom(first)).toEqual(head)
  })

  test('is refused with too few receipts, one twice, a stranger’s or a false one', () => {
    const [a, b, c] = certified.receipts
    if (!a || !b || !c) throw new Error('three receipts')
    expect(codeOf({ receipts: [a, b] })).toBe('key-head/too-few')
    expect(codeOf({ receipts: [] })).toBe('key-head/too-few')
    expect(codeOf({ receipts: [a, a, b] })).toBe('key-head/counted-twice')
    expect(codeOf({ receipts: [b, a, c] })).toBe('key-head/counted-twice')
    expect(codeOf({ receipts: [a, b, { ...c, operator: 4 }] })).toBe('key-head/unknown-operator')
    expect(codeOf({ receipts: [a, b, { ...c, time: 4999n }] })).toBe('key-head/bad-signature')
  })

  test('binds every field of the head', () => {
    for (const change of [
      { identity: anId<'key-event'>('x') },
      { sequence: 1 },
      { event: anId<'key-event'>('x') },
      { tree: anId<'device-tree'>('x') },
    ]) {
      expect(codeOf({ head: { ...head, ...change } })).toBe('key-head/bad-signature')
    }
    expect(codeOf({ suite: 'nostr' })).toBe('key-head/bad-signature')
  })
})

describe('a log beside a head that is known', () => {
  const change = {
    is: 'rotate',
    ...authority({
      keys: { keys: ['ann 2'] },
      next: { keys: ['ann 3'] },
      recovery: { keys: ['ann words'] },
    }),
  } as const
  const rotation = signed(drafted(begun, change), ['ann 2'], begun)
  const rotated = after(begun, rotation)
  const thiefs = changing(begun, { add: [deviceOf('thief')] }, 'ann 1')
  const known = keyHeadOf(rotated)

  test('goes at least as far, and has the same event there', () => {
    expect(checkAgainstHead([first, rotation], known)).toBeUndefined()
    expect(checkAgainstHead([first, rotation], head)).toBeUndefined()
    expect(checkAgainstHead([first], known)?.code).toBe('key-head/behind')
    expect(checkAgainstHead([], head)?.code).toBe('key-head/other-identity')
    expect(checkAgainstHead([inception('bob')], head)?.code).toBe('key-head/other-identity')
  })

  test('is refused where a thief’s event stands in the place of a certified rotation', () => {
    // By itself the thief's branch is a good log: the key was in use. Only what is known tells the two apart.
    expect(codeAfter(begun, thiefs)).toBe('accepted')
    expect(checkAgainstHead([first, thiefs], known)?.code).toBe('key-head/other-branch')
    expect(codeAfter(rotated, changing(rotated, { add: [deviceOf('thief')] }, 'ann 1'))).toBe(
      'key-log/bad-signature',
    )
  })
})
