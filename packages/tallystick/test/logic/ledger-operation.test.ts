import { describe, expect, test } from 'vitest'
import { idFromHex } from '../../src/base/brand.ts'
import { faultFrom, isFault } from '../../src/base/fault.ts'
import {
  type LedgerOperation,
  ledgerOperation,
  operationOnLedger,
} from '../../src/logic/ledger-operation.ts'
import { A, ALICE, ASSET, at, PAIR, R, X } from './books.ts'

const from = at(A, 'alice')
const to = at(R, 'bob')
const signer = idFromHex<'signer'>('5'.repeat(64))
const id = idFromHex<'lock'>('6'.repeat(64))
const interaction = idFromHex<'interaction'>('7'.repeat(64))
const out = { is: 'out', from: 'alice', to, amount: 3n, interaction, nonce: 1 } as const

const OPERATIONS: readonly LedgerOperation[] = [
  { is: 'issue', to, amount: 1n },
  { is: 'burn', from, amount: 1n },
  { is: 'transfer', from, to, amount: 1n },
  { is: 'send', from, to, amount: 1n, nonce: 0 },
  { is: 'claim', source: A, out },
  { is: 'lock', machine: R, id, from: 'bob', to: 'carol', amount: 1n, unlocker: ASSET },
  { is: 'release', machine: R, id },
  { is: 'bond', from, at: X, covers: A, signer, amount: 1n },
  { is: 'unbond', at: X, covers: A, signer, amount: 1n, nonce: 0 },
  {
    is: 'slash',
    at: X,
    evidence: Uint8Array.of(1, 2, 3),
    victims: [
      { child: 1, out, proof: { siblings: [], terminal: { is: 'own' } }, instead: undefined },
      {
        child: 0,
        out,
        proof: { siblings: [], terminal: { is: 'own' } },
        instead: { promised: PAIR, account: ALICE },
      },
    ],
  },
]

describe('operations', () => {
  test.each(OPERATIONS)('$is comes back from its bytes, and no other length does', (operation) => {
    const bytes = ledgerOperation.encode(operation)
    expect(ledgerOperation.decode(bytes)).toEqual(operation)
    for (let size = 0; size < bytes.length; size++) {
      expect(() => ledgerOperation.decode(bytes.subarray(0, size))).toThrow(/./)
    }
    expect(() => ledgerOperation.decode(Uint8Array.of(...bytes, 0))).toThrow(/after the end/)
  })

  test('an unknown tag names no operation', () => {
    expect(() => ledgerOperation.decode(Uint8Array.of(10))).toThrow(/tag 10/)
  })

  test('building one names asset and position, and refuses senseless amounts with the payer’s name', () => {
    const good = operationOnLedger(ASSET, { is: 'transfer', from, to, amount: 1n })
    expect([good.machine, good.logic]).toEqual([X, 0])
    for (const [amount, code] of [
      [0n, 'amount/zero'],
      [-1n, 'amount/negative'],
      [2n ** 128n, 'amount/too-large'],
    ] as const) {
      const bad = faultFrom(() => operationOnLedger(ASSET, { is: 'transfer', from, to, amount }))
      expect(isFault(bad) && [bad.code, bad.place.party]).toEqual([code, 'alice'])
      const lock = {
        is: 'lock',
        machine: R,
        id,
        from: 'bob',
        to: 'carol',
        unlocker: ASSET,
      } as const
      const locked = faultFrom(() => operationOnLedger(ASSET, { ...lock, amount }))
      expect(isFault(locked) && [locked.code, locked.place.party]).toEqual([code, 'bob'])
    }
    expect(() =>
      operationOnLedger(ASSET, { is: 'send', from, to, amount: 1n, nonce: 256 }),
    ).toThrow(/256/)
  })
})
