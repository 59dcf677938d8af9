import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { faultFrom, isFault } from '../../src/base/fault.ts'
import {
  applyMove,
  FINE,
  judgeMove,
  leadsTo,
  moveFault,
  moveText,
  writeEntry,
} from '../../src/kernel/chain-rule.ts'
import type { Entry } from '../../src/kernel/chain-record.ts'
import type { Cells } from '../../src/state/inline.ts'
import { cellsArbitrary, entryArbitrary, entryBytes, move } from './chain-sample.ts'

const STATE = 0
const ENTRY = 8
const U64_MAX = (1n << 64n) - 1n

const room = (cells: Cells): { readonly words: Int32Array; readonly bytes: Uint8Array } => {
  const words = new Int32Array(24)
  new BigUint64Array(words.buffer, 0, 4).set(cells)
  return { words, bytes: new Uint8Array(words.buffer) }
}

const cellsIn = (words: Int32Array): readonly bigint[] => [
  ...new BigUint64Array(words.buffer.slice(0, 32)),
]

const codeOf = (cells: Cells, entry: Uint8Array): string => {
  const { words, bytes } = room(cells)
  bytes.set(entry, 4 * ENTRY)
  const judgement = judgeMove(words, STATE, ENTRY)
  return judgement === FINE ? 'fine' : moveFault(judgement, moveText(words, ENTRY), {}).code
}

/** The rule with big integers. */
const expected = (cells: Cells, { from, to, amount }: Entry): string => {
  if ((cells[from] ?? 0n) < amount) return 'chain/insufficient'
  return (cells[to] ?? 0n) + amount > U64_MAX ? 'chain/overflow' : 'fine'
}

test('a move is judged and applied as with big integers, carries and borrows included', () => {
  fc.assert(
    fc.property(cellsArbitrary, entryArbitrary, (cells, entry) => {
      const { words, bytes } = room(cells)
      writeEntry({ words, bytes }, ENTRY, entry)
      expect(bytes.slice(4 * ENTRY, 4 * ENTRY + 56)).toEqual(entryBytes(entry))
      const code = expected(cells, entry)
      expect(codeOf(cells, entryBytes(entry))).toBe(code)
      if (code !== 'fine') return
      applyMove(words, STATE, ENTRY)
      const after = cells.map((cell, at) =>
        at === entry.from ? cell - entry.amount : at === entry.to ? cell + entry.amount : cell,
      )
      expect(cellsIn(words)).toEqual(after)
    }),
    { numRuns: 2000 },
  )
})

test('cells are what an entry makes of others, or differ in a bit', () => {
  const after = 22
  fc.assert(
    fc.property(cellsArbitrary, entryArbitrary, fc.nat(255), (cells, entry, bit) => {
      fc.pre(expected(cells, entry) === 'fine')
      const words = new Int32Array(30)
      words.set(room(cells).words.subarray(0, 8))
      writeEntry({ words, bytes: new Uint8Array(words.buffer) }, ENTRY, entry)
      words.copyWithin(after, STATE, STATE + 8)
      applyMove(words, after, ENTRY)
      expect(leadsTo(words, STATE, ENTRY, after)).toBe(true)
      const word = after + (bit >>> 5)
      words[word] = (words[word] ?? 0) ^ (1 << (bit & 31))
      expect(leadsTo(words, STATE, ENTRY, after)).toBe(false)
    }),
    { numRuns: 1000 },
  )
})

test('judging writes nothing', () => {
  const { words, bytes } = room([5n, 0n, 0n, 0n])
  writeEntry({ words, bytes }, ENTRY, move(0, 1, 5n))
  const before = words.slice()
  expect(judgeMove(words, STATE, ENTRY)).toBe(FINE)
  expect(words).toEqual(before)
})

describe('a move', () => {
  test('may take a cell to 0, and no further', () => {
    expect(codeOf([5n, 0n, 0n, 0n], entryBytes(move(0, 1, 5n)))).toBe('fine')
    expect(codeOf([5n, 0n, 0n, 0n], entryBytes(move(0, 1, 6n)))).toBe('chain/insufficient')
  })

  test('may fill a cell to 2^64 − 1, and no further', () => {
    expect(codeOf([5n, U64_MAX - 5n, 0n, 0n], entryBytes(move(0, 1, 5n)))).toBe('fine')
    expect(codeOf([5n, U64_MAX - 4n, 0n, 0n], entryBytes(move(0, 1, 5n)))).toBe('chain/overflow')
  })

  test.each([
    ['another verb', 0, 2],
    ['no verb', 0, 0],
    ['a fifth cell to take from', 1, 4],
    ['a fifth cell to add to', 2, 4],
    ['one cell twice', 2, 0],
    ['a padding byte that is not 0', 3, 1],
    ['the last padding byte not 0', 7, 128],
  ])('is refused with %s', (_, byte, value) => {
    const entry = entryBytes(move(0, 1, 1n))
    expect(codeOf([5n, 5n, 5n, 5n], entry)).toBe('fine')
    entry[byte] = value
    expect(codeOf([5n, 5n, 5n, 5n], entry)).toBe('chain/bad-entry')
  })

  test('of nothing is refused', () => {
    expect(codeOf([5n, 5n, 5n, 5n], entryBytes(move(0, 1, 0n)))).toBe('chain/bad-entry')
  })

  test.each<[string, Partial<Entry>]>([
    ['a negative amount', { amount: -1n }],
    ['an amount of 2^64', { amount: 1n << 64n }],
    ['a cell that is no whole number', { from: 0.5 }],
    ['a negative cell', { to: -1 }],
    ['a fifth cell', { to: 4 }],
    ['a cell that is a number only after wrapping', { to: 2 ** 32 + 1 }],
    ['a short reference', { reference: new Uint8Array(39) }],
    ['a long reference', { reference: new Uint8Array(41) }],
  ])('is not even written with %s', (_, change) => {
    const memory = room([5n, 5n, 5n, 5n])
    const fault = faultFrom(() => writeEntry(memory, ENTRY, { ...move(0, 1, 1n), ...change }))
    expect(isFault(fault) && fault.code).toBe('chain/bad-entry')
    expect(memory.words.subarray(ENTRY).every((word) => word === 0)).toBe(true)
  })
})
