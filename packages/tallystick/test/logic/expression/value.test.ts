import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  codePointsOf,
  compareTexts,
  fieldOf,
  isForbiddenKey,
  isList,
  isMap,
  kindOf,
  sortedKeys,
} from '../../../src/logic/expression/value.ts'

describe('values', () => {
  test('are of six kinds', () => {
    expect([null, true, 0, '', [], {}].map(kindOf)).toEqual([
      'null',
      'bool',
      'int',
      'string',
      'list',
      'map',
    ])
    expect([null, [], {}].map(isMap)).toEqual([false, false, true])
    expect([undefined, [], {}].map(isList)).toEqual([false, true, false])
  })

  test('give what they hold themselves and nothing inherited', () => {
    expect(fieldOf({ a: null }, 'a')).toBe(null)
    for (const name of ['constructor', '__proto__', 'toString', 'b']) {
      expect(fieldOf({ a: 1 }, name)).toBe(undefined)
    }
    expect(['__proto__', 'constructor', 'prototype', 'proto'].map(isForbiddenKey)).toEqual([
      true,
      true,
      true,
      false,
    ])
  })

  test('have keys in the order of code points, however they were put in', () => {
    // U+1F600 is kept as d83d de00, which the runtime would sort before U+FF5E.
    expect(sortedKeys({ '\u{1f600}': 1, b: 2, '\uff5e': 3, 10: 4, 9: 5 })).toEqual([
      '10',
      '9',
      'b',
      '\uff5e',
      '\u{1f600}',
    ])
  })

  test('compare and count texts as sequences of code points', () => {
    const points = (text: string): number[] =>
      Array.from(text, (letter) => letter.codePointAt(0) ?? 0)
    const order = (a: readonly number[], b: readonly number[]): number => {
      const at = a.findIndex((point, index) => point !== b[index])
      if (at < 0) return a.length - b.length
      const other = b[at]
      return other === undefined ? 1 : (a[at] ?? 0) - other
    }
    const text = fc.string({
      unit: fc.constantFrom(
        'a',
        'b',
        '\0',
        '\ud7ff',
        '\ue000',
        '\uffff',
        '\u{10000}',
        '\u{10ffff}',
      ),
      maxLength: 5,
    })
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareTexts(a, b))).toBe(Math.sign(order(points(a), points(b))))
        expect(codePointsOf(a)).toBe(points(a).length)
      }),
      { numRuns: 2000 },
    )
    expect(codePointsOf('😀')).toBe(1)
    expect(compareTexts('\u{1f600}', '\uff5e')).toBeGreaterThan(0)
  })
})
