/** Rows that are written later: found all the same, in order, and never fewer than the mark says. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { u64 } from 'tallystick/base'
import { createLateRows } from '../../../src/guardian/store/late-rows.ts'
import {
  afterRows,
  LEAVES,
  MARK,
  MARK_KEY,
  type NewRow,
  rowKey,
  STEPS,
} from '../../../src/guardian/store/rows.ts'
import { storeError } from '../../../src/store/errors.ts'
import { createMemoryStore } from '../../../src/store/memory.ts'
import type { Recorded, Store } from '../../../src/store/store.ts'
import { turnP99During } from '../../server/turns.ts'

const account = (fill: number): Uint8Array => new Uint8Array(32).fill(fill)
const row = (fill: number, height: number, space = STEPS): NewRow => ({
  space,
  key: rowKey(account(fill), BigInt(height)),
  value: u64.encode(BigInt(fill * 1000 + height)),
})
const all = (fill: number, after = account(fill), limit = 100) => ({
  prefix: account(fill),
  after,
  limit,
})
const values = (rows: readonly { readonly value: Uint8Array }[]): readonly number[] =>
  rows.map(({ value }) => Number(u64.decode(value)))
const markOf = async (store: Store): Promise<bigint> => {
  const found = await store.get(MARK, MARK_KEY)
  return found ? u64.decode(found.value) : 0n
}

describe('A row', () => {
  test('is found before it is stored, newest first, and after', async () => {
    const store = createMemoryStore()
    const rows = createLateRows(store)
    rows.add([row(1, 0), row(1, 1), row(2, 0)], 2n)
    const look = async (): Promise<void> => {
      expect(values(await rows.scan(STEPS, all(1)))).toEqual([1001, 1000])
      expect(values(await rows.scan(STEPS, all(2)))).toEqual([2000])
      expect(await rows.scan(LEAVES, all(1))).toEqual([])
      expect(await rows.get(STEPS, row(1, 1).key)).toEqual(row(1, 1).value)
      expect(await rows.get(STEPS, row(1, 2).key)).toBeUndefined()
    }
    await look()
    expect(await markOf(store)).toBe(0n)
    expect(await store.scan(STEPS, undefined, 10)).toEqual([])
    await rows.flush()
    await look()
    expect(await markOf(store)).toBe(2n)
    expect(await store.scan(STEPS, undefined, 10)).toHaveLength(3)
  })

  test('is stored with many others, once there are enough', async () => {
    const store = createMemoryStore()
    const rows = createLateRows(store, { together: 4 })
    for (let at = 0; at < 3; at += 1) rows.add([row(1, at)], BigInt(at + 1))
    await rows.room()
    expect(await markOf(store)).toBe(0n)
    for (let at = 3; at < 12; at += 1) {
      await rows.room()
      rows.add([row(1, at)], BigInt(at + 1))
    }
    await rows.room()
    expect(await markOf(store)).toBeGreaterThanOrEqual(4n)
    expect(values(await rows.scan(STEPS, all(1)))).toEqual(
      Array.from({ length: 12 }, (_, at) => 1011 - at),
    )
  })

  test('is found once while it is being stored', async () => {
    const inner = createMemoryStore()
    let goOn: (() => void) | undefined
    const store: Store = {
      ...inner,
      commit: async (unit) => {
        const outcome = await inner.commit(unit)
        await new Promise<void>((resolve) => (goOn = resolve))
        return outcome
      },
    }
    const rows = createLateRows(store)
    rows.add([row(1, 0), row(1, 1)], 1n)
    const flushed = rows.flush()
    await new Promise((resolve) => setImmediate(resolve))
    rows.add([row(1, 2)], 2n)
    expect(values(await rows.scan(STEPS, all(1)))).toEqual([1002, 1001, 1000])
    const next = rows.nextPrefixes(STEPS, undefined)
    expect((await next())?.[0]).toBe(1)
    expect(await next()).toBeUndefined()
    goOn?.()
    await new Promise((resolve) => setImmediate(resolve))
    goOn?.()
    await flushed
  })

  test('that the store has no room for is still found, and stored when there is', async () => {
    const inner = createMemoryStore()
    let isFull = true
    const store: Store = {
      ...inner,
      commit: (unit) =>
        isFull ? Promise.reject(storeError('store/full', 'no room')) : inner.commit(unit),
    }
    const rows = createLateRows(store, { together: 2 })
    for (let at = 0; at < 8; at += 1) rows.add([row(1, at)], BigInt(at + 1))
    await expect(rows.room()).rejects.toThrow('no room')
    await expect(rows.flush()).rejects.toThrow('no room')
    expect(values(await rows.scan(STEPS, all(1)))).toHaveLength(8)
    isFull = false
    await rows.room()
    await rows.flush()
    expect(await markOf(inner)).toBe(8n)
    expect(values(await rows.scan(STEPS, all(1)))).toHaveLength(8)
  })

  test('is stored before the mark that counts it, where the store ends halfway', async () => {
    const inner = createMemoryStore()
    let commits = 0
    const store: Store = {
      ...inner,
      commit: async (unit) => {
        commits += 1
        if (commits === 2) throw storeError('store/stopped', 'it ended')
        return inner.commit(unit)
      },
    }
    const rows = createLateRows(store)
    rows.add(
      Array.from({ length: 1500 }, (_, at) => row(1, at)),
      1n,
    )
    await expect(rows.flush()).rejects.toThrow('it ended')
    expect(await markOf(inner)).toBe(0n)
    await rows.flush()
    expect(await markOf(inner)).toBe(1n)
    expect(await rows.scan(STEPS, all(1, account(1), 2000))).toHaveLength(1500)
  })
})

/** Milliseconds of processor time that one turn of the event loop may take. */
const TURN_MS_MAX = 20

test('Many rows are put together in parts of a turn each', async () => {
  let stored = 0
  const store: Store = {
    ...createMemoryStore(),
    commit: async ({ puts }) => {
      await nextTurn()
      stored += puts.length
      return { is: 'stored', entries: [] }
    },
  }
  const rows = createLateRows(store, { together: 1e9, bytesTogether: 1e9 })
  rows.add(
    Array.from({ length: 40_000 }, (_, at) => row(at % 200, at)),
    1n,
  )
  const flushed = nextTurn().then(rows.flush)
  expect(await turnP99During(flushed)).toBeLessThan(TURN_MS_MAX)
  expect(stored).toBe(40_001)
})

/** No two entries have a row in common. */
const placeOf = (of: { readonly fill: number; readonly height: number }): string =>
  `${of.fill} ${of.height}`

/** A store whose pages end after so many records, as large ones do. */
const withPages = (inner: Store, page: number): Store => ({
  ...inner,
  scan: async (space, after, limit): Promise<readonly Recorded[]> =>
    inner.scan(space, after, Math.min(limit, page)),
})

describe('Rows', () => {
  test('come as if all of them were stored, whichever are and wherever a page ends', async () => {
    const step = fc.record({
      fill: fc.integer({ min: 1, max: 4 }),
      height: fc.integer({ min: 0, max: 30 }),
      isFlushed: fc.boolean(),
    })
    const options = { page: fc.integer({ min: 1, max: 4 }), limit: fc.integer({ min: 1, max: 5 }) }
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(step, { maxLength: 40, selector: placeOf }),
        fc.record(options),
        async (steps, of) => {
          const model = createMemoryStore()
          const rows = createLateRows(withPages(createMemoryStore(), of.page))
          for (const [at, { fill, height, isFlushed }] of steps.entries()) {
            const one = row(fill, height)
            await model.commit({ appends: [], puts: [one] })
            rows.add([one], BigInt(at + 1))
            if (isFlushed) await rows.flush()
          }
          const stored = await model.scan(STEPS, undefined, 1000)
          for (const fill of [1, 2, 3, 4]) {
            const found: number[] = []
            for (let after = account(fill); ;) {
              const page = await rows.scan(STEPS, all(fill, after, of.limit))
              found.push(...values(page))
              const last = page.at(-1)
              if (!last) break
              expect(page.length).toBeLessThanOrEqual(of.limit)
              after = last.key
            }
            expect(found).toEqual(values(stored.filter(({ key }) => key[0] === fill)))
          }
          const fills: number[] = []
          const next = rows.nextPrefixes(STEPS, undefined)
          for (let one = await next(); one; one = await next()) fills.push(one[0] ?? 0)
          expect(fills).toEqual([...new Set(stored.map(({ key }) => key[0] ?? 0))])
          const rest = rows.nextPrefixes(STEPS, account(2))
          expect((await rest())?.[0]).toBe(fills.find((fill) => fill > 2))
        },
      ),
      { numRuns: 100 },
    )
  })

  test('of one account behind those of another are not its own', async () => {
    const rows = createLateRows(createMemoryStore())
    rows.add([row(1, 0), row(2, 0)], 1n)
    expect(await rows.scan(STEPS, all(1, afterRows(account(1))))).toEqual([])
    await rows.flush()
    expect(await rows.scan(STEPS, all(1, afterRows(account(1))))).toEqual([])
  })
})
