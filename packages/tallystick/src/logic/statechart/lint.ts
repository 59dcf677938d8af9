/** What looks like a mistake in a definition that can be run: a state that nobody leaves, or comes to, or that never expires. */
import type { Arrow, ChartState } from './chart.ts'
import { TICK } from './event-name.ts'
import type { Report } from './report.ts'
import { reachedStates } from './reach.ts'

export const lintChart = ({ lints }: Report, states: readonly ChartState[]): void => {
  const reached = reachedStates(states)
  const hasTime = states.some((state) => usesTime(state))
  for (const state of states) {
    if (!reached.has(state.at)) {
      if (reached.has(state.parent) && state.kind !== 'history') lints.push(unreachable(state))
      continue
    }
    lints.push(...neverTaken(state), ...unheard(states, state))
    if (state.kind !== 'atomic' && state.kind !== 'final') continue
    if (state.kind === 'final' && endsMachine(states, state)) continue
    const above = withAncestors(states, state)
    if (!above.some((one) => arrowsOf(one).some(leadsOut))) lints.push(deadEnd(state))
    else if (hasTime && !above.some(hasTimedExit)) lints.push(noTimedExit(state))
  }
  if (!hasTime && states.some((state) => state.kind === 'atomic' && reached.has(state.at)))
    lints.push(NEVER_EXPIRES)
}

export const arrowsOf = ({ on, after, always, done }: ChartState): readonly Arrow[] => [
  ...[...on.values()].flat(),
  ...after,
  ...always,
  ...done,
]

const leadsOut = ({ targets }: Arrow): boolean => targets.length > 0

/** It need not wait for anybody: time leads out of it, or it is left as soon as it is entered. */
const hasTimedExit = ({ after, on, always }: ChartState): boolean =>
  after.some(leadsOut) ||
  (on.get(TICK) ?? []).some(leadsOut) ||
  always.some((one) => one.guard === undefined && leadsOut(one))

const usesTime = (state: ChartState): boolean =>
  state.after.length > 0 ||
  state.on.has(TICK) ||
  arrowsOf(state).some(
    ({ guard }) => guard?.is === 'expression' && guard.text.includes('event.now'),
  )

const withAncestors = (states: readonly ChartState[], state: ChartState): readonly ChartState[] => {
  const all: ChartState[] = []
  for (let one: ChartState | undefined = state; one !== undefined; one = states[one.parent])
    all.push(one)
  return all
}

/** Right below the root, or in a region, whose completion others may wait for. */
const endsMachine = (states: readonly ChartState[], state: ChartState): boolean =>
  state.parent === 0 || withAncestors(states, state).some(({ kind }) => kind === 'parallel')

const unreachable = ({ path, id }: ChartState) =>
  ({
    code: 'unreachable',
    path,
    message: `no transition leads to "${id}"`,
    fix: 'add one, or remove the state',
  }) as const

const deadEnd = ({ path, id, kind }: ChartState) =>
  ({
    code: 'dead-end',
    path,
    message: `a machine that comes to "${id}" never leaves it`,
    fix:
      kind === 'final'
        ? 'add "onDone" to the state around it'
        : 'add a transition, or make it final',
  }) as const

const noTimedExit = ({ path, id }: ChartState) =>
  ({
    code: 'no-timed-exit',
    path,
    message: `if nobody acts, a machine stays in "${id}" for good`,
    fix: 'add "after", or a transition on nsm.tick, to it or to a state around it',
  }) as const

const NEVER_EXPIRES = {
  code: 'never-expires',
  path: '$',
  message: 'nothing here depends on time: whoever waits for another one may wait for good',
  fix: 'add "after" or transitions on nsm.tick where somebody waits',
} as const

/** Arrows that stand behind one without a guard. */
const neverTaken = ({ on, after, always, done }: ChartState) =>
  [...on.values(), ...after.map((one) => [one]), always, done].flatMap((list) => {
    const certain = list.findIndex(({ guard }) => guard === undefined)
    return certain < 0
      ? []
      : list.slice(certain + 1).map(
          ({ path }) =>
            ({
              code: 'never-taken',
              path,
              message: 'the transition before it has no guard and is always taken first',
              fix: 'give that one a guard, or remove this one',
            }) as const,
        )
  })

/** Raised events that no state listens to. */
const unheard = (states: readonly ChartState[], state: ChartState) =>
  [...arrowsOf(state).flatMap(({ actions }) => actions), ...state.entry, ...state.exit].flatMap(
    (action) => {
      if (action.is !== 'raise' || states.some(({ on }) => on.has(action.type))) return []
      return [
        {
          code: 'raise-unheard',
          path: state.path,
          message: `it raises "${action.type}", and nothing listens to that`,
          fix: 'add a transition on it, or do not raise it',
        } as const,
      ]
    },
  )
