import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { idFromHex } from '../../src/base/brand.ts'
import { faultFrom, isFault } from '../../src/base/fault.ts'
import {
  chainHead,
  chainRecord,
  entry,
  entryFault,
  headFromRecord,
  recordFromHead,
} from '../../src/kernel/chain-record.ts'
import {
  entryArbitrary,
  entryBytes,
  move,
  recordAt,
  recordsFrom,
  RICH,
  rounds,
  startOf,
} from './chain-sample.ts'

const codeOf = (run: () => unknown): string => {
  const fault = faultFrom(run)
  return isFault(fault) ? fault.code : 'fine'
}

describe('an entry', () => {
  test('has one spelling, of 56 bytes', () => {
    fc.assert(
      fc.property(entryArbitrary, (value) => {
        const bytes = entry.encode(value)
        expect(bytes).toEqual(entryBytes(value))
        expect(entry.decode(bytes)).toEqual(value)
      }),
    )
  })

  test('is refused when any of its first 8 bytes says something unknown', () => {
    const good = entryBytes(move(0, 1, 7n))
    for (const [byte, value] of [
      [0, 0],
      [0, 2],
      [1, 4],
      [1, 1],
      [2, 0],
      [2, 255],
      [3, 1],
      [7, 1],
    ] as const) {
      const bytes = good.slice()
      bytes[byte] = value
      expect(codeOf(() => entry.decode(bytes))).toBe('chain/bad-entry')
    }
    expect(codeOf(() => entry.decode(good))).toBe('fine')
  })

  test('is refused over nothing, truncated and extended', () => {
    const good = entryBytes(move(0, 1, 7n))
    expect(codeOf(() => entry.decode(entryBytes(move(0, 1, 0n))))).toBe('chain/bad-entry')
    expect(codeOf(() => entry.decode(good.subarray(0, 55)))).toBe('codec/truncated')
    expect(codeOf(() => entry.decode(Uint8Array.of(...good, 0)))).toBe('codec/extended')
  })

  test('says what is wrong with it before it is written', () => {
    expect(entryFault(move(0, 1, 7n))).toBeUndefined()
    expect(entryFault(move(2, 2, 7n))?.message).toContain('from cell 2 to cell 2')
    expect(codeOf(() => entry.encode(move(0, 1, -7n)))).toBe('chain/bad-entry')
  })
})

describe('a record', () => {
  const start = startOf(RICH)
  const records = recordsFrom(start, rounds(3))

  test('reads as its header, its entry and its id, and writes back the same', () => {
    const read = chainRecord.decode(recordAt(records, 1))
    expect(read.transition.sequence).toBe(2n)
    expect(read.transition.parent).toBe(headFromRecord(recordAt(records, 0)).id)
    expect(read.entry).toEqual(rounds(3)[1])
    expect(chainRecord.encode(read)).toEqual(recordAt(records, 1))
  })

  test('names the head that the next one builds on', () => {
    const head = headFromRecord(recordAt(records, 2))
    expect(head).toEqual({
      ...start,
      sequence: 3n,
      state: head.state,
      entropy: head.entropy,
      id: head.id,
    })
    expect(codeOf(() => headFromRecord(records))).toBe('chain/wrong-length')
    expect(codeOf(() => headFromRecord(recordAt(records, 0).subarray(1)))).toBe(
      'chain/wrong-length',
    )
  })

  test('can stand for a head, and gives it back', () => {
    expect(headFromRecord(recordFromHead(start))).toEqual(start)
  })
})

test('a head travels as 136 bytes', () => {
  const start = {
    ...startOf(RICH),
    sequence: (1n << 64n) - 1n,
    id: idFromHex<'transition'>('ab'.repeat(32)),
  }
  expect(chainHead.encode(start).length).toBe(136)
  expect(chainHead.decode(chainHead.encode(start))).toEqual(start)
})
