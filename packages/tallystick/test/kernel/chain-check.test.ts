import { describe, expect, test } from 'vitest'
import { createBlake3 } from '../../src/base/blake3.ts'
import { createCheck, type HashedField } from '../../src/kernel/chain-check.ts'
import { millOf, SLOTS } from '../../src/kernel/chain-mill.ts'
import { recordFromHead } from '../../src/kernel/chain-record.ts'
import { PATHS, recordsFrom, RICH, rounds, startOf } from './chain-sample.ts'

const FIELDS: readonly HashedField[] = ['machine', 'link', 'interaction', 'entropy', 'id']

describe.each(PATHS)('the check on the %s path', (path) => {
  const blake3 = createBlake3(path)
  const mill = millOf(blake3)
  const check = createCheck(mill)
  const start = startOf(RICH)
  const records = recordsFrom(start, rounds(SLOTS))
  const { bytes } = blake3.kernel
  const load = (): void => {
    bytes.set(recordFromHead(start), mill.slots - 256)
    bytes.set(records, mill.slots)
  }
  const flip = (slot: number, byte: number): void => {
    const at = mill.slots + slot * 256 + byte
    bytes[at] = (bytes[at] ?? 0) ^ 1
  }

  test.each([1, 2, 3, 4, 5, 31, SLOTS])('holds for %i records as they are', (count) => {
    load()
    check.recompute(count)
    expect(FIELDS.filter((field) => !check.holds(field, 0, count))).toEqual([])
    if (count > 1) expect(check.holds('parent', 1, count - 1)).toBe(true)
  })

  test.each<[string, number, readonly HashedField[]]>([
    ['the machine', 3, ['machine', 'entropy', 'id']],
    ['the interaction', 40, ['interaction', 'entropy', 'id']],
    ['the state', 80, ['id']],
    ['the entropy', 100, ['entropy', 'id']],
    ['the sequence', 130, ['entropy', 'id']],
    ['the parent', 150, ['link', 'id']],
    ['the entry', 200, ['interaction']],
    ['the id', 230, ['id']],
  ])('a bit of %s spoils exactly the fields that depend on it, in its slot', (_, byte, fields) => {
    for (const slot of [0, 5, 30, SLOTS - 1]) {
      load()
      flip(slot, byte)
      check.recompute(SLOTS)
      expect(FIELDS.filter((field) => !check.holds(field, slot, 1))).toEqual(fields)
      expect(FIELDS.filter((field) => !check.holds(field, 0, SLOTS)).length).toBeGreaterThan(0)
      if (slot > 0) expect(FIELDS.filter((field) => !check.holds(field, 0, slot))).toEqual([])
    }
  })

  test('works out ids without the rest', () => {
    load()
    flip(7, 200)
    check.recomputeIds(SLOTS)
    expect(check.holds('parent', 1, SLOTS - 1)).toBe(true)
    flip(7, 80)
    check.recomputeIds(SLOTS)
    expect(check.holds('parent', 1, 7)).toBe(true)
    expect(check.holds('parent', 8, 1)).toBe(false)
  })
})
