import { describe, expect, test } from 'vitest'
import { EXPRESSION_ITEMS_MAX } from '../../../src/base/limits.ts'
import { ask, fault, gasOf } from './ask.ts'

describe('all and exists', () => {
  test('decide by one item', () => {
    expect(ask('[1, 2].all(x, x > 0)')).toBe(true)
    expect(ask('[1, 2].all(x, x > 1)')).toBe(false)
    expect(ask('[1, 2].exists(x, x > 1)')).toBe(true)
    expect(ask('[1, 2].exists(x, x > 2)')).toBe(false)
    expect(ask('[].all(x, x) && ![].exists(x, x)')).toBe(true)
  })

  test('forget a failure once another item decides', () => {
    expect(ask('[0, 1].all(x, 1 / x > 1)')).toBe(false)
    expect(ask('[0, 1].exists(x, 1 / x == 1)')).toBe(true)
    expect(ask('[0, 1].all(x, 1 / x == 1)')).toEqual(fault('divided-by-zero'))
    expect(ask('[0, 1].exists(x, 1 / x > 1)')).toEqual(fault('divided-by-zero'))
    expect(ask('[d, true].exists(x, x)', { d: 1 })).toBe(true)
    expect(ask('[d, false].exists(x, x)', { d: 1 })).toEqual(fault('wrong-type'))
  })
})

describe('exists_one, filter and map', () => {
  test('look at every item and forget no failure', () => {
    expect(ask('[1, 2].exists_one(x, x > 1)')).toBe(true)
    expect(ask('[2, 2].exists_one(x, x > 1)')).toBe(false)
    expect(ask('[1, 2, 0].exists_one(x, 4 / x > 1)')).toEqual(fault('divided-by-zero'))
    expect(ask('[3, 1, 2].filter(x, x > 1)')).toEqual([3, 2])
    expect(ask('[1, 0].filter(x, 1 / x > 1)')).toEqual(fault('divided-by-zero'))
    expect(ask('[1, 2].map(x, x * x)')).toEqual([1, 4])
    expect(ask('[1, 2].map(x, x > 1, string(x))')).toEqual(['2'])
    expect(ask('[1, 0].map(x, 1 / x)')).toEqual(fault('divided-by-zero'))
  })
})

describe('macros', () => {
  test('go over the keys of a map by code points', () => {
    const d = { b: 1, 10: 2, a: 3, 9: 4 }
    expect(ask('d.map(k, k)', { d })).toEqual(['10', '9', 'a', 'b'])
    expect(ask('d.filter(k, d[k] > 2)', { d })).toEqual(['9', 'a'])
    expect(ask('d.all(k, d[k] > 0)', { d })).toBe(true)
  })

  test('stand within one another, the inner name before the outer', () => {
    expect(ask('[1, 2].map(x, [10, 20].map(y, x + y))')).toEqual([
      [11, 21],
      [12, 22],
    ])
    expect(ask('[1].map(x, [2].map(x, x)[0] + x)')).toEqual([3])
    expect(ask('[d].map(d, d + 1)', { d: 1 })).toEqual([2])
    // The third of one name once wrote over the second, which is read after it.
    expect(ask('[1].map(x, [2].map(x, [[3].map(x, x)[0], x]))')).toEqual([[[3, 2]]])
    expect(ask('[[1, 2], [3]].map(x, x.exists(y, y > 2))')).toEqual([false, true])
  })

  test('cost a unit for each item besides its nodes', () => {
    expect(gasOf('[1, 2, 3].all(x, true)')).toBe(1 + 4 + 3 * 2)
    expect(gasOf('d.all(k, true)', { d: { a: 1, b: 2 } })).toBe(2 + 2 * 2 + 2 * 2)
  })

  test('make no list beyond the limit', () => {
    const list = Array.from({ length: EXPRESSION_ITEMS_MAX + 1 }, () => 0)
    expect(ask('size(d.map(x, x))', { d: list.slice(1) })).toBe(EXPRESSION_ITEMS_MAX)
    expect(ask('d.map(x, x)', { d: list })).toEqual(fault('too-large'))
    expect(ask('d.all(x, x == 0)', { d: list })).toBe(true)
  })

  test('go over lists and maps only', () => {
    expect(ask('d.all(x, true)', { d: 'text' })).toEqual(fault('wrong-type'))
    expect(ask('d.map(x, x)', { d: null })).toEqual(fault('wrong-type'))
  })
})
