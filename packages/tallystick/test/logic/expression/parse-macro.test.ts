import { describe, expect, test } from 'vitest'
import { ask, fault } from './ask.ts'

describe('macros', () => {
  test('take a plain name and a condition', () => {
    expect(ask('[1, 2].all(x, x > 0)')).toBe(true)
    for (const source of [
      '[1].all(x)',
      '[1].all(x, true, true)',
      '[1].all()',
      '[1].exists(a.b, true)',
      '[1].exists(1, true)',
      '[1].map(x)',
      '[1].map(x, true, x, x)',
      '[1].exists_one(x)',
      '[1].filter((1), true)',
    ]) {
      expect([source, ask(source)]).toEqual([source, fault('wrong-arguments')])
    }
  })

  test('ask has() of one field only', () => {
    expect(ask('has({"a": null}.a)')).toBe(true)
    for (const source of ['has(a)', 'has()', 'has({}.a, 1)', 'has({}["a"])', 'has(1)']) {
      expect([source, ask(source)]).toEqual([source, fault('wrong-arguments')])
    }
  })
})
