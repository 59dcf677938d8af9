import { describe, expect, test } from 'vitest'
import { faultFrom, isFault } from '../../../src/base/fault.ts'
import { EXPRESSION_CHARACTERS_MAX, EXPRESSION_DEPTH_MAX } from '../../../src/base/limits.ts'
import { nodeFrom } from '../../../src/logic/expression/parse.ts'
import type { Node } from '../../../src/logic/expression/syntax.ts'

/** The tree with brackets around each part. */
const shown = (node: Node): string => {
  switch (node.is) {
    case 'literal':
      return JSON.stringify(node.value)
    case 'name':
      return node.name
    case 'select':
      return `${shown(node.of)}.${node.field}`
    case 'has':
      return `has(${shown(node.of)}.${node.field})`
    case 'index':
      return `${shown(node.of)}[${shown(node.index)}]`
    case 'call': {
      const given = node.given.map(shown).join()
      return `${node.target === undefined ? '' : `${shown(node.target)}.`}${node.name}(${given})`
    }
    case 'fold': {
      const parts = [node.where, node.each].filter((part) => part !== undefined).map(shown)
      return `${shown(node.of)}.${node.macro}(${[node.variable, ...parts].join()})`
    }
    case 'list':
      return `[${node.items.map(shown).join()}]`
    case 'map':
      return `{${node.entries.map(({ key, value }) => `${shown(key)}:${shown(value)}`).join()}}`
    case 'not':
      return `!${shown(node.of)}`
    case 'negate':
      return `-${shown(node.of)}`
    case 'binary':
      return `(${shown(node.left)} ${node.operator} ${shown(node.right)})`
    case 'and':
    case 'or':
      return `(${node.parts.map(shown).join(node.is === 'and' ? ' && ' : ' || ')})`
    case 'choice':
      return `(${shown(node.when)} ? ${shown(node.yes)} : ${shown(node.no)})`
  }
}

const tree = (source: string): string => {
  const node = faultFrom(() => nodeFrom(source))
  return isFault(node) ? `${node.code} ${node.message.split(':')[0] ?? ''}` : shown(node)
}

describe('the grammar', () => {
  test('binds as CEL does', () => {
    const trees = [
      ['1 + 2 * 3 - 4', '((1 + (2 * 3)) - 4)'],
      ['a || b && c || d', '(a || (b && c) || d)'],
      ['a == b && c in d', '((a == b) && (c in d))'],
      ['a < b == c', '((a < b) == c)'],
      ['a ? b : c ? d : e', '(a ? b : (c ? d : e))'],
      ['a || b ? c : d', '((a || b) ? c : d)'],
      ['!a.b', '!a.b'],
      ['!!a', '!!a'],
      ['-a.b[0]', '-a.b[0]'],
      ['- 5', '-5'],
      ['--5', '--5'],
      ['1 - -1', '(1 - -1)'],
      ['-0', '0'],
      ['(a || b) || c', '((a || b) || c)'],
      ['a % b / c', '((a % b) / c)'],
    ] as const
    for (const [source, expected] of trees) expect(tree(source)).toBe(expected)
  })

  test('knows fields, items, calls, macros, lists and maps', () => {
    const trees = [
      ['a.b.c["d"][0]', 'a.b.c["d"][0]'],
      ['f(a).g(b, c)', 'f(a).g(b,c)'],
      ['f()', 'f()'],
      ['a.all(x, x > 0)', 'a.all(x,(x > 0))'],
      ['a.map(x, x, -x)', 'a.map(x,x,-x)'],
      ['has(a.b.c)', 'has(a.b.c)'],
      ['[1, [2,],]', '[1,[2]]'],
      ['{"a": 1, "b": {},}', '{"a":1,"b":{}}'],
      ['a.in', 'expression/malformed at 2'],
      ['a.for', 'a.for'],
      ['((((a))))', 'a'],
    ] as const
    for (const [source, expected] of trees) expect(tree(source)).toBe(expected)
  })

  test('refuses with the place what is not whole', () => {
    const refused = [
      ['', 0],
      ['  ', 2],
      ['1 +', 3],
      ['(1', 2],
      ['1)', 1],
      ['a b', 2],
      ['a ? b', 5],
      ['a ? b ? c : d : e', 6],
      ['[1 2]', 3],
      ['{"a" 1}', 5],
      ['{,}', 1],
      ['[,]', 1],
      ['f(a,)', 4],
      ['a.', 2],
      ['in a', 0],
      ['for', 0],
      ['!-a', 1],
      ['-!a', 1],
      ['a..b', 2],
      ['* a', 0],
    ] as const
    for (const [source, at] of refused) {
      expect([source, tree(source)]).toEqual([source, `expression/malformed at ${at}`])
    }
  })

  test('refuses by name what CEL has besides', () => {
    for (const source of ['.a', 'a.?b', 'a[?0]', '[?a]', '{?"a": 1}', 'a.b{}', 'A{b: 1}']) {
      expect([source, tree(source).split(' ')[0]]).toEqual([source, 'expression/outside-subset'])
    }
  })

  test('reads to its limit of length and no further', () => {
    const blank = ' '.repeat(EXPRESSION_CHARACTERS_MAX - 1)
    expect(tree(`1${blank}`)).toBe('1')
    expect(tree(`1 ${blank}`)).toMatch(/^expression\/too-long/)
  })

  test('reads to its limit of depth and no further, however the levels are made', () => {
    const levels: readonly (readonly [string, (levels: number) => string])[] = [
      ['brackets', (many) => '('.repeat(many - 1) + '1' + ')'.repeat(many - 1)],
      ['lists', (many) => '['.repeat(many - 1) + '1' + ']'.repeat(many - 1)],
      ['signs', (many) => '!'.repeat(many - 1) + 'a'],
      ['fields', (many) => `a${'.a'.repeat(many - 1)}`],
      ['sums', (many) => `1${'+1'.repeat(many - 1)}`],
      ['items', (many) => `a${'[0]'.repeat(many - 1)}`],
      ['choices', (many) => 'a ? b : '.repeat(many - 1) + 'c'],
    ]
    for (const [what, make] of levels) {
      const most = make(EXPRESSION_DEPTH_MAX)
      expect([what, tree(most).startsWith('expression/')]).toEqual([what, false])
      const over = tree(make(EXPRESSION_DEPTH_MAX + 1))
      expect([what, over.split(' ')[0]]).toEqual([what, 'expression/too-deep'])
    }
    // A chain of one sign is one level.
    expect(tree(`a${'||a'.repeat(500)}`)).toMatch(/^\(a/)
  })
})
