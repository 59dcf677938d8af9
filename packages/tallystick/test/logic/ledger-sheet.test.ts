import { describe, expect, test } from 'vitest'
import { zeroId } from '../../src/base/brand.ts'
import { faultFrom, isFault } from '../../src/base/fault.ts'
import { pathKey } from '../../src/kernel/execute.ts'
import type { Call } from '../../src/kernel/logic.ts'
import { ledgerParams } from '../../src/logic/ledger-params.ts'
import { ledgerRecord, recordPath } from '../../src/logic/ledger-record.ts'
import { createSheet, credit, debit, partyOf, pay, recordAt } from '../../src/logic/ledger-sheet.ts'
import { A, ASSET, at, PAIR, R, TICK, X } from './books.ts'

/** A call over one written machine whose state is a list of balances. */
const callWith = (
  balances: Readonly<Record<string, bigint>>,
  by: readonly number[] = [0, 1],
): Call => {
  const stored = new Map(
    Object.entries(balances).map(([holder, amount]) => {
      const record = { is: 'balance', holder, amount } as const
      return [pathKey('classic', ASSET, recordPath(record)), ledgerRecord.encode(record)] as const
    }),
  )
  return {
    params: ledgerParams.encode(TICK),
    self: ASSET,
    argument: new Uint8Array(),
    written: [R],
    terms: (machine) => (machine === R ? PAIR.terms : undefined),
    read: (machine, path) =>
      machine === R ? stored.get(pathKey('classic', ASSET, path)) : undefined,
    keyOf: (_, path) => pathKey('classic', ASSET, path),
    consents: (_, party) => by.includes(party),
    premises: [],
    convict: () => {
      throw new Error('nobody is accused')
    },
    verifies: () => false,
    interaction: zeroId(),
  }
}

const codeFrom = (run: () => unknown): string => {
  const result = faultFrom(run)
  return isFault(result) ? `${result.code} ${result.place.party ?? ''}` : 'done'
}

describe('a sheet', () => {
  test('shows the state until something is changed, and then the change', () => {
    const sheet = createSheet(callWith({ bob: 5n }))
    debit(sheet, at(R, 'bob'), 2n)
    credit(sheet, at(R, 'bob'), 4n)
    expect(recordAt(sheet, R, { is: 'balance', holder: 'bob' })?.amount).toBe(7n)
    expect(sheet.changes()).toHaveLength(1)
  })

  test('an emptied balance is removed, and comes back when credited', () => {
    const sheet = createSheet(callWith({ bob: 5n }))
    debit(sheet, at(R, 'bob'), 5n)
    expect(sheet.changes()).toMatchObject([{ machine: R, value: undefined }])
    expect(recordAt(sheet, R, { is: 'balance', holder: 'bob' })).toBeUndefined()
    credit(sheet, at(R, 'bob'), 1n)
    expect(recordAt(sheet, R, { is: 'balance', holder: 'bob' })?.amount).toBe(1n)
  })

  test('a debit needs a written leg, a participant, the word and the money, and names the party', () => {
    const refused = (holder: string, amount: bigint, by?: readonly number[], machine = R): string =>
      codeFrom(() => debit(createSheet(callWith({ bob: 5n }, by)), at(machine, holder), amount))
    expect(refused('bob', 5n)).toBe('done')
    expect(refused('bob', 6n)).toBe('ledger/insufficient bob')
    expect(refused('bob', 5n, [1])).toBe('ledger/no-consent bob')
    expect(refused('dave', 5n)).toBe('ledger/unknown-holder dave')
    expect(refused('bob', 5n, [0], A)).toBe('ledger/not-written ')
  })

  test('a balance that would leave 128 bits is refused, never cut off', () => {
    const call = callWith({ bob: 2n ** 128n - 2n })
    expect(codeFrom(() => credit(createSheet(call), at(R, 'bob'), 1n))).toBe('done')
    expect(codeFrom(() => credit(createSheet(call), at(R, 'bob'), 2n))).toBe('amount/too-large bob')
  })

  test('paying elsewhere leaves a record, paying nothing leaves nothing, and no nonce serves twice', () => {
    const sheet = createSheet(callWith({}))
    const paid = { from: 'bob', amount: 3n, nonce: 0 }
    pay(sheet, R, at(X, 'mint'), { ...paid, amount: 0n })
    expect(sheet.changes()).toEqual([])
    pay(sheet, R, at(X, 'mint'), paid)
    expect(sheet.changes()).toHaveLength(1)
    expect(codeFrom(() => pay(sheet, R, at(X, 'keeper'), paid))).toBe('ledger/repeated-send bob')
    expect(codeFrom(() => pay(sheet, R, at(X, 'keeper'), { ...paid, nonce: 1 }))).toBe('done')
    pay(sheet, R, at(R, 'carol'), paid)
    expect(recordAt(sheet, R, { is: 'balance', holder: 'carol' })?.amount).toBe(3n)
  })

  test('a party is found by name', () => {
    expect([partyOf(callWith({}), at(R, 'bob')), partyOf(callWith({}), at(R, 'carol'))]).toEqual([
      0, 1,
    ])
  })
})
