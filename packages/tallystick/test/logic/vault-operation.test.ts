import { expect, test } from 'vitest'
import { idFromHex } from '../../src/base/brand.ts'
import { pathKey } from '../../src/kernel/execute.ts'
import { ledgerOperation } from '../../src/logic/ledger-operation.ts'
import {
  depositOperations,
  noticeKey,
  operationOnVault,
  settleOperations,
  type VaultOperation,
  vaultOperation,
} from '../../src/logic/vault-operation.ts'
import { vaultId, type VaultTerms } from '../../src/logic/vault-terms.ts'
import { ASSET, R } from './books.ts'

const LOGIC = { machine: R, logic: 0 }
const id = idFromHex<'lock'>('6'.repeat(64))
const outcome = { toPayee: 2n, toPayer: 3n }
const TERMS: VaultTerms = {
  nonce: new Uint8Array(32),
  machine: R,
  asset: ASSET,
  amount: 5n,
  payer: 'bob',
  payee: 'carol',
  release: { is: 'word', party: 'bob' },
  expiry: undefined,
  arbiter: undefined,
}

const OPERATIONS: readonly VaultOperation[] = [
  { is: 'open', terms: TERMS },
  { is: 'claim', machine: R, id, secrets: [new Uint8Array(32)] },
  { is: 'refund', machine: R, id },
  { is: 'rule', machine: R, id, outcome },
  { is: 'publish', machine: R, party: 'bob', subject: new Uint8Array(32), value: Uint8Array.of(1) },
]

test.each(OPERATIONS)('$is comes back from its bytes, and no other length does', (operation) => {
  const bytes = vaultOperation.encode(operation)
  expect(vaultOperation.decode(bytes)).toEqual(operation)
  for (let size = 0; size < bytes.length; size++) {
    expect(() => vaultOperation.decode(bytes.subarray(0, size))).toThrow(/./)
  }
  expect(() => vaultOperation.decode(Uint8Array.of(...bytes, 0))).toThrow(/after the end/)
})

test('a deposit locks exactly what the terms say, for this vault', () => {
  const [lock, open] = depositOperations({ logic: LOGIC, suite: 'classic', terms: TERMS })
  expect(lock && ledgerOperation.decode(lock.argument)).toEqual({
    is: 'lock',
    machine: R,
    id: vaultId('classic', TERMS),
    from: 'bob',
    to: 'carol',
    amount: 5n,
    unlocker: LOGIC,
  })
  expect(lock).toMatchObject(ASSET)
  expect(open).toEqual(operationOnVault(LOGIC, { is: 'open', terms: TERMS }))
})

test('a settlement decides first and pays then', () => {
  const vault = { logic: LOGIC, suite: 'classic', terms: TERMS } as const
  for (const how of [
    { is: 'claim', secrets: [] },
    { is: 'refund' },
    { is: 'rule', outcome },
  ] as const) {
    const [decide, release] = settleOperations(vault, how)
    expect(decide && vaultOperation.decode(decide.argument)).toMatchObject({
      ...how,
      id: vaultId('classic', TERMS),
    })
    expect(release && ledgerOperation.decode(release.argument).is).toBe('release')
  }
})

test('the key of a notice depends on who said it, where, about what', () => {
  const subject = new Uint8Array(32).fill(5)
  const of = { suite: 'classic', logic: LOGIC } as const
  const key = noticeKey(of, 'bob', subject)
  expect(key).toBe(pathKey('classic', LOGIC, ['notice', 'bob', subject]))
  expect(noticeKey(of, 'carol', subject)).not.toBe(key)
  expect(noticeKey(of, 'bob', new Uint8Array(32))).not.toBe(key)
  expect(noticeKey({ ...of, logic: { ...LOGIC, logic: 1 } }, 'bob', subject)).not.toBe(key)
})
