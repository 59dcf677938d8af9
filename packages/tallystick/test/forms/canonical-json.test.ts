import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalJson, jsonFromCanonical } from '../../src/forms/canonical-json.ts'
import { type Json, jsonFromText } from '../../src/forms/strict-json.ts'

const codeOf = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    return (error as { code: string }).code
  }
  return 'none'
}

describe('the spelling', () => {
  test('sorts keys by UTF-16 code units and leaves out blanks', () => {
    // The example of RFC 8785, 3.2.3, without the key that no strict reader takes.
    const value = jsonFromText(
      String.raw`{"\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One", "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis"}`,
    )
    const names = [...canonicalJson(value).matchAll(/:"([A-Z]\w+)/g)].map((one) => one[1])
    expect(names).toEqual(['Carriage', 'One', 'Control', 'Latin', 'Euro', 'Emoji', 'Hebrew'])
  })

  test('writes texts as the RFC does', () => {
    const text = '€$\u000f\nA\'B"\\\\"/\u2028\u007f'
    expect(canonicalJson(text)).toBe(`"€$\\u000f\\nA'B\\"\\\\\\\\\\"/\u2028\u007f"`)
  })

  test('is read back as the same value', () => {
    const json = fc.letrec<{ value: Json }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.constant(null),
        fc.boolean(),
        fc.maxSafeInteger(),
        fc.string({ unit: 'grapheme' }),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(fc.string(), tie('value'), { maxKeys: 4 }).filter(isOrdinary),
      ),
    })).value
    fc.assert(
      fc.property(json, (value) => {
        const spelling = canonicalJson(value)
        expect(canonicalJson(jsonFromCanonical(spelling))).toBe(spelling)
        expect(JSON.parse(spelling)).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  test('refuses what no text that was read holds', () => {
    expect(codeOf(() => canonicalJson([1]))).toBe('none')
    expect(codeOf(() => canonicalJson([1.5]))).toBe('json/number-not-exact')
    expect(codeOf(() => canonicalJson([2 ** 53]))).toBe('json/number-not-exact')
    expect(codeOf(() => canonicalJson([Number.NaN]))).toBe('json/number-not-exact')
    expect(codeOf(() => canonicalJson({ a: '\ud800' }))).toBe('json/malformed')
    expect(codeOf(() => canonicalJson({ '\udc00': 1 }))).toBe('json/malformed')
    let deep: Json = 1
    for (let at = 0; at < 32; at++) deep = [deep]
    expect(codeOf(() => canonicalJson(deep))).toBe('none')
    expect(codeOf(() => canonicalJson([deep]))).toBe('json/too-deep')
  })
})

describe('reading', () => {
  test('takes the one spelling and no other', () => {
    expect(jsonFromCanonical('{"a":[1,-2],"b":null}')).toEqual({ a: [1, -2], b: null })
    for (const other of [
      '{"a": 1}',
      '{"b":1,"a":2}',
      String.raw`"\u0041"`,
      String.raw`"\/"`,
      ' 1',
    ]) {
      expect(codeOf(() => jsonFromCanonical(other))).toBe('json/not-canonical')
      expect(codeOf(() => jsonFromText(other))).toBe('none')
    }
  })

  test('is bounded by a size', () => {
    expect(jsonFromCanonical('[1]', 3)).toEqual([1])
    expect(codeOf(() => jsonFromCanonical('[1]', 2))).toBe('json/too-large')
  })
})

const isOrdinary = (value: object): boolean =>
  Object.keys(value).every((name) => !['__proto__', 'constructor', 'prototype'].includes(name))
