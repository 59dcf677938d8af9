/** Cases in which the interpreter once differed from XState, made small. None is removed. */
import type { Case } from './differ.ts'
import { expr, set } from './charts.ts'

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
