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
  ])('refuses %j, which never comes to rest', (states) => {
    expect(codesOf(states)).toEqual(['always-cycle $.states.a.always'])
  })

  it.each([
    [{ a: { always: 'b' }, b: {} }],
    [{ a: { always: 'b' }, b: { always: { target: 'a', guard: expr('context.n < 3') } } }],
    [{ a: { always: 'b' }, b: { on: { BACK: 'a' } } }],
    [{ a: { always: { actions: { type: 'effect', params: { kind: 'tell' } } } } }],
    [{ a: { always: { target: 'a', reenter: true } } }],
    [
      {
        a: { always: { actions: { type: 'raise', params: { event: 'A' } } }, on: { A: 'b' } },
        b: {},
      },
    ],
    [
      {
        a: { always: 'b' },
        b: {
          initial: 'c',
          always: 'a',
          states: { c: { always: { target: '#m.d', guard: expr('context.n > 3') } } },
        },
        d: {},
      },
    ],
  ])('takes %j, which does or may', (states) => {
    expect(codesOf(states)).toEqual([])
  })

  it('names each cycle once, at a transition in it', () => {
    expect(
      codesOf({
        a: { always: 'b' },
        b: { always: 'c' },
        c: { always: 'b' },
        d: { always: 'e' },
        e: { always: 'd' },
      }),
    ).toEqual(['always-cycle $.states.b.always', 'always-cycle $.states.d.always'])
  })

  it('reads a chain of five hundred immediate transitions', () => {
    const chain = Object.fromEntries(
      Array.from({ length: 500 }, (_, at) => [`s${at}`, { always: `s${at + 1}` }]),
    )
    expect(codesOf({ a: { always: 's0' }, ...chain, s500: {} })).toEqual([])
  })
})
