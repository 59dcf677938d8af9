/**
 * Cycles of immediate transitions that nothing could ever end: each has no guard, and each makes the next one immediate.
 * A machine that came into one would never come to rest, and every event that leads there would be rejected for its
 * microsteps. Cycles with guards may end, and are left to that limit.
 */
import type { Arrow, ChartState } from './chart.ts'
import { isBelow } from './chart.ts'
import type { Report } from './report.ts'

export const checkLoops = ({ problems }: Report, states: readonly ChartState[]): void => {
  const immediate = states.flatMap(({ always }) => firstWithoutGuard(always))
  const inCycle = new Set<Arrow>()
  for (const arrow of immediate) {
    if (inCycle.has(arrow)) continue
    const cycle = cycleFrom(states, immediate, arrow)
    if (cycle.length === 0) continue
    for (const one of cycle) inCycle.add(one)
    problems.push({
      code: 'always-cycle',
      path: arrow.path,
      message: `immediate transitions without end, through ${cycle.length} of them`,
      fix: 'give one of them a guard, or let an event lead on',
    })
  }
}

/** What stands behind it is never tried. */
const firstWithoutGuard = (always: readonly Arrow[]): readonly Arrow[] => {
  const only = always.find(({ guard }) => guard === undefined)
  return only === undefined || only !== always[0] ? [] : [only]
}

/** The arrows from this one back to it, or none. */
const cycleFrom = (
  states: readonly ChartState[],
  immediate: readonly Arrow[],
  start: Arrow,
): readonly Arrow[] => {
  const path: Arrow[] = [start]
  for (let at = start; path.length <= immediate.length;) {
    const next = immediate.find((one) => leadsTo(states, at, one))
    if (next === undefined) return []
    if (next === start) return path
    path.push(next)
    at = next
  }
  return []
}

/** Whether the one makes the other immediate: by entering its source, or by an action while it stays there. */
const leadsTo = (states: readonly ChartState[], from: Arrow, to: Arrow): boolean => {
  if (from.targets.length > 0) {
    const isEntered = from.plan?.entry.includes(to.source) === true
    // Entering again what was just left changes nothing that would make it be tried once more, unless something acts.
    return from === to ? isEntered && changes(from) : isEntered
  }
  return (
    from === to &&
    (changes(from) || from.actions.some(({ is }) => is === 'raise')) &&
    isBelow(states, to.source, -1)
  )
}

const changes = ({ actions }: Arrow): boolean =>
  actions.some(({ is }) => is === 'assign' || is === 'name')
