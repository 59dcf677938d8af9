import { describe, expect, it } from 'vitest'
import { isDefinition, readDefinition } from '../../../src/logic/statechart/read.ts'
import { expr, set } from './charts.ts'

const codesOf = (states: object): readonly string[] => {
  const read = readDefinition(JSON.stringify({ id: 'm', initial: 'a', states }))
  return isDefinition(read) ? [] : read.map(({ code, path }) => `${code} ${path}`)
}

describe('loops', () => {
  it.each([
    [{ a: { always: 'b' }, b: { always: 'a' } }],
    [{ a: { always: 'b' }, b: { always: 'c' }, c: { always: 'a' } }],
    [{ a: { always: { actions: set({ n: '1' }) } } }],
    [{ a: { always: { target: 'a', reenter: true, actions: set({ n: '1' }) } } }],
    [{ a: { always: { actions: { type: 'raise', params: { event: 'A' } } } } }],
  ])('refuses %j, which never comes to rest', (states) => {
    expect(codesOf(states)).toEqual(['always-cycle $.states.a.always'])
  })

  it.each([
    [{ a: { always: 'b' }, b: {} }],
    [{ a: { always: 'b' }, b: { always: { target: 'a', guard: expr('context.n < 3') } } }],
    [{ a: { always: 'b' }, b: { on: { BACK: 'a' } } }],
    [{ a: { always: { actions: { type: 'effect', params: { kind: 'tell' } } } } }],
  ])('takes %j, which does or may', (states) => {
    expect(codesOf(states)).toEqual([])
  })
})
