import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EXPRESSION_DEPTH_MAX } from '../../../src/base/limits.ts'
import { equalValues } from '../../../src/logic/expression/equal.ts'
import type { Value } from '../../../src/logic/expression/value.ts'

const equal = (a: Value, b: Value): boolean | undefined =>
  equalValues({ used: 0, limit: 1_000_000 }, a, b)

const value = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<Value>(null, true, false, 0, 1, -1, '', 'a', '1'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { maxKeys: 3 }),
  ),
})).value

const canonical = (given: Value): string =>
  JSON.stringify(given, (_, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )

describe('equal values', () => {
  test('are those with one canonical spelling', () => {
    fc.assert(
      fc.property(value, value, (a, b) => {
        expect(equal(a, b)).toBe(canonical(a) === canonical(b))
        expect(equal(a, structuredClone(a) as Value)).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })

  test('are of one type', () => {
    expect(equal(1, '1')).toBe(false)
    expect(equal([], {})).toBe(false)
    expect(equal(null, {})).toBe(false)
    expect(equal(false, 0)).toBe(false)
    expect(equal({ a: 1 }, { b: 1 })).toBe(false)
  })

  test('cost what looking at them takes, whatever the order of keys', () => {
    const cost = (a: Value, b: Value): number => {
      const gas = { used: 0, limit: 1_000_000 }
      equalValues(gas, a, b)
      return gas.used
    }
    expect(cost([1, 2, 3], [1, 2, 3])).toBe(3)
    expect(cost([1, 2, 3], [9, 2, 3])).toBe(1)
    expect(cost('a'.repeat(64), 'a'.repeat(64))).toBe(2)
    expect(cost({ a: 1, b: 2 }, { b: 3, a: 1 })).toBe(2)
    expect(cost({ b: 2, a: 1 }, { b: 3, a: 1 })).toBe(2)
  })

  test('are compared to a limit of depth', () => {
    const nested = (levels: number): Value => {
      let made: Value = 0
      for (let level = 0; level < levels; level++) made = [made]
      return made
    }
    expect(equal(nested(EXPRESSION_DEPTH_MAX), nested(EXPRESSION_DEPTH_MAX))).toBe(true)
    expect(equal(nested(EXPRESSION_DEPTH_MAX + 1), nested(EXPRESSION_DEPTH_MAX + 1))).toBe(
      undefined,
    )
    expect(equal(nested(100_000), nested(100_000))).toBe(undefined)
  })
})
