/** A toy world to test the simulator itself: two nodes that count wishes and tell each other how far they are. */
import type { Plan, PlanEvent } from '../../src/sim/plan.ts'
import type { Checker, Scenario } from '../../src/sim/world.ts'

export type Toy = { readonly count: number; readonly heard: number; readonly woken: string }
export type ToyInput =
  | { readonly is: 'wish' }
  | { readonly is: 'tell'; readonly count: number }
  | { readonly is: 'nudge' }
  | { readonly is: 'woke'; readonly how: string }
export type ToyEffect = { readonly count: number }

export type ToyWorld = Scenario<Toy, ToyInput, ToyEffect> & {
  /** Highest count that each node has told. */
  readonly told: number[]
}

export const createToy = (extra: readonly Checker<Toy>[] = []): ToyWorld => {
  const told = [0, 0]
  return {
    told,
    name: 'toy',
    actors: ['ann', 'ben'].map((name) => ({
      name,
      honest: true,
      start: () => ({ count: 0, heard: 0, woken: '' }),
      step: (state, input) => {
        switch (input.is) {
          case 'wish':
            return { ...state, count: state.count + 1 }
          case 'tell':
            return { ...state, heard: Math.max(state.heard, input.count) }
          case 'woke':
            return { ...state, woken: `${state.woken}${input.how} ` }
          case 'nudge':
            return state
        }
      },
      outstanding: (state) =>
        state.count > 0 ? [[`tell ${state.count}`, { count: state.count }]] : [],
      guard: () => {},
      wake: (how) => [{ is: 'woke', how }],
    })),
    wish: () => ({ is: 'wish' }),
    perform: (_, node, effect) => {
      told[node] = Math.max(told[node] ?? 0, effect.count)
      return [{ to: 1 - node, input: { is: 'tell', count: effect.count }, by: 'network' }]
    },
    nudge: { is: 'nudge' },
    watch: () => {},
    mangle: () => ({ is: 'tell', count: -1 }),
    checkers: [
      {
        name: 'kept',
        // Whoever said that it had counted so far still has, unless its store was put back.
        check: ({ nodes }) =>
          nodes.some((one, at) => one.restores === 0 && one.state.count < (told[at] ?? 0))
            ? 'what was told is not kept'
            : undefined,
      },
      ...extra,
    ],
    settled: [],
    settleTicks: 1000,
    seen: new Set(),
  }
}

export const calm: Plan['knobs'] = {
  lossPercent: 0,
  repeatPercent: 0,
  delayMax: 1,
  manglePercent: 0,
  crashPercent: 0,
}

export const planWith = (events: readonly PlanEvent[], changes: Partial<Plan> = {}): Plan => ({
  scenario: 'toy',
  seed: 1,
  knobs: calm,
  events,
  ticks: 200,
  ...changes,
})

export const wishAt = (at: number, node = 0, choice = 1): PlanEvent => ({
  at,
  is: 'wish',
  node,
  choice,
})
