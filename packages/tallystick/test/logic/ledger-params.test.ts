import { expect, test } from 'vitest'
import { faultFrom, isFault } from '../../src/base/fault.ts'
import { SYMBOL_BYTES_MAX } from '../../src/base/limits.ts'
import { checkParams, type LedgerParams, ledgerParams } from '../../src/logic/ledger-params.ts'
import { MINT, TICK, X } from './books.ts'

const judged = (params: LedgerParams): string => {
  const supply = faultFrom(() => checkParams(params, MINT.terms, X))
  return isFault(supply) ? supply.code : supply.toString()
}

test('parameters come back from their bytes as they were, and give the initial supply', () => {
  const params = {
    ...TICK,
    initial: [
      { holder: 'mint', amount: 3n },
      { holder: 'keeper', amount: 4n },
    ],
  }
  expect(ledgerParams.decode(ledgerParams.encode(params))).toEqual(params)
  expect(judged(params)).toBe('7')
  expect(judged({ ...params, cap: 7n })).toBe('7')
  expect(judged({ ...params, cap: 6n })).toBe('ledger/above-cap')
})

test('a sum of allotments that leaves 128 bits is refused before it is compared with the cap', () => {
  const cap = 2n ** 128n - 1n
  const initial = [
    { holder: 'mint', amount: cap },
    { holder: 'keeper', amount: 1n },
  ]
  expect(judged({ ...TICK, cap, initial })).toBe('amount/too-large')
})

test('a symbol has one to sixteen plain characters', () => {
  expect(judged({ ...TICK, symbol: 'x'.repeat(SYMBOL_BYTES_MAX) })).toBe('0')
  expect(() => ledgerParams.encode({ ...TICK, symbol: 'x'.repeat(SYMBOL_BYTES_MAX + 1) })).toThrow(
    /17/,
  )
  for (const symbol of ['', ' ', 'a b', '-a', 'é', 'a\u200b']) {
    expect(judged({ ...TICK, symbol })).toBe('ledger/bad-symbol')
  }
})
