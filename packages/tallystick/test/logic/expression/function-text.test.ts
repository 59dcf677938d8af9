import { describe, expect, test } from 'vitest'
import { ask, fault, gasOf } from './ask.ts'

describe('size', () => {
  test('counts code points, items and keys, before or behind', () => {
    expect(ask('size("😀é")')).toBe(2)
    expect(ask('"😀".size()')).toBe(1)
    expect(ask('[1, 2].size() + size({"a": 1})')).toBe(3)
    expect(ask('size(a)', { a: 1 })).toEqual(fault('wrong-type'))
  })
})

describe('tests of texts', () => {
  test('look for a part anywhere, in front and at the end', () => {
    expect(ask('"abc".contains("b") && "abc".startsWith("ab") && "abc".endsWith("bc")')).toBe(true)
    expect(ask('"abc".contains("d") || "abc".startsWith("b") || "abc".endsWith("a")')).toBe(false)
    expect(ask('a.contains("b")', { a: ['b'] })).toEqual(fault('wrong-type'))
  })

  test('pay for the worst that looking may take', () => {
    const given = { a: 'a'.repeat(32_768), b: `${'a'.repeat(16_384)}b` }
    expect(gasOf('a.contains(b)', given)).toBeGreaterThan(100_000)
    expect(gasOf('a.contains("b")', { a: 'short' })).toBe(3)
  })
})

describe('string and int', () => {
  test('turn one into the other', () => {
    expect(ask('string(-12) + string(true) + string("a")')).toBe('-12truea')
    expect(ask('int("-12") + int(2)')).toBe(-10)
    expect(ask('int("9007199254740991")')).toBe(2 ** 53 - 1)
  })

  test('read one spelling of a number', () => {
    for (const spelling of ['', '-', '+1', '01', '-0', '1.0', '1e3', ' 1', '0x1', '９', '1_0']) {
      expect([spelling, ask('int(a)', { a: spelling })]).toEqual([spelling, fault('no-number')])
    }
    expect(ask('int("9007199254740992")')).toEqual(fault('no-number'))
    expect(ask('int(a)', { a: true })).toEqual(fault('wrong-type'))
    expect(ask('string(a)', { a: null })).toEqual(fault('wrong-type'))
  })
})

describe('min and max', () => {
  test('take two numbers or more', () => {
    expect(ask('min(3, 1, 2) + max(3, 1)')).toBe(4)
    expect(ask('min(1)')).toEqual(fault('wrong-arguments'))
    expect(ask('max(1, a)', { a: '2' })).toEqual(fault('wrong-type'))
  })
})

test('dyn lets unlike types stand beside one another', () => {
  expect(ask('true ? dyn(1) : dyn("a")')).toBe(1)
  expect(ask('dyn(1) == dyn("1")')).toBe(false)
  expect(ask('dyn(null)')).toBe(null)
})
