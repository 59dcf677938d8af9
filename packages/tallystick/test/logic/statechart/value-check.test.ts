import { describe, expect, it } from 'vitest'
import { createReport } from '../../../src/logic/statechart/report.ts'
import { canonicalSize, valueAt, whyNotKept } from '../../../src/logic/statechart/value-check.ts'
import type { Value } from '../../../src/logic/expression/value.ts'

const nested = (levels: number): Value => (levels === 0 ? 1 : [nested(levels - 1)])

describe('value-check', () => {
  it.each<[Value, Value]>([
    [nested(16), nested(17)],
    [Array.from({ length: 1024 }, () => 0), Array.from({ length: 1025 }, () => 0)],
    [keys(256), keys(257)],
    [2 ** 53 - 1, 2 ** 53],
    ['😀', '\ud83d'],
    [0, 0.5],
  ])('keeps the last value and refuses the first beyond', (last, first) => {
    expect(whyNotKept(last)).toBeUndefined()
    expect(whyNotKept(first)).toBeTypeOf('string')
  })

  it('refuses keys that reach into prototypes', () => {
    expect(whyNotKept(JSON.parse('{"a":{"__proto__":1}}') as Value)).toBeTypeOf('string')
    expect(whyNotKept({ proto: 1 })).toBeUndefined()
  })

  it.each<[Value]>([
    [null],
    [true],
    [-12],
    ['a"\\/\b\t\n\u0001\u007f'],
    ['äß€😀\u2028'],
    [[]],
    [{}],
    [[1, [2], { a: 'b' }]],
    [{ ä: [1, 2, 3], b: { c: null } }],
  ])('counts the bytes of %j as they are written', (value) => {
    expect(canonicalSize(value)).toBe(new TextEncoder().encode(JSON.stringify(value)).length)
  })

  it('says where a value stands that cannot be kept', () => {
    const report = createReport()
    valueAt(report, nested(17) as never, '$.context')
    expect(report.problems.map(({ code, path }) => [code, path])).toEqual([
      ['bad-value', '$.context'],
    ])
  })
})

function keys(count: number): Value {
  return Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, at]))
}
