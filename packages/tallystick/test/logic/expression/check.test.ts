import { describe, expect, test } from 'vitest'
import { isFault } from '../../../src/base/fault.ts'
import { readExpression } from '../../../src/logic/expression/expression.ts'
import { textFromType } from '../../../src/logic/expression/type.ts'

const typeOf = (source: string): string => {
  const read = readExpression(source, new Set(['d']))
  return isFault(read) ? `${read.code} ${read.message}` : textFromType(read.type)
}

describe('types that are known', () => {
  test('follow from the source', () => {
    const types = [
      ['null', 'null'],
      ['d', 'dyn'],
      ['d.a[0]', 'dyn'],
      ['d + 1', 'int'],
      ['d + d', 'dyn'],
      ['1 < 2', 'bool'],
      ['[1, 2]', 'list(int)'],
      ['[1, "a"]', 'list(dyn)'],
      ['[]', 'list(dyn)'],
      ['{"a": [1]}', 'map(list(int))'],
      ['{"a": 1}.a', 'int'],
      ['[1][0]', 'int'],
      ['[1].map(x, string(x))', 'list(string)'],
      ['{"a": 1}.map(k, k)', 'list(string)'],
      ['[1].filter(x, true)', 'list(int)'],
      ['d ? 1 : 2', 'int'],
      ['d ? 1 : d', 'dyn'],
      ['!d', 'bool'],
      ['-d', 'int'],
      ['nostr(d)', 'signed'],
      ['nostr(d).created_at', 'int'],
      ['has(d.a)', 'bool'],
      ['put({"a": 1}, "b", 2)', 'map(int)'],
      ['put({"a": 1}, "b", "c")', 'map(dyn)'],
    ] as const
    for (const [source, type] of types) expect([source, typeOf(source)]).toEqual([source, type])
  })

  test('refuse what cannot succeed, with its place and the way out', () => {
    const refused = [
      ['1 + "a"', 2, 'two ints, two strings or two lists, not int and string'],
      ['1 < "a"', 2, 'two ints or two strings'],
      ['true < false', 5, 'two ints or two strings'],
      ['"a" - "b"', 4, 'two ints'],
      ['1 == "1"', 2, 'write dyn() around one'],
      ['"a" != null', 4, 'write dyn() around one'],
      ['!1', 1, '! takes a condition, not int'],
      ['-"a"', 1, '- takes a number, not string'],
      ['1 && true', 0, '&& joins conditions'],
      ['true || 1', 8, '|| joins conditions'],
      ['1 ? 2 : 3', 0, '? follows a condition'],
      ['true ? 1 : "a"', 5, 'write dyn() around one'],
      ['1.a', 2, 'only maps have fields'],
      ['has([].a)', 0, 'only maps have fields'],
      ['1[0]', 1, 'only lists and maps have'],
      ['[1]["a"]', 4, 'numbered'],
      ['{"a": 1}[0]', 9, 'keys of a map are strings'],
      ['d[true]', 2, 'an index is an int or a string'],
      ['{1: 2}', 1, 'keys of a map are strings'],
      ['1 in 2', 2, 'list or a map'],
      ['1 in ["a"]', 2, 'write dyn() around one'],
      ['1 in {"a": 1}', 2, 'keys of a map are strings'],
      ['[1] + ["a"]', 4, 'write dyn() around one'],
      ['"a".all(x, x)', 4, 'a list or a map'],
      ['[1].all(x, x)', 11, 'a condition of each item'],
      ['size(1)', 5, 'size('],
      ['sha256(1)', 7, 'sha256('],
      ['d.tag("a")', 0, 'nostr(event).tag('],
    ] as const
    for (const [source, at, says] of refused) {
      expect([source, typeOf(source)]).toEqual([
        source,
        expect.stringMatching(new RegExp(`^expression/wrong-type at ${at}: `)),
      ])
      expect(typeOf(source)).toContain(says)
    }
  })

  test('know the names in reach', () => {
    expect(typeOf('a.b')).toBe('expression/unknown-name at 0: nothing is called a; there are d')
    expect(typeOf('[1].all(x, y == 1)')).toContain('there are d, x')
    expect(typeOf('[1].all(x, true) && x')).toContain('expression/unknown-name at 20')
    expect(typeOf('[1].all(d, d > 0)')).toBe('bool')
  })
})
