/**
 * Random expressions, given to another implementation of CEL as well. Where both give a value it is the same one; where one
 * fails the other fails, but for results that are too large for us. What else is known to differ is listed at the end.
 */
import { Environment } from '@marcbachmann/cel-js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Value } from '../../../src/logic/expression/value.ts'
import { answerTo, ask, fault } from './ask.ts'
import { expressions, variables } from './random.ts'

// Its numbers are fractions, its integers are big; lists of mixed items are refused unless it is told otherwise.
const other = new Environment({
  unlistedVariablesAreDyn: true,
  homogeneousAggregateLiterals: false,
})

const mapped = (value: unknown, leaf: (leaf: unknown) => unknown): unknown => {
  if (Array.isArray(value)) return value.map((item) => mapped(item, leaf))
  if (value === null || typeof value !== 'object') return leaf(value)
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, item]) => [key, mapped(item, leaf)]))
}

const toTheirs = (value: unknown): unknown =>
  mapped(value, (leaf) => (typeof leaf === 'number' ? BigInt(leaf) : leaf))

const fromTheirs = (value: unknown): unknown =>
  mapped(value, (leaf) => (typeof leaf === 'bigint' ? Number(leaf) : leaf))

const theirAnswer = (
  source: string,
  given: { readonly [name: string]: Value },
): { readonly value: unknown } | { readonly failure: string } => {
  try {
    return { value: fromTheirs(other.evaluate(source, toTheirs(given) as object)) }
  } catch (error) {
    return { failure: String((error as Error).message) }
  }
}

type Verdict = 'same value' | 'both fail' | 'too large for us' | 'unlike'

const compare = (source: string, given: { readonly [name: string]: Value }): Verdict => {
  const [ours, theirs] = [answerTo(source, given), theirAnswer(source, given)]
  if ('failure' in theirs) return 'fault' in ours ? 'both fail' : 'unlike'
  if ('fault' in ours)
    return ours.fault === 'expression/out-of-range' ? 'too large for us' : 'unlike'
  const same = JSON.stringify(mapped(ours.value, (leaf) => leaf)) === JSON.stringify(theirs.value)
  return same ? 'same value' : 'unlike'
}

describe('a second opinion', () => {
  test('is the same on random expressions', () => {
    const seen = new Map<Verdict, number>()
    const { bool, int, string, list, map } = expressions
    fc.assert(
      fc.property(fc.oneof(bool, int, string, list, map), variables, (source, given) => {
        const verdict = compare(source, { x: 5, ...given })
        seen.set(verdict, (seen.get(verdict) ?? 0) + 1)
        expect(verdict).not.toBe('unlike')
      }),
      { numRuns: 1000 },
    )
    // Else it would show nothing.
    expect(seen.get('same value')).toBeGreaterThan(400)
    expect(seen.get('both fail')).toBeGreaterThan(30)
    expect(seen.get('too large for us') ?? 0).toBeLessThan(20)
  })

  test('differs where it is known to', () => {
    const given = { l: [1], d: 'text', big: 2 ** 53 - 1 }
    const known = [
      // Beyond 2^53 − 1 we fail, where it counts with 64 bits.
      ['big + big', fault('out-of-range'), 18_014_398_509_481_982],
      // has() of what is no map fails in CEL, and here.
      ['has(d.a)', fault('wrong-type'), false],
      // An item of an empty list or map has no type there, so that the wrong overloads are run, or none.
      ['string(([] + [0])[0])', '0', 0],
      ['int(string(([] + [1])[0]))', 1, /v\.trim is not a function/],
      ['[].map(x, [1][x])', [], /index must be int, got 'T'/],
      ['[].map(x, -x)', [], /no such overload: -undefined/],
      ['[].map(x, x < 1)', [], /overload '.*' overlaps with/],
      ['[1, 2][get({}, "a", 1)]', 2, /get/],
    ] as const
    for (const [source, ours, theirs] of known) {
      expect([source, ask(source, given)]).toEqual([source, ours])
      const answer = theirAnswer(source, given)
      const said = 'value' in answer ? answer.value : answer.failure
      if (theirs instanceof RegExp)
        expect([source, said]).toEqual([source, expect.stringMatching(theirs)])
      else expect([source, said]).toEqual([source, theirs])
    }
  })
})
