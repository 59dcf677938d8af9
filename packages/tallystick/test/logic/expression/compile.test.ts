import { describe, expect, test } from 'vitest'
import { faultFrom, isFault } from '../../../src/base/fault.ts'
import { evaluate, isExpression, readExpression } from '../../../src/logic/expression/expression.ts'
import type { Value } from '../../../src/logic/expression/value.ts'
import { answerTo, ask, fault, gasOf } from './ask.ts'

describe('conditions', () => {
  test('decide whatever the other side fails with, on either side', () => {
    expect(ask('1 / 0 == 1 || true')).toBe(true)
    expect(ask('true || 1 / 0 == 1')).toBe(true)
    expect(ask('1 / 0 == 1 && false')).toBe(false)
    expect(ask('d && false', { d: 7 })).toBe(false)
    expect(ask('d || d || true', { d: 'a' })).toBe(true)
  })

  test('fail with the first failure where no side decides', () => {
    expect(ask('1 / 0 == 1 || false')).toEqual(fault('divided-by-zero'))
    expect(ask('true && 1 / 0 == 1')).toEqual(fault('divided-by-zero'))
    expect(ask('d.a || 1 / 0 == 1', { d: {} })).toEqual(fault('no-such-key'))
    expect(ask('d || false', { d: 1 })).toEqual(fault('wrong-type'))
  })

  test('look no further once they know', () => {
    expect(gasOf('true || d || d', { d: true })).toBe(2)
    expect(gasOf('false || d || d', { d: true })).toBe(3)
  })

  test('never forget that the gas is gone', () => {
    expect(answerTo('size(d + d) > 0 || true', { d: 'a'.repeat(1000) }, 20)).toMatchObject({
      fault: 'expression/out-of-gas',
    })
  })
})

describe('choices', () => {
  test('run one branch', () => {
    expect(ask('d ? 1 : 1 / 0', { d: true })).toBe(1)
    expect(ask('d ? 1 / 0 : 2', { d: false })).toBe(2)
    expect(ask('d ? 1 : 2', { d: 1 })).toEqual(fault('wrong-type'))
    expect(ask('1 / 0 == 1 ? 1 : 2')).toEqual(fault('divided-by-zero'))
  })
})

describe('fields and items', () => {
  const d = { a: { b: [1, null] }, n: null }

  test('are what the value itself holds', () => {
    expect(ask('d.a.b[0]', { d })).toBe(1)
    expect(ask('d["a"]["b"][1]', { d })).toBe(null)
    expect(ask('d.n', { d })).toBe(null)
    expect(ask('has(d.n) && has(d.a.b) && !has(d.c)', { d })).toBe(true)
  })

  test('fail where there is none', () => {
    for (const source of ['d.c', 'd["c"]', 'd.constructor', 'd["__proto__"]', 'd.a.toString']) {
      expect([source, ask(source, { d })]).toEqual([source, fault('no-such-key')])
    }
    for (const source of ['d.a.b[2]', 'd.a.b[-1]']) {
      expect([source, ask(source, { d })]).toEqual([source, fault('no-such-item')])
    }
    for (const source of ['d.n.a', 'd.a.b.length', 'd.a[0]', 'd[d]', 'has(d.n.a)']) {
      expect([source, ask(source, { d })]).toEqual([source, fault('wrong-type')])
    }
  })

  test('know no inherited variables', () => {
    expect(ask('constructor', {})).toEqual(fault('unknown-name'))
  })
})

describe('lists and maps', () => {
  test('are made from left to right', () => {
    expect(ask('[1, "a", [null]]')).toEqual([1, 'a', [null]])
    expect(ask('{"a": 1, "b" + "c": {}}')).toEqual({ a: 1, bc: {} })
    expect(ask('[1 / 0]')).toEqual(fault('divided-by-zero'))
  })

  test('have each key once, and none that reaches into a prototype', () => {
    expect(ask('{"a": 1, "a": 1}')).toEqual(fault('key-twice'))
    expect(ask('{"__proto__": 1}')).toEqual(fault('forbidden-key'))
    expect(ask('{d: 1}', { d: 1 })).toEqual(fault('wrong-type'))
  })

  test('have a limit of items and keys', () => {
    const items = (many: number): string => `size([${'1,'.repeat(many)}])`
    expect(ask(items(1024))).toBe(1024)
    expect(ask(items(1025))).toEqual(fault('too-large'))
    const entries = (many: number): string =>
      `size({${Array.from({ length: many }, (_, key) => `"${key}":0`).join()}})`
    expect(ask(entries(256))).toBe(256)
    expect(ask(entries(257))).toEqual(fault('too-large'))
  })
})

describe('gas', () => {
  test('is one for each node that is reached', () => {
    expect(gasOf('1')).toBe(1)
    expect(gasOf('1 + 2 * 3')).toBe(5)
    expect(gasOf('d.a.b', { d: { a: { b: 1 } } })).toBe(3)
    expect(gasOf('has(d.a)', { d: {} })).toBe(2)
    expect(gasOf('-d', { d: 1 })).toBe(2)
    expect(gasOf('!(d == 1)', { d: 1 })).toBe(4)
    expect(gasOf('d[0]', { d: [1] })).toBe(3)
    expect(gasOf('true ? 1 : 2')).toBe(3)
    expect(gasOf('{"a": 1}')).toBe(3)
    expect(gasOf('max(1, 2)')).toBe(3)
  })
})

describe('a field that is not there', () => {
  const messageOf = (source: string, d: Value): string => {
    const read = readExpression(source, new Set(['d']))
    if (!isExpression(read)) throw read
    const surroundings = { variables: { d }, gas: { used: 0, limit: 1000 }, verifies: () => false }
    const fault = faultFrom(() => evaluate(read, surroundings))
    return isFault(fault) ? fault.message : 'it is there'
  }

  test('is named with all that stands above it', () => {
    expect(messageOf('d.a.b', { a: {} })).toContain('no d.a.b here')
    expect(messageOf("d.a['b']", { a: {} })).toContain('no d.a.b here')
    expect(messageOf('d.b', {})).toContain('no d.b here')
    expect(messageOf("d.a[0]['b']", { a: [{}] })).toContain('no b here')
    expect(messageOf('d.a.b', { a: { b: 1 } })).toBe('it is there')
  })
})
