import { describe, expect, test } from 'vitest'
import { idFromHex, type InteractionId, type MachineId } from '../../src/base/brand.ts'
import { pathKey } from '../../src/kernel/execute.ts'
import {
  balanceOf,
  type LedgerRecord,
  ledgerRecord,
  recordPath,
  recordsIn,
} from '../../src/logic/ledger-record.ts'
import { replace, rootOf } from '../../src/state/tree.ts'
import { A, ALICE, ASSET, machineIn, openBooks, X } from './books.ts'

const machine: MachineId = idFromHex('1'.repeat(64))
const interaction: InteractionId = idFromHex('2'.repeat(64))
const other: InteractionId = idFromHex('3'.repeat(64))
const to = { machine, holder: 'bob' }

const RECORDS: readonly LedgerRecord[] = [
  { is: 'balance', holder: 'alice', amount: 1n },
  { is: 'supply', issued: 2n, burned: 1n },
  {
    is: 'lock',
    id: idFromHex('4'.repeat(64)),
    from: 'alice',
    to: 'bob',
    amount: 5n,
    unlocker: ASSET,
  },
  { is: 'out', from: 'alice', to, amount: 6n, interaction, nonce: 7 },
  { is: 'in', source: machine, interaction, nonce: 7, to: 'bob', amount: 6n },
  { is: 'bond', covers: machine, signer: idFromHex('5'.repeat(64)), owner: to, amount: 8n },
  { is: 'slashed', machine, sequence: 9n, signer: idFromHex('5'.repeat(64)), paid: 8n },
]

describe('records', () => {
  test.each(RECORDS)('a $is comes back from its bytes, and no other length does', (record) => {
    const bytes = ledgerRecord.encode(record)
    expect(ledgerRecord.decode(bytes)).toEqual(record)
    for (let size = 0; size < bytes.length; size++) {
      expect(() => ledgerRecord.decode(bytes.subarray(0, size))).toThrow(/./)
    }
    expect(() => ledgerRecord.decode(Uint8Array.of(...bytes, 0))).toThrow(/after the end/)
  })

  test('all of them, and neighbours that differ in one field of the path, have keys of their own', () => {
    const near: readonly LedgerRecord[] = [
      ...RECORDS,
      { is: 'balance', holder: 'Alice', amount: 1n },
      { is: 'out', from: 'alice', to, amount: 6n, interaction, nonce: 8 },
      { is: 'out', from: 'alice', to, amount: 6n, interaction: other, nonce: 7 },
      { is: 'in', source: machine, interaction: other, nonce: 7, to: 'bob', amount: 6n },
      { is: 'slashed', machine, sequence: 10n, signer: idFromHex('5'.repeat(64)), paid: 8n },
    ]
    const keys = near.map((one) => pathKey('classic', ASSET, recordPath(one)))
    expect(new Set(keys).size).toBe(near.length)
  })

  test('what a path does not name does not move the record', () => {
    const key = (of: LedgerRecord): string => pathKey('classic', ASSET, recordPath(of))
    const [, , , out] = RECORDS
    if (out?.is !== 'out') throw new Error('order of the list')
    expect(key({ ...out, amount: 99n, from: 'eve', to: { ...to, holder: 'eve' } })).toBe(key(out))
  })
})

describe('reading a state', () => {
  const opened = machineIn(openBooks([ALICE]), A)
  const withValues = (
    values: readonly (readonly [typeof ASSET, LedgerRecord, LedgerRecord?])[],
  ) => ({
    ...opened,
    state: replace(
      opened.state,
      values.map(([of, placed, written = placed]) => ({
        key: pathKey('classic', of, recordPath(placed)),
        value: ledgerRecord.encode(written),
      })),
    ),
  })

  test('finds every record of the asset and nothing of another', () => {
    const machineWith = withValues([
      ...RECORDS.map((one) => [ASSET, one] as const),
      ...RECORDS.map((one) => [{ machine: X, logic: 1 }, one] as const),
      ...RECORDS.map((one) => [{ machine: A, logic: 0 }, one] as const),
    ])
    const found = recordsIn(machineWith, ASSET)
    expect(found).toHaveLength(RECORDS.length)
    expect(new Set(found.map((one) => one.is)).size).toBe(RECORDS.length)
    expect(balanceOf(machineWith, ASSET, 'alice')).toBe(1n)
    expect(balanceOf(machineWith, ASSET, 'bob')).toBe(0n)
    expect(rootOf(machineWith.state)).not.toBe(rootOf(opened.state))
  })

  test('a record that stands under the path of another is not counted', () => {
    const [balance, supply] = RECORDS
    if (!balance || !supply) throw new Error('order of the list')
    expect(recordsIn(withValues([[ASSET, balance, supply]]), ASSET)).toEqual([])
  })
})
