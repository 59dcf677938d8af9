import { expect, test } from 'vitest'
import { describeRecord } from '../../src/logic/record-describe.ts'
import { record } from '../../src/logic/record.ts'
import { short } from '../../src/logic/ledger-describe.ts'
import { operationOnRecord } from '../../src/logic/record-operation.ts'
import { AGREE, BEGIN, END, ENTRUST, G, HOLD, LOT, RELEASE, SETTLE, TO_BOB, W } from './goods.ts'

test('every operation is one line that starts with the record', () => {
  const fields = ['batch', 'price'].map((name) => ({ name, commitment: new Uint8Array(32) }))
  const lines = [{ ...BEGIN, fields }, TO_BOB, HOLD, RELEASE, ENTRUST, AGREE, SETTLE, END]
  expect(lines.map(describeRecord)).toEqual(
    [
      'oranges, made by alice, held by alice, with batch, price',
      'from alice to bob',
      'kept back until 2 of (alice, bob, carol) agree',
      'released by 2 of (alice, bob, carol)',
      `the hand-over to bob is left to logic ${ENTRUST.at.logic} of machine ${short(W)}`,
      `from alice to bob, kept by machine ${short(G)}`,
      `from alice to bob, as agreed in logic 0 of machine ${short(W)}`,
      'ended',
    ].map((line) => `record 42424242…: ${line}`),
  )
  const key = { is: 'key', scheme: 'ed25519', publicKey: new Uint8Array(32).fill(0xab) } as const
  expect(describeRecord({ ...BEGIN, holder: key })).toContain('held by key abababab…')
})

test('the logic says the same of an operation’s bytes, and throws at others', () => {
  const { argument } = operationOnRecord(LOT, TO_BOB)
  const terms = {
    suite: 'classic',
    participants: [],
    turn: { is: 'anyone' },
    policy: { kind: 'x', params: argument },
  } as const
  expect(record.describe(argument, argument, terms)).toBe(describeRecord(TO_BOB))
  expect(() => record.describe(argument.subarray(1), argument, terms)).toThrow(/./)
})
