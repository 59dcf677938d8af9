import { describe, expect, test } from 'vitest'
import type { MachineId } from '../../src/base/brand.ts'
import type { Charter } from '../../src/kernel/charter.ts'
import { assetsIn } from '../../src/logic/ledger-asset.ts'
import { type LedgerParams, ledgerParams } from '../../src/logic/ledger-params.ts'
import { machineIn, MINT, openBooks, X } from './books.ts'

const PARAMS: LedgerParams = {
  symbol: 'COIN',
  decimals: 2,
  cap: 10n,
  issuer: undefined,
  initial: [],
}

const { charter } = machineIn(openBooks([MINT]), X)

const of = (logics: Charter['logics']): readonly (readonly [MachineId, Charter])[] => [
  [X, { ...charter, logics }],
]

describe('assets', () => {
  test('are found by machine and position, with what their charters fix', () => {
    const params = ledgerParams.encode(PARAMS)
    const found = assetsIn(
      of([
        { name: 'vault/1', params: new Uint8Array(0) },
        { name: 'ledger/1', params },
        { name: 'ledger/1', params },
      ]),
    )
    expect(found.map((one) => one.prefix.logic)).toEqual([1, 2])
    expect(found[0]).toEqual({ prefix: { machine: X, logic: 1 }, params: PARAMS })
  })

  test('are none where another logic stands, or parameters do not decode', () => {
    expect(assetsIn(of([{ name: 'vault/1', params: new Uint8Array(0) }]))).toEqual([])
    expect(assetsIn(of([{ name: 'ledger/1', params: Uint8Array.of(1) }]))).toEqual([])
  })
})
