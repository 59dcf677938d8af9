import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytesFromId, zeroId } from '../../src/base/brand.ts'
import { faultFrom } from '../../src/base/fault.ts'
import { STATE_VALUE_BYTES_MAX } from '../../src/base/limits.ts'
import { createTreeArena, type TreeArena } from '../../src/state/arena.ts'
import type { StateKey } from '../../src/state/keys.ts'
import { proofFault, prove } from '../../src/state/proof.ts'
import { rootOf, treeFrom } from '../../src/state/tree.ts'
import {
  anyKey,
  anyValue,
  keyPool,
  keyWith,
  numberedKey,
  TEST_SUITES,
  valueHash,
  valueOf,
} from './forge.ts'

const KINDS = [
  ...TEST_SUITES.map((suite) => [suite, 'wasm'] as const),
  ['quantum', 'plain'] as const,
]

const anySteps = fc.array(
  fc.record({ key: anyKey, value: fc.option(anyValue, { nil: undefined }) }),
  { maxLength: 40 },
)

const anyLongValue = fc
  .integer({ min: 60, max: 200 })
  .map((size) => new Uint8Array(size).fill(size))

const anyLoad = fc
  .array(fc.tuple(anyKey, fc.oneof({ weight: 5, arbitrary: anyValue }, anyLongValue)), {
    maxLength: 30,
  })
  .map((entries): ReadonlyMap<StateKey, Uint8Array> => new Map(entries))

const apply = (arena: TreeArena, key: StateKey, value: Uint8Array | undefined): void => {
  if (value === undefined) arena.remove(bytesFromId(key))
  else arena.set(bytesFromId(key), value)
}

const note = (
  model: Map<StateKey, Uint8Array>,
  key: StateKey,
  value: Uint8Array | undefined,
): void => {
  if (value === undefined) model.delete(key)
  else model.set(key, value)
}

describe.each(KINDS)('a tree arena under %s (%s)', (suite, path) => {
  test('has the roots of the immutable tree after every step of any history', () => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        const arena = createTreeArena(suite, path)
        const model = new Map<StateKey, Uint8Array>()
        for (const { key, value } of steps) {
          const before = model.get(key)
          expect(arena.valueHash(bytesFromId(key))).toEqual(
            before === undefined ? undefined : valueHash(suite, before),
          )
          apply(arena, key, value)
          note(model, key, value)
          expect(arena.root()).toBe(rootOf(treeFrom(suite, model)))
        }
        expect(arena.size()).toBe(model.size)
      }),
      { numRuns: 25 },
    )
  })

  test('loads what setting key by key leads to, and goes on from there', () => {
    fc.assert(
      fc.property(anyLoad, anySteps, (entries, steps) => {
        const arena = createTreeArena(suite, path)
        const model = new Map(entries)
        arena.load(Array.from(entries, ([key, value]) => [bytesFromId(key), value]))
        expect(arena.root()).toBe(rootOf(treeFrom(suite, model)))
        expect(arena.size()).toBe(entries.size)
        for (const { key, value } of steps) {
          apply(arena, key, value)
          note(model, key, value)
        }
        expect(arena.root()).toBe(rootOf(treeFrom(suite, model)))
        for (const key of keyPool) {
          expect(arena.valueHash(bytesFromId(key)) === undefined).toBe(!model.has(key))
        }
      }),
      { numRuns: 25 },
    )
  })

  test('is the same tree where the crown has several layers', () => {
    const numbers = Array.from({ length: suite === 'quantum' ? 3000 : 400 }, (_, n) => n)
    const entries = numbers.map((n) => [numberedKey(n), valueOf(n)] as const)
    const kept = entries.filter((_, n) => n % 7 === 0)
    const full = rootOf(treeFrom(suite, entries))
    const arena = createTreeArena(suite, path)
    for (const [key, value] of entries) arena.set(bytesFromId(key), value)
    expect(arena.root()).toBe(full)
    for (const n of numbers) if (n % 7 !== 0) arena.remove(bytesFromId(numberedKey(n)))
    expect(arena.root()).toBe(rootOf(treeFrom(suite, kept)))
    for (const [key, value] of entries) arena.set(bytesFromId(key), value)
    expect(arena.root()).toBe(full)
  })

  test('gives the proofs of the immutable tree', () => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        const arena = createTreeArena(suite, path)
        const model = new Map<StateKey, Uint8Array>()
        for (const { key, value } of steps) {
          apply(arena, key, value)
          note(model, key, value)
        }
        const tree = treeFrom(suite, model)
        for (const key of keyPool) {
          expect(arena.prove(bytesFromId(key))).toEqual(prove(tree, key))
          const claim = { root: arena.root(), key, value: model.get(key) }
          expect(proofFault(suite, claim, arena.prove(bytesFromId(key)))).toBeUndefined()
        }
      }),
      { numRuns: 20 },
    )
  })

  test('is empty again when everything is removed, and uses its blocks again', () => {
    const arena = createTreeArena(suite, path)
    const keys = Array.from({ length: 60 }, (_, n) => numberedKey(n))
    const fill = (): void => keys.forEach((key, n) => apply(arena, key, valueOf(n)))
    fill()
    const full = arena.root()
    // Two keys that part at their last bit need 255 branches, which must come back too.
    keys.push(keyWith('0'), keyWith(`${'0'.repeat(255)}1`))
    fill()
    const deep = arena.root()
    const memory = arena.memoryBytes()
    for (let round = 0; round < 3; round++) {
      for (const key of keys) expect(arena.remove(bytesFromId(key))).toBe(true)
      expect(arena.root()).toBe(zeroId())
      expect(arena.remove(bytesFromId(numberedKey(0)))).toBe(false)
      fill()
      expect(arena.root()).toBe(deep)
      expect(arena.memoryBytes()).toBe(memory)
    }
    expect(deep).not.toBe(full)
  })

  test('takes values of any allowed length', () => {
    for (const size of [0, 1, 31, 63, 64, 65, 1024, 1025, STATE_VALUE_BYTES_MAX]) {
      const arena = createTreeArena(suite, path)
      const value = new Uint8Array(size).fill(7)
      arena.set(bytesFromId(keyWith('1')), new Uint8Array(64).fill(9))
      arena.set(bytesFromId(keyWith('1')), value)
      expect(arena.root()).toBe(rootOf(treeFrom(suite, [[keyWith('1'), value]])))
    }
  })
})

describe('a tree arena', () => {
  const arena = createTreeArena('quantum')
  arena.set(bytesFromId(keyWith('1')), valueOf(1))

  test('refuses a value over the limit and stays as it was', () => {
    const root = arena.root()
    const long = new Uint8Array(STATE_VALUE_BYTES_MAX + 1)
    for (const key of [keyWith('1'), keyWith('0')]) {
      const set = (): void => arena.set(bytesFromId(key), long)
      expect(faultFrom(set)).toMatchObject({ code: 'state/value-too-long' })
    }
    expect([arena.root(), arena.size()]).toEqual([root, 1])
  })

  test('is still fresh after entries that it refused', () => {
    const fresh = createTreeArena('quantum')
    const good = [0, 1, 2].map((n) => [bytesFromId(numberedKey(n)), valueOf(n)] as const)
    const twice = [bytesFromId(numberedKey(1)), valueOf(9)] as const
    const long = [bytesFromId(numberedKey(3)), new Uint8Array(STATE_VALUE_BYTES_MAX + 1)] as const
    const codeOf = (...entries: typeof good): unknown => faultFrom(() => fresh.load(entries))
    expect(codeOf(...good, twice)).toMatchObject({ code: 'state/key-twice' })
    expect(codeOf(...good, long)).toMatchObject({ code: 'state/value-too-long' })
    expect([fresh.root(), fresh.size()]).toEqual([zeroId(), 0])
    const near = [keyWith('0'), keyWith('0011')]
    for (const key of near) fresh.set(bytesFromId(key), valueOf(1))
    expect(fresh.root()).toBe(
      rootOf(
        treeFrom(
          'quantum',
          near.map((key) => [key, valueOf(1)]),
        ),
      ),
    )
    const other = createTreeArena('quantum')
    expect(faultFrom(() => other.load([...good, twice]))).toMatchObject({ code: 'state/key-twice' })
    other.load(good)
    const entries = [0, 1, 2].map((n) => [numberedKey(n), valueOf(n)] as const)
    expect(other.root()).toBe(rootOf(treeFrom('quantum', entries)))
    expect(() => other.load(good)).toThrow('fresh')
  })

  test('copies its root to where it is wanted', () => {
    const record = new Uint8Array(40).fill(255)
    arena.rootInto(record, 4)
    expect(record.subarray(4, 36)).toEqual(bytesFromId(arena.root()))
    expect([record[3], record[36]]).toEqual([255, 255])
  })

  test('has no place for a key of another length', () => {
    expect(() => arena.set(new Uint8Array(31), valueOf(1))).toThrow('32 bytes')
    expect(() => createTreeArena('quantum').load([[new Uint8Array(33), valueOf(1)]])).toThrow(
      '32 bytes',
    )
  })
})
