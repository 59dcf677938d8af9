import { describe, expect, test } from 'vitest'
import { idFromHex } from '../../src/base/brand.ts'
import { bytesFromUtf8 } from '../../src/base/bytes.ts'
import { type Machine, pathKey } from '../../src/kernel/execute.ts'
import {
  BET_ENDS,
  type Escrow,
  payoutOf,
  type Process,
  type Stake,
  stakeOperations,
  stakeVault,
} from '../../src/logic/escrow.ts'
import { vaultOperation } from '../../src/logic/vault-operation.ts'
import { checkVaultTerms, vaultId } from '../../src/logic/vault-terms.ts'
import { replace } from '../../src/state/tree.ts'
import { machineIn, openBooks, PAIR, R } from './books.ts'

const books = openBooks([PAIR])
const chart = machineIn(books, R)
const LOGIC = { machine: R, logic: 0 }
const PROCESS: Process = { suite: 'classic', logic: LOGIC, ends: BET_ENDS }
const ELSEWHERE = idFromHex<'machine'>('e'.repeat(64))
const ESCROW: Escrow = {
  suite: 'classic',
  asset: { machine: ELSEWHERE, logic: 0 },
  vault: { machine: ELSEWHERE, logic: 1 },
}
const BOB = { name: 'bob', sender: 'b0b' }
const CAROL = { name: 'carol', sender: 'ca401' }
const STAKE: Stake = { from: BOB, to: CAROL, amount: 60n }
const BACK: Stake = { from: CAROL, to: BOB, amount: 40n }
const VAULTS = [STAKE, BACK].map((one) => stakeVault(PROCESS, ESCROW, one))

/** The process with these values where its ends are said. */
const showing = (of: { readonly value?: string; readonly winner?: string }): Machine => {
  const entries = [
    [['value'], of.value],
    [['context', 'winner'], of.winner],
  ] as const
  let { state } = chart
  for (const [path, value] of entries) {
    if (value === undefined) continue
    const bytes = bytesFromUtf8(JSON.stringify(value))
    state = replace(state, [{ key: pathKey('classic', LOGIC, path), value: bytes }])
  }
  return { ...chart, state }
}

/** To the payee of each vault. */
const paid = (shown: Machine): readonly (bigint | undefined)[] | undefined =>
  payoutOf(VAULTS, shown)
    ?.operations.filter(({ logic }) => logic === 1)
    .map(({ argument }) => {
      const of = vaultOperation.decode(argument)
      return of.is === 'rule' ? of.outcome.toPayee : undefined
    })

describe('a stake', () => {
  test('is a vault whose terms hold, and which everybody finds from the process and the two', () => {
    for (const { terms } of VAULTS) {
      const own = { ...terms, machine: R }
      expect(() => checkVaultTerms(own, PAIR.terms)).not.toThrow()
    }
    const ids = [
      stakeVault(PROCESS, ESCROW, STAKE),
      stakeVault(PROCESS, ESCROW, BACK),
      stakeVault(PROCESS, ESCROW, { ...STAKE, amount: 61n }),
      stakeVault({ ...PROCESS, logic: { ...LOGIC, machine: ELSEWHERE } }, ESCROW, STAKE),
      stakeVault(PROCESS, ESCROW, { ...STAKE, to: { ...CAROL, sender: 'ca402' } }),
    ].map(({ terms }) => vaultId('classic', terms))
    expect(new Set(ids).size).toBe(ids.length)
    expect(vaultId('classic', stakeVault(PROCESS, ESCROW, STAKE).terms)).toBe(ids[0])
  })

  test('is locked and opened by one pair of operations each', () => {
    expect(stakeOperations(VAULTS).map(({ logic }) => logic)).toEqual([0, 1, 0, 1])
  })
})

describe('a process', () => {
  test('that has not ended decides nothing, and neither does another machine', () => {
    expect(payoutOf(VAULTS, showing({ value: 'open', winner: '' }))).toBeUndefined()
    expect(payoutOf(VAULTS, chart)).toBeUndefined()
    const ended = showing({ value: 'finished', winner: 'b0b' })
    expect(payoutOf(VAULTS, { ...ended, id: ELSEWHERE })).toBeUndefined()
  })

  test('that names a winner gives both stakes to the winner', () => {
    // A claim is no ruling: all of it goes to the payee.
    expect(paid(showing({ value: 'finished', winner: 'b0b' }))).toEqual([0n, undefined])
    expect(paid(showing({ value: 'finished', winner: 'ca401' }))).toEqual([undefined, 0n])
  })

  test('that was called off gives both back', () => {
    expect(paid(showing({ value: 'cancelled', winner: '' }))).toEqual([0n, 0n])
  })

  test('that names somebody else decides nothing', () => {
    expect(payoutOf(VAULTS, showing({ value: 'finished', winner: 'eve' }))).toBeUndefined()
  })

  test('is relied on at its head, by each fact once', () => {
    const shown = showing({ value: 'cancelled', winner: '' })
    expect(payoutOf(VAULTS, shown)?.premises).toEqual([
      {
        is: 'fact',
        machine: R,
        transition: shown.headId,
        key: pathKey('classic', LOGIC, ['value']),
        value: bytesFromUtf8('"cancelled"'),
      },
    ])
  })
})
