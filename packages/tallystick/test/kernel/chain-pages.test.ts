import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  addRecord,
  addRecords,
  copyIds,
  copyRecords,
  createPages,
} from '../../src/kernel/chain-pages.ts'
import { ID, RECORD_BYTES, RECORD_WORDS } from '../../src/kernel/chain-record.ts'

const numbered = (from: number, count: number): Int32Array<ArrayBuffer> =>
  Int32Array.from({ length: count * RECORD_WORDS }, (_, at) => from * RECORD_WORDS + at)

describe('pages', () => {
  test('give back what was added, however it was added and wherever a page ends', () => {
    const steps = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 12 })
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        steps,
        fc.nat(),
        fc.nat(),
        (capacity, counts, a, b) => {
          const pages = createPages(capacity)
          for (const count of counts) {
            const words = numbered(pages.count, count)
            if (count % 2 === 0) addRecords(pages, words, 0, count)
            else
              for (let at = 0; at < count; at++)
                addRecord(pages, words.subarray(at * RECORD_WORDS, (at + 1) * RECORD_WORDS))
          }
          const [from = 0, to = 0] = [a % (pages.count + 1), b % (pages.count + 1)].sort(
            (x, y) => x - y,
          )
          const expected = numbered(from, to - from)
          expect(copyRecords(pages, from, to)).toEqual(new Uint8Array(expected.buffer))
          const ids = Array.from({ length: to - from }, (_, at) =>
            expected.slice(at * RECORD_WORDS + ID, at * RECORD_WORDS + ID + 8),
          )
          expect([...new Int32Array(copyIds(pages, from, to).buffer)]).toEqual(
            ids.flatMap((id) => [...id]),
          )
        },
      ),
    )
  })

  test('show the last record without a copy', () => {
    const pages = createPages(2)
    for (let count = 1; count <= 9; count++) {
      addRecord(pages, numbered(count, 1))
      expect(pages.count).toBe(count)
      expect(pages.page[pages.end - RECORD_WORDS]).toBe(count * RECORD_WORDS)
    }
  })

  test('have nothing to give beyond their last record', () => {
    const pages = createPages(4)
    addRecords(pages, numbered(0, 3), 0, 3)
    expect(copyRecords(pages, 0, 3).length).toBe(3 * RECORD_BYTES)
    expect(copyRecords(pages, 3, 3).length).toBe(0)
    expect(() => copyRecords(pages, 0, 4)).toThrow('only what was added')
    expect(() => copyIds(pages, 2, 1)).toThrow('only what was added')
  })
})
