import { describe, expect, test } from 'vitest'
import { PISA_TYPE_DEPTH_MAX, PISA_ZERO_ITEMS_MAX } from '../../../../src/base/limits.ts'
import { createTypes } from '../../../../src/dialects/moi/manifest/type-expression.ts'

const point = { name: 'Point', fields: [{ label: 'x', type: 'u64' }] }
const types = createTypes([point])

describe('a type', () => {
  test.each([
    'null',
    'bool',
    'bytes',
    'string',
    'identifier',
    'u64',
    'u256',
    'i64',
    'i256',
    'bigint',
    '[]u64',
    '[3]string',
    'map[identifier]map[u256]bool',
    '[]map[string][]class.Point',
  ])('is %s', (text) => {
    expect(types(text).text).toBe(text)
    expect(types(text)).toBe(types(text))
  })

  test.each([
    '',
    'u128',
    'U64',
    '[]',
    '[-1]u64',
    '[u64',
    'map[]u64',
    'map[u64]',
    'map[null]u64',
    'map[[]u64]u64',
    'map[class.Point]u64',
    'class.Line',
    ' u64',
  ])('is not %j', (text) => {
    expect(() => types(text)).toThrow(expect.objectContaining({ code: 'manifest/type-malformed' }))
  })

  test('has so many levels and no more', () => {
    const deep = (levels: number): string => `${'[]'.repeat(levels - 1)}u64`
    expect(types(deep(PISA_TYPE_DEPTH_MAX)).is).toBe('array')
    expect(() => types(deep(PISA_TYPE_DEPTH_MAX + 1))).toThrow('levels')
  })

  test('has a zero of so many values and no more', () => {
    expect(types(`[${PISA_ZERO_ITEMS_MAX - 1}]u64`).is).toBe('array')
    expect(() => types(`[${PISA_ZERO_ITEMS_MAX}]u64`)).toThrow('larger')
    expect(() => types('[1000][1000]u64')).toThrow('larger')
  })

  test('does not hold itself, at first or second hand', () => {
    const tree = (children: string) =>
      createTypes([{ name: 'Tree', fields: [{ label: 'c', type: children }] }])
    expect(tree('[]u64')('class.Tree').is).toBe('class')
    expect(() => tree('[]class.Tree')).toThrow('holds itself')
    expect(() => tree('map[u64]class.Tree')).toThrow('holds itself')
    const ring = ['A', 'B'].map((name, at) => ({
      name,
      fields: [{ label: 'other', type: `[]class.${'BA'[at]}` }],
    }))
    expect(() => createTypes(ring)).toThrow('holds itself')
  })

  test('that branches at every level is measured once for each class', () => {
    const many = Array.from({ length: PISA_TYPE_DEPTH_MAX - 2 }, (_, level) => ({
      name: `C${level}`,
      fields: Array.from({ length: 60 }, (_none, at) => ({
        label: `f${at}`,
        type: level === 0 ? 'u64' : `map[u64]class.C${level - 1}`,
      })),
    }))
    // Walked down instead, this would take 60 to the power of its levels.
    expect(() => createTypes(many)).toThrow('levels')
    expect(createTypes(many.slice(0, 7))('class.C6').is).toBe('class')
  })
})
