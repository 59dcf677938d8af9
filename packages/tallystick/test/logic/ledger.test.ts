import { describe, expect, test } from 'vitest'
import { isFault } from '../../src/base/fault.ts'
import { machineId } from '../../src/kernel/charter.ts'
import { openMachine } from '../../src/kernel/execute.ts'
import { auditOf } from '../../src/logic/ledger-audit.ts'
import {
  type LedgerOperation,
  ledgerOperation,
  operationOnLedger,
} from '../../src/logic/ledger-operation.ts'
import { ledgerParams } from '../../src/logic/ledger-params.ts'
import { balanceOf, recordsIn } from '../../src/logic/ledger-record.ts'
import { ledger } from '../../src/logic/ledger.ts'
import { STANDARD_LOGICS } from '../../src/logic/registry.ts'
import {
  A,
  ALICE,
  ASSET,
  at,
  charterOf,
  codeOf,
  ledgerTerms,
  machineIn,
  MINT,
  openBooks,
  PAIR,
  R,
  type Step,
  take,
  taken,
  TICK,
  X,
} from './books.ts'
import { conserved, does, funded, held, refusedUnless } from './funded.ts'

describe('genesis', () => {
  test('initial allotments are balances and supply of a machine that is its own asset', () => {
    const initial = [
      { holder: 'ann', amount: 70n },
      { holder: 'ben', amount: 30n },
    ]
    const own = charterOf(['ann', 'ben'], [ledgerTerms({ ...TICK, issuer: undefined, initial })])
    const books = openBooks([own])
    const asset = { machine: machineId(own), logic: 0 }
    expect(balanceOf(machineIn(books, asset.machine), asset, 'ann')).toBe(70n)
    const audit = auditOf(asset, [...books.machines.values()])
    expect(audit).toMatchObject({ issued: 100n, balances: 100n })
    const pays = operationOnLedger(asset, {
      is: 'transfer',
      from: at(asset.machine, 'ann'),
      to: at(asset.machine, 'ben'),
      amount: 70n,
    })
    const after = taken(books, { write: [asset.machine], operations: [pays], by: ['ann'] })
    // An emptied balance leaves no record behind.
    expect(recordsIn(machineIn(after, asset.machine), asset)).toHaveLength(2)
  })

  test.each([
    ['amount/zero', { initial: [{ holder: 'mint', amount: 0n }] }],
    ['amount/too-precise', { decimals: 39 }],
    ['ledger/above-cap', { initial: [{ holder: 'mint', amount: 1_000_001n }] }],
    ['ledger/bad-symbol', { symbol: '' }],
    ['ledger/bad-symbol', { symbol: 'TI CK' }],
    ['ledger/bad-symbol', { symbol: 'ТIСК' }],
    [
      'ledger/holder-twice',
      {
        initial: [
          { holder: 'mint', amount: 1n },
          { holder: 'mint', amount: 1n },
        ],
      },
    ],
    ['ledger/unknown-holder', { initial: [{ holder: 'nobody', amount: 1n }] }],
    ['ledger/unknown-holder', { issuer: 'nobody' }],
  ])('%s: parameters are refused', (code, changed) => {
    const opened = openMachine(
      charterOf(['mint'], [ledgerTerms({ ...TICK, ...changed })]),
      STANDARD_LOGICS,
    )
    expect(isFault(opened) && opened.code).toBe(code)
  })

  test('the cap itself may be allotted', () => {
    const initial = [{ holder: 'mint', amount: TICK.cap }]
    const opened = openMachine(
      charterOf(['mint'], [ledgerTerms({ ...TICK, initial })]),
      STANDARD_LOGICS,
    )
    expect(isFault(opened)).toBe(false)
  })

  test('parameters that do not decode are refused with the codec’s fault', () => {
    const params = ledgerParams.encode(TICK)
    for (const [code, bytes] of [
      ['codec/truncated', params.subarray(0, -1)],
      ['codec/extended', Uint8Array.of(...params, 0)],
    ] as const) {
      const opened = openMachine(
        charterOf(['mint'], [{ name: 'ledger/1', params: bytes }]),
        STANDARD_LOGICS,
      )
      expect(isFault(opened) && opened.code).toBe(code)
    }
  })
})

describe('issue and burn', () => {
  const issue = does({ is: 'issue', to: at(A, 'alice'), amount: 5n })

  test('only the issuer issues, and the asset’s machine takes part', () => {
    const step = { write: [X, A], operations: issue, by: ['alice', 'keeper'] }
    const fault = refusedUnless(funded, step, 'ledger/no-consent', { by: ['mint'] })
    expect(fault.place).toMatchObject({ party: 'mint', machine: X })
    const apart = { write: [A], refer: [X], operations: issue, by: ['mint'] }
    refusedUnless(funded, apart, 'ledger/not-written', { write: [X, A], refer: [] })
  })

  test('an asset without an issuer is never issued again', () => {
    const closed = charterOf(['mint'], [ledgerTerms({ ...TICK, issuer: undefined })], 9)
    const asset = { machine: machineId(closed), logic: 0 }
    const operations = [
      operationOnLedger(asset, { is: 'issue', to: at(asset.machine, 'mint'), amount: 1n }),
    ]
    const step = { write: [asset.machine], operations, by: ['mint'] }
    expect(codeOf(take(openBooks([closed]), step))).toBe('ledger/no-issuer')
  })

  test('the cap bounds what circulates: burning makes room', () => {
    const room = TICK.cap - 210n
    const more = (amount: bigint): Step => ({
      write: [X, A],
      operations: does({ is: 'issue', to: at(A, 'alice'), amount }),
      by: ['mint'],
    })
    expect(codeOf(take(funded, more(room + 1n)))).toBe('ledger/above-cap')
    const full = taken(funded, more(room))
    expect(codeOf(take(full, more(1n)))).toBe('ledger/above-cap')
    const burned = taken(full, {
      write: [X, A],
      operations: does({ is: 'burn', from: at(A, 'alice'), amount: 7n }),
      by: ['alice'],
    })
    expect(conserved(burned)).toBe(true)
    expect(codeOf(take(burned, more(8n)))).toBe('ledger/above-cap')
    expect(codeOf(take(burned, more(7n)))).toBe('done')
  })

  test('nobody burns another’s money, or more than there is', () => {
    const step = {
      write: [X, A],
      operations: does({ is: 'burn', from: at(A, 'alice'), amount: 100n }),
      by: ['mint'],
    }
    refusedUnless(funded, step, 'ledger/no-consent', { by: ['alice'] })
    const over = does({ is: 'burn', from: at(A, 'alice'), amount: 101n })
    refusedUnless(
      funded,
      { ...step, by: ['alice'], operations: over },
      'ledger/insufficient',
      step && {
        operations: step.operations,
      },
    )
  })
})

describe('transfer', () => {
  const pays = (amount: bigint): Step => ({
    write: [R],
    refer: [X],
    operations: does({ is: 'transfer', from: at(R, 'bob'), to: at(R, 'carol'), amount }),
    by: ['bob'],
  })

  test('moves money within a machine with the payer’s word alone', () => {
    const after = taken(funded, pays(30n))
    expect([held(after, R, 'bob'), held(after, R, 'carol')]).toEqual([0n, 60n])
    expect(conserved(after)).toBe(true)
    const fault = refusedUnless(funded, { ...pays(1n), by: ['carol'] }, 'ledger/no-consent', {
      by: ['bob'],
    })
    expect(fault.place).toMatchObject({ party: 'bob', machine: R, step: 3n })
  })

  test('moves money between two written legs in one step of each', () => {
    const operations = does({
      is: 'transfer',
      from: at(A, 'alice'),
      to: at(R, 'carol'),
      amount: 40n,
    })
    const step = { write: [A, R], refer: [X], operations, by: ['alice'] }
    const after = taken(funded, step)
    expect([held(after, A, 'alice'), held(after, R, 'carol')]).toEqual([60n, 70n])
    expect(conserved(after)).toBe(true)
    refusedUnless(funded, { ...step, write: [A], refer: [X, R] }, 'ledger/not-written', {
      write: [A, R],
      refer: [X],
    })
  })

  test('is refused beyond the balance, to oneself, to and from strangers', () => {
    const fault = refusedUnless(funded, pays(31n), 'ledger/insufficient', pays(30n))
    expect(fault.place.party).toBe('bob')
    const to = (from: string, payee: string): Step => ({
      ...pays(1n),
      operations: does({ is: 'transfer', from: at(R, from), to: at(R, payee), amount: 1n }),
    })
    refusedUnless(funded, to('bob', 'bob'), 'ledger/same-account', to('bob', 'carol'))
    refusedUnless(funded, to('bob', 'dave'), 'ledger/unknown-holder', to('bob', 'carol'))
    refusedUnless(funded, to('dave', 'carol'), 'ledger/unknown-holder', to('bob', 'carol'))
  })

  test('two operations of one interaction see each other: money is not spent twice', () => {
    const once = pays(20n).operations
    const twice = { ...pays(20n), operations: [...once, ...once] }
    refusedUnless(funded, twice, 'ledger/insufficient', { operations: once })
    const forthAndBack = [
      ...does({ is: 'transfer', from: at(R, 'bob'), to: at(R, 'carol'), amount: 30n }),
      ...does({ is: 'transfer', from: at(R, 'carol'), to: at(R, 'bob'), amount: 60n }),
    ]
    const after = taken(funded, { ...pays(1n), operations: forthAndBack, by: ['bob', 'carol'] })
    expect([held(after, R, 'bob'), held(after, R, 'carol')]).toEqual([60n, 0n])
  })

  test('an amount of zero, and one that no codec would write, are refused', () => {
    const zero = ledgerOperation.encode({
      is: 'transfer',
      from: at(R, 'bob'),
      to: at(R, 'carol'),
      amount: 0n,
    })
    const step = { ...pays(1n), operations: [{ ...ASSET, argument: zero }] }
    refusedUnless(funded, step, 'amount/zero', pays(1n))
    for (const argument of [zero.subarray(0, -1), Uint8Array.of(...zero, 0), new Uint8Array()]) {
      expect(codeOf(take(funded, { ...step, operations: [{ ...ASSET, argument }] }))).toMatch(
        /^codec\//,
      )
    }
    for (const amount of [-1n, 2n ** 128n]) expect(() => pays(amount)).toThrow(/./)
  })

  test('the order of two assets’ operations in one machine does not mix their books', () => {
    const other = charterOf(['mint', 'keeper'], [ledgerTerms(TICK)], 7)
    const second = { machine: machineId(other), logic: 0 }
    const books = openBooks([MINT, other, ALICE])
    const both = taken(books, {
      write: [X, second.machine, A],
      operations: [
        operationOnLedger(ASSET, { is: 'issue', to: at(A, 'alice'), amount: 3n }),
        operationOnLedger(second, { is: 'issue', to: at(A, 'alice'), amount: 5n }),
      ],
      by: ['mint'],
    })
    expect(balanceOf(machineIn(both, A), ASSET, 'alice')).toBe(3n)
    expect(balanceOf(machineIn(both, A), second, 'alice')).toBe(5n)
    expect(recordsIn(machineIn(both, A), second)).toHaveLength(1)
  })
})

test('what the logic says, it says without executing', () => {
  const params = ledgerParams.encode(TICK)
  const line = (of: LedgerOperation): string =>
    ledger.describe(ledgerOperation.encode(of), params, PAIR.terms)
  expect(line({ is: 'transfer', from: at(R, 'alice'), to: at(R, 'bob'), amount: 420n })).toBe(
    'alice pays bob 4.20 TICK',
  )
  expect(() => ledger.describe(new Uint8Array(), params, PAIR.terms)).toThrow(/bytes/)
})
