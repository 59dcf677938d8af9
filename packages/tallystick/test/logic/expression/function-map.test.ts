import { describe, expect, test } from 'vitest'
import { EXPRESSION_KEYS_MAX } from '../../../src/base/limits.ts'
import { ask, fault, gasOf } from './ask.ts'

const full = Object.fromEntries(
  Array.from({ length: EXPRESSION_KEYS_MAX }, (_, index) => [`k${index}`, index]),
)

describe('put and del', () => {
  test('make another map and leave the one they were given', () => {
    const map = { a: 1 }
    expect(ask('put(m, "b", 2)', { m: map })).toEqual({ a: 1, b: 2 })
    expect(ask('put(m, "a", null)', { m: map })).toEqual({ a: null })
    expect(ask('del(m, "a")', { m: map })).toEqual({})
    expect(ask('del(m, "b")', { m: map })).toEqual({ a: 1 })
    expect(map).toEqual({ a: 1 })
  })

  test('refuse keys that reach into a prototype', () => {
    for (const key of ['__proto__', 'constructor', 'prototype']) {
      expect(ask('put({}, k, 1)', { k: key })).toEqual(fault('forbidden-key'))
    }
    expect(ask('put({}, "toString", 1)["toString"]')).toBe(1)
  })

  test('stop at a limit of keys', () => {
    expect(ask('size(put(m, "k0", 1))', { m: full })).toBe(EXPRESSION_KEYS_MAX)
    expect(ask('put(m, "new", 1)', { m: full })).toEqual(fault('too-large'))
  })

  test('pay for the copy', () => {
    expect(gasOf('put(m, "k0", 1)', { m: full })).toBe(4 + EXPRESSION_KEYS_MAX / 4)
  })

  test('take a map and a string', () => {
    expect(ask('put(m, "a", 1)', { m: [] })).toEqual(fault('wrong-type'))
    expect(ask('put({}, k, 1)', { k: 1 })).toEqual(fault('wrong-type'))
    expect(ask('del(m, "a")', { m: null })).toEqual(fault('wrong-type'))
  })
})

describe('get', () => {
  test('gives what is there, nothing included, and otherwise the other value', () => {
    expect(ask('get({"a": 1}, "a", 2)')).toBe(1)
    expect(ask('get({"a": 1}, "b", 2)')).toBe(2)
    expect(ask('get(m, "a", 2)', { m: { a: null } })).toBe(null)
    expect(ask('get(m, "constructor", 2)', { m: {} })).toBe(2)
    expect(ask('get(m, "a", 2)', { m: 'text' })).toEqual(fault('wrong-type'))
    expect(ask('get({"a": 1}, "b", "c")')).toEqual(fault('wrong-type'))
  })
})

describe('keys and without', () => {
  test('list the keys by code points', () => {
    expect(ask('keys(m)', { m: { b: 1, 10: 1, a: 1, 9: 1 } })).toEqual(['10', '9', 'a', 'b'])
    expect(ask('keys(m)', { m: [] })).toEqual(fault('wrong-type'))
  })

  test('take each equal item away', () => {
    expect(ask('without([1, 2, 1], 1)')).toEqual([2])
    expect(ask('without([[1], [2]], [1])')).toEqual([[2]])
    expect(ask('without(l, 1)', { l: {} })).toEqual(fault('wrong-type'))
  })
})
