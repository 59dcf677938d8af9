import { describe, expect, test } from 'vitest'
import { faultFrom, isFault } from '../../../src/base/fault.ts'
import { tokensFrom } from '../../../src/logic/expression/token.ts'

const words = (source: string): unknown => {
  const tokens = faultFrom(() => tokensFrom(source))
  if (isFault(tokens)) return `${tokens.code} ${tokens.message.split(':')[0] ?? ''}`
  return tokens.map((token) => ('text' in token ? token.text : 'value' in token ? token.value : ''))
}

describe('words', () => {
  test('are names, numbers, texts and signs, with blanks and comments between them', () => {
    expect(words(' a_1>=0x1F // all of it\n||"b"!=_c[9007199254740991]')).toEqual([
      'a_1',
      '>=',
      31,
      '||',
      'b',
      '!=',
      '_c',
      '[',
      9007199254740991,
      ']',
      '',
    ])
    expect(words('1.a')).toEqual([1, '.', 'a', ''])
    expect(words('rb.r')).toEqual(['rb', '.', 'r', ''])
  })

  test('know where they stand', () => {
    expect(tokensFrom('ab  cd ').map(({ at }) => at)).toEqual([0, 4, 7])
  })

  test('that CEL has and this language has not are named', () => {
    for (const source of ['1.5', '.5', '1e3', '1E-3', '7u', '0x7U', "b'a'", 'bR"a"', '`a`']) {
      expect([source, words(source)]).toEqual([source, 'expression/outside-subset at 0'])
    }
  })

  test('that are none are refused where they begin', () => {
    const refused = [
      ['a = b', 2],
      ['a & b', 2],
      ['a | b', 2],
      ['a ; b', 2],
      ['a # b', 2],
      ['é', 0],
      ['12a', 2],
      ['0x', 0],
      ['0X1', 1],
      ['a\u00a0b', 1],
      ['\ud800', 0],
    ] as const
    for (const [source, at] of refused) {
      expect([source, words(source)]).toEqual([source, `expression/malformed at ${at}`])
    }
  })

  test('for numbers end at the last that every runtime counts exactly', () => {
    expect(words('9007199254740991')).toEqual([9007199254740991, ''])
    expect(words('9007199254740992')).toBe('expression/out-of-range at 0')
    expect(words('0x1fffffffffffff')).toEqual([9007199254740991, ''])
    expect(words('0x20000000000000')).toBe('expression/out-of-range at 0')
    expect(words('9'.repeat(400))).toBe('expression/out-of-range at 0')
  })
})
