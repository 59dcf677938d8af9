import { expect, test } from 'vitest'
import { idFromHex } from '../../src/base/brand.ts'
import { describeLedger, moneyText, short } from '../../src/logic/ledger-describe.ts'
import type { LedgerOperation } from '../../src/logic/ledger-operation.ts'
import { A, ASSET, at, R, TICK, X } from './books.ts'

const id = idFromHex<'lock'>('6'.repeat(64))
const signer = idFromHex<'signer'>('5'.repeat(64))
const interaction = idFromHex<'interaction'>('7'.repeat(64))
const amount = 420n
const out = { is: 'out', from: 'alice', to: at(R, 'bob'), amount, interaction, nonce: 0 } as const
const proof = { siblings: [], terminal: { is: 'own' } } as const

const LINES: readonly (readonly [LedgerOperation, string])[] = [
  [{ is: 'issue', to: at(R, 'bob'), amount }, `4.20 TICK issued to bob@${short(R)}`],
  [{ is: 'burn', from: at(R, 'bob'), amount }, `bob@${short(R)} burns 4.20 TICK`],
  [{ is: 'transfer', from: at(R, 'alice'), to: at(R, 'bob'), amount }, 'alice pays bob 4.20 TICK'],
  [
    { is: 'transfer', from: at(A, 'alice'), to: at(R, 'bob'), amount },
    `alice@${short(A)} pays bob@${short(R)} 4.20 TICK`,
  ],
  [
    { is: 'send', from: at(A, 'alice'), to: at(R, 'bob'), amount, nonce: 0 },
    `alice sends bob@${short(R)} 4.20 TICK`,
  ],
  [{ is: 'claim', source: A, out }, `bob receives 4.20 TICK that alice sent from ${short(A)}`],
  [
    { is: 'lock', machine: R, id, from: 'bob', to: 'carol', amount, unlocker: ASSET },
    `bob locks 4.20 TICK for carol, lock 66666666…, as logic ${ASSET.logic} of machine ${short(ASSET.machine)} decides`,
  ],
  [
    {
      is: 'lock',
      machine: R,
      id,
      from: 'bob',
      to: 'carol',
      amount,
      unlocker: { machine: R, logic: 1 },
    },
    'bob locks 4.20 TICK for carol, lock 66666666…, as logic 1 decides',
  ],
  [{ is: 'release', machine: R, id }, 'lock 66666666… is paid out'],
  [
    { is: 'bond', from: at(A, 'alice'), at: X, covers: A, signer, amount },
    `alice puts up 4.20 TICK for key 55555555… on ${short(A)}`,
  ],
  [
    { is: 'unbond', at: X, covers: A, signer, amount, nonce: 0 },
    `4.20 TICK of the bond for key 55555555… on ${short(A)} go back`,
  ],
  [
    {
      is: 'slash',
      at: X,
      evidence: new Uint8Array(),
      victims: [{ child: 0, out, proof, instead: undefined }],
    },
    `a bond pays for a proven fork: bob@${short(R)} (sent 4.20 TICK)`,
  ],
]

test.each(LINES)('$0.is reads as one line', (operation, line) => {
  expect(describeLedger(operation, TICK)).toBe(line)
})

test('amounts have all decimals of their asset', () => {
  expect(moneyText(5n, TICK)).toBe('0.05 TICK')
  expect(moneyText(5n, { ...TICK, decimals: 0 })).toBe('5 TICK')
})
