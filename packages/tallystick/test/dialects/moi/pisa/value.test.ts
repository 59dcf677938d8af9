import { describe, expect, test } from 'vitest'
import { createTypes } from '../../../../src/dialects/moi/manifest/type-expression.ts'
import {
  copyValue,
  isNumber,
  keyText,
  sizeOf,
  textOf,
  typeName,
  type Value,
  zeroValue,
  ZERO_BY_CODE,
} from '../../../../src/dialects/moi/pisa/value.ts'

const types = createTypes([
  {
    name: 'Point',
    fields: [
      { label: 'x', type: 'u64' },
      { label: 'n', type: '[]string' },
    ],
  },
])
const array = (...items: Value[]): Value => ({ ...zeroValue(types('[]string')), items }) as Value
const a: Value = { is: 'string', of: 'a' }

describe('a value', () => {
  test('of each type has a zero', () => {
    expect(zeroValue(types('u64'))).toEqual({ is: 'u64', of: 0n })
    expect(zeroValue(types('identifier'))).toEqual({ is: 'identifier', of: new Uint8Array(32) })
    expect(zeroValue(types('[2]bool'))).toMatchObject({ items: [{ of: false }, { of: false }] })
    expect(zeroValue(types('class.Point'))).toMatchObject({ fields: [{ of: 0n }, { items: [] }] })
    expect(ZERO_BY_CODE.map(({ is }) => is)).toEqual([
      'null',
      'bool',
      'bytes',
      'string',
      'identifier',
      'u64',
      'i64',
      'u256',
      'i256',
      'bigint',
    ])
  })

  test('knows its type', () => {
    for (const text of ['u64', '[]string', 'class.Point', 'map[u64]bool']) {
      expect(typeName(zeroValue(types(text)))).toBe(text)
    }
    expect(isNumber({ is: 'i256', of: 1n })).toBe(true)
    expect(isNumber(a)).toBe(false)
  })

  test('is copied so that neither changes with the other', () => {
    const outer = zeroValue(types('class.Point'))
    const copy = copyValue(outer)
    expect(copy).toEqual(outer)
    if (copy.is === 'object' && copy.fields[1]?.is === 'array') copy.fields[1].items.push(a)
    expect(copy).not.toEqual(outer)
    const map: Value = {
      ...zeroValue(types('map[string][]string')),
      entries: new Map([['a', { key: a, value: array(a) }]]),
    } as Value
    const other = copyValue(map)
    if (other.is === 'map') other.entries.set('a', { key: a, value: array() })
    expect(sizeOf(map)).not.toEqual(sizeOf(other))
  })

  test('is counted with all its parts', () => {
    expect(sizeOf(a)).toEqual({ items: 1, bytes: 1 })
    expect(sizeOf(array(a, a))).toEqual({ items: 3, bytes: 2 })
    expect(sizeOf(zeroValue(types('class.Point')))).toEqual({ items: 3, bytes: 32 })
  })

  test('has a text if it is a primitive', () => {
    expect(textOf({ is: 'u64', of: 12n })).toBe('12')
    expect(textOf({ is: 'bool', of: true })).toBe('true')
    expect(textOf({ is: 'null' })).toBe('null')
    expect(textOf(array(a))).toBeUndefined()
    expect(keyText({ is: 'bool', of: true })).not.toBe(keyText({ is: 'bool', of: false }))
    expect(keyText({ is: 'bytes', of: Uint8Array.of(1) })).toBe('01')
  })
})
