/** Expressions and values of somebody who means harm. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isFault } from '../../../src/base/fault.ts'
import { EXPRESSION_CHARACTERS_MAX } from '../../../src/base/limits.ts'
import { readExpression } from '../../../src/logic/expression/expression.ts'
import type { Value } from '../../../src/logic/expression/value.ts'
import { answerTo, GAS } from './ask.ts'

const list = (many: number): readonly number[] => Array.from({ length: many }, (_, at) => at)
const given: { readonly [name: string]: Value } = {
  forty: list(40),
  thousand: list(1000),
  text: 'a'.repeat(30_000),
  other: `${'a'.repeat(15_000)}b`,
  same: `${'a'.repeat(29_999)}b`,
  map: Object.fromEntries(list(250).map((at) => [`${'x'.repeat(100)}${at}`, at])),
  alike: list(1000).map((at) => ({ a: [at] })),
  event: { id: 1 },
  digits: 'ab'.repeat(15_000),
}

const over = (work: string): string =>
  `thousand.all(a, thousand.all(b, thousand.all(c, (${work}) || true)))`

describe('gas ends', () => {
  test.each([
    [
      'loops in loops',
      'forty.all(a, forty.all(b, forty.all(c, forty.all(d, a + b + c + d >= 0))))',
    ],
    ['loops that make lists', 'thousand.map(a, thousand.map(b, thousand.map(c, c)))'],
    ['long texts, counted', over('size(text) == 0')],
    ['long texts, compared', over('text == same')],
    ['long texts, put in order', over('text < same')],
    ['long texts, looked through', over('text.contains(other)')],
    ['long texts, joined', over('(text + text) == ""')],
    ['long texts, hashed', over('sha256(text) == ""')],
    ['long digits, hashed', over('sha256hex(digits) == ""')],
    ['maps, copied', over('size(put(map, "a", a)) == 0')],
    ['maps, copied with less', over('size(del(map, "a")) == 0')],
    ['maps, listed', over('size(keys(map)) == 0')],
    ['maps, gone over', over('map.exists(k, k == "")')],
    ['maps, compared', over('map == put(map, "a", 1)')],
    ['lists, looked through', over('-1 in thousand')],
    ['lists, compared', over('alike == alike')],
    ['lists, thinned out', over('size(without(alike, {})) == 0')],
    ['failures that are forgotten', over('event.x == 1 || event.y == 1 || 1 / 0 == 1')],
    ['signatures', over(`schnorr("${'a'.repeat(64)}", "${'b'.repeat(64)}", "${'c'.repeat(128)}")`)],
    ['events', over('nostr(event).kind == 1')],
  ])('%s', (_, source) => {
    const once = answerTo(source, given)
    expect(once).toMatchObject({ fault: 'expression/out-of-gas' })
    expect(once.gas).toBeGreaterThan(GAS)
    expect(answerTo(source, given)).toEqual(once)
  })

  test('texts that double', () => {
    const doubled = '[0].map(a, text + text).map(b, b + b).map(c, c + c).map(d, d + d)'
    expect(answerTo(doubled, given)).toMatchObject({ fault: 'expression/too-large' })
    const small = `["a"]${'.map(t, t + t)'.repeat(40)}`
    expect(answerTo(small)).toMatchObject({ fault: 'expression/too-large' })
  })

  test('lists that double', () => {
    expect(answerTo(`[[0]]${'.map(t, t + t)'.repeat(40)}`)).toMatchObject({
      fault: 'expression/too-large',
    })
  })

  test('values that are too deep to compare', () => {
    let deep: Value = 0
    for (let level = 0; level < 100_000; level++) deep = [deep]
    expect(answerTo('d == d', { d: deep })).toMatchObject({ fault: 'expression/too-deep' })
    expect(answerTo('d in [d]', { d: deep })).toMatchObject({ fault: 'expression/too-deep' })
    expect(answerTo('without([d], d)', { d: deep })).toMatchObject({ fault: 'expression/too-deep' })
  })
})

describe('a prototype', () => {
  const reached = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty']

  test.each(reached)('is not reached by %s', (name) => {
    const d = { a: 1 }
    for (const source of [`d.${name}`, `d["${name}"]`, `{}.${name}`, `[].${name}`, `"".${name}`]) {
      expect([source, answerTo(source, { d })]).toEqual([
        source,
        expect.objectContaining({
          fault: expect.stringMatching(/^expression\/(?:no-such-key|wrong-type)$/) as string,
        }),
      ])
    }
    expect(answerTo(`has(d.${name}) || "${name}" in d`, { d })).toMatchObject({ value: false })
    expect(answerTo(`get(d, "${name}", 7)`, { d })).toMatchObject({ value: 7 })
    expect(answerTo(name)).toMatchObject({ fault: 'expression/unknown-name' })
    expect(answerTo(`${name}()`)).toMatchObject({ fault: 'expression/unknown-function' })
    expect(answerTo(`d.${name}()`, { d })).toMatchObject({ fault: 'expression/unknown-function' })
  })

  test('is none in what is made', () => {
    const made = answerTo('{"a": put({}, "b", 1)}')
    if ('fault' in made) throw new Error(made.why)
    expect(Object.getPrototypeOf(made.value)).toBe(null)
  })
})

describe('reading', () => {
  const pieces = fc.constantFrom(
    ...'a b 1 0x 1.5 7u " \' """ \\ \\u r" b" ( ) [ ] { } . , : ? ?. || && | & == = ! != < <= in + - * / % //'.split(
      ' ',
    ),
    'has(',
    '.all(x,',
    '.map(',
    'nostr(',
    'null',
    'true',
    'for',
    '\n',
    ' ',
    '😀',
    '\ud800',
    '`',
  )
  const scope = new Set(['a', 'b'])

  test('of pieces in any order ends in an expression or a fault', () => {
    const seen = { read: 0, refused: 0 }
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (words) => {
        const read = readExpression(words.join(''), scope)
        seen[isFault(read) ? 'refused' : 'read']++
        if (isFault(read)) expect(read.code).toMatch(/^expression\//)
      }),
      { numRuns: 5000 },
    )
    expect(seen.read).toBeGreaterThan(20)
  })

  test('of any characters ends in an expression or a fault', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const read = readExpression(String.fromCharCode(...bytes), scope)
        if (isFault(read)) expect(read.code).toMatch(/^expression\//)
      }),
      { numRuns: 3000 },
    )
  })

  test('of the longest and deepest sources ends', () => {
    for (const piece of [
      '(',
      '[',
      '{',
      '!',
      '-',
      'a.',
      'a[',
      'a?',
      'a?a:',
      'a+',
      '"',
      "'''",
      'a.all(x,',
      '{"a":',
    ]) {
      const source = piece.repeat(EXPRESSION_CHARACTERS_MAX).slice(0, EXPRESSION_CHARACTERS_MAX)
      expect(readExpression(source, scope)).toMatchObject({
        code: expect.stringMatching(/^expression\/(?:too-deep|malformed)$/) as string,
      })
    }
  })
})
