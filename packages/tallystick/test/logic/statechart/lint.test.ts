import { describe, expect, it } from 'vitest'
import { chartOf, expr } from './charts.ts'

const lintsOf = (json: object): readonly string[] =>
  chartOf(json).lints.map(({ code, path }) => `${code} ${path}`)

describe('lint', () => {
  it('has nothing to say about a machine that expires and ends', () => {
    expect(
      lintsOf({
        initial: 'open',
        states: {
          open: { on: { PAY: 'paid' }, after: { 1000: 'gone' } },
          paid: { type: 'final' },
          gone: { type: 'final' },
        },
      }),
    ).toEqual([])
  })

  it('names states without a timed exit once the definition knows time', () => {
    expect(
      lintsOf({
        initial: 'open',
        states: {
          open: { on: { PAY: 'paid' }, after: { 1000: 'gone' } },
          paid: { on: { SHIP: 'gone', 'nsm.tick': { guard: expr('event.now > 5') } } },
          gone: { type: 'final' },
        },
      }),
    ).toEqual(['no-timed-exit $.states.paid'])
  })

  it('counts a timed exit of a state around it', () => {
    expect(
      lintsOf({
        initial: 'open',
        states: {
          open: {
            initial: 'a',
            states: { a: { on: { X: 'b' } }, b: { on: { X: 'a' } } },
            after: { 9: 'gone' },
          },
          gone: { type: 'final' },
        },
      }),
    ).toEqual([])
  })

  it('names dead ends, unreachable states, transitions never taken and events never heard', () => {
    expect(
      lintsOf({
        initial: 'a',
        states: {
          a: {
            on: { X: ['b', { target: 'a', guard: expr('true') }] },
            entry: { type: 'raise', params: { event: 'LOST' } },
            after: { 5: 'b' },
          },
          b: {},
          c: { initial: 'd', states: { d: {} } },
          e: { initial: 'f', states: { f: { type: 'final' } } },
        },
      }),
    ).toEqual([
      'never-taken $.states.a.on.X[1]',
      'raise-unheard $.states.a',
      'dead-end $.states.b',
      'unreachable $.states.c',
      'unreachable $.states.e',
    ])
  })

  it('sees that a nested end without onDone is a dead end', () => {
    const machine = (more: object): object => ({
      initial: 'e',
      states: {
        e: { initial: 'f', states: { f: { type: 'final' } }, ...more },
        g: { type: 'final' },
      },
    })
    expect(lintsOf(machine({}))).toContain('dead-end $.states.e.states.f')
    expect(lintsOf(machine({ onDone: 'g' })).some((lint) => lint.startsWith('dead-end'))).toBe(
      false,
    )
  })
})
