/** Cases in which the interpreter once differed from XState, made small. None is removed. */
import type { Case } from './differ.ts'
import { expr, ORIGIN, set } from './charts.ts'

export const FOUND: Readonly<Record<string, Case>> = {
  'a machine that is done when it begins runs the exit actions of all its states': {
    definition: {
      type: 'parallel',
      id: 'm',
      states: { z: { type: 'final' } },
      exit: [{ type: 'effect', params: { kind: 'out' } }],
    },
    events: [],
  },
  'what is left by a transition is remembered before its own target is looked for': {
    definition: {
      id: 'm',
      context: { n: 3, m: 0 },
      initial: 'b',
      always: [{ guard: expr('context.m < 4 && context.n < 9'), target: '#m.d', reenter: true }],
      states: {
        b: {
          initial: 'b',
          exit: [set({ n: 'context.n + 2' })],
          states: { a: { entry: [set({ m: 'context.n' })] }, b: {} },
        },
        d: { type: 'history', target: '#m.b.a' },
      },
    },
    events: [],
  },
}

/** Cases in which XState comes to states that cannot be active at once. The profile refuses their definitions. */
export const BROKEN: Readonly<Record<string, Case & { readonly value: unknown }>> = {
  'a state asks for the history of the state around it while another region leaves that state': {
    definition: {
      id: 'm',
      initial: 'a',
      states: {
        a: {
          type: 'parallel',
          states: {
            b: { on: { A: '#m.d.e' } },
            c: {
              initial: 'z',
              states: { h: { type: 'history', target: 'z' }, z: { on: { A: '#m.a.c.h' } } },
            },
          },
        },
        d: { initial: 'f', states: { e: {}, f: {} } },
      },
    },
    events: [{ ...ORIGIN, type: 'A', data: {} }],
    value: { a: { c: 'z' }, d: 'e' },
  },
}
