/** Which states some sequence of events may lead to, if every guard could hold. */
import type { Arrow, ChartState } from './chart.ts'
import { entryOf, NO_MEMORY, openingOf } from './entry.ts'

export const reachedStates = (states: readonly ChartState[]): ReadonlySet<number> => {
  const reached = new Set<number>()
  const waiting: number[] = []
  const reach = (found: readonly number[]): void => {
    for (const at of found) {
      if (reached.has(at)) continue
      reached.add(at)
      waiting.push(at)
    }
  }
  reach(openingOf(states))
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const state = states[at]
    if (state === undefined) continue
    for (const list of [...state.on.values(), state.after, state.always, state.done])
      for (const arrow of list) reach(enteredFrom(states, arrow))
  }
  return reached
}

/** What a history state brings back was reached before, so that its default is all that it adds. */
const enteredFrom = (states: readonly ChartState[], arrow: Arrow): readonly number[] =>
  arrow.plan?.entry ?? entryOf(states, [arrow], NO_MEMORY)
