import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ask, fault, gasOf } from './ask.ts'

const MAX = 2n ** 53n - 1n
const int = fc.oneof(
  fc.maxSafeInteger(),
  fc.integer({ min: -100, max: 100 }),
  fc.constantFrom(2 ** 53 - 1, -(2 ** 53 - 1), 0, -1, 1),
)

describe('arithmetic', () => {
  test('gives what 64 bits give, or fails where the result is beyond 2^53 − 1', () => {
    const exact = (result: bigint): unknown =>
      result > MAX || result < -MAX ? fault('out-of-range') : Number(result)
    const byZero = fault('divided-by-zero')
    fc.assert(
      fc.property(int, int, (left, right) => {
        const [a, b] = [BigInt(left), BigInt(right)]
        const given = { a: left, b: right }
        expect(ask('a + b', given)).toEqual(exact(a + b))
        expect(ask('a - b', given)).toEqual(exact(a - b))
        expect(ask('a * b', given)).toEqual(exact(a * b))
        expect(ask('a / b', given)).toEqual(b === 0n ? byZero : exact(a / b))
        expect(ask('a % b', given)).toEqual(b === 0n ? byZero : exact(a % b))
        expect(ask('-a', given)).toEqual(exact(-a))
        expect(ask('a < b', given)).toBe(a < b)
        expect(ask('a >= b', given)).toBe(a >= b)
      }),
      { numRuns: 1000 },
    )
  })

  test('knows one zero', () => {
    for (const source of ['0 * -1', '-(1 - 1)', '0 / -5', '-4 % 2', '-0']) {
      expect(Object.is(ask(source), 0)).toBe(true)
    }
  })

  test('takes numbers only', () => {
    for (const operator of ['-', '*', '/', '%']) {
      expect(ask(`a ${operator} 1`, { a: '1' })).toEqual(fault('wrong-type'))
    }
    expect(ask('-a', { a: 'b' })).toEqual(fault('wrong-type'))
    expect(ask('a + 1', { a: '1' })).toEqual(fault('wrong-type'))
  })
})

describe('joining', () => {
  test('puts texts and lists behind one another', () => {
    expect(ask('"a" + "b"')).toBe('ab')
    expect(ask('[1] + [] + [2]')).toEqual([1, 2])
  })

  test('pays for the length and stops at a limit', () => {
    const text = 'a'.repeat(32_768)
    expect(gasOf('a + a', { a: text })).toBe(3 + 2048)
    expect(ask('a + a + "b"', { a: text })).toEqual(fault('too-large'))
    const list = Array.from({ length: 512 }, () => 0)
    expect(ask('size(a + a)', { a: list })).toBe(1024)
    expect(ask('a + a + [0]', { a: list })).toEqual(fault('too-large'))
  })
})

describe('order', () => {
  test('is of numbers and of texts by code points', () => {
    expect(ask('"a" < "b" && "a" <= "a" && "b" > "a" && "b" >= "b" && 1 < 2')).toBe(true)
    expect(ask('"\\U0001F600" > "\\uFF5E"')).toBe(true)
    expect(ask('a < b', { a: 1, b: '2' })).toEqual(fault('wrong-type'))
    expect(ask('a < b', { a: true, b: false })).toEqual(fault('wrong-type'))
  })
})

describe('in', () => {
  test('looks for an item or a key', () => {
    expect(ask('2 in [1, 2]')).toBe(true)
    expect(ask('[2] in [[1], [2]]')).toBe(true)
    expect(ask('"a" in {"a": null}')).toBe(true)
    expect(ask('"constructor" in {"a": 1}')).toBe(false)
    expect(ask('"constructor" in a', { a: {} })).toBe(false)
    expect(ask('1 in a', { a: { 1: 1 } })).toBe(false)
    expect(ask('1 in a', { a: 'text' })).toEqual(fault('wrong-type'))
  })
})
