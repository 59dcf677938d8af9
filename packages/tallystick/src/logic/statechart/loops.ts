/**
 * Cycles of immediate transitions that nothing could ever end: each has no guard, and each makes the next one immediate.
 * A machine that came into one would never come to rest, and every event that leads there would be rejected for its
 * microsteps. Named are only those that are certain. Where a guard, another region or a raised event might lead out, the
 * limit of microsteps decides when it comes to that.
 */
import type { Arrow, ChartState } from './chart.ts'
import type { Report } from './report.ts'

export const checkLoops = ({ problems }: Report, states: readonly ChartState[]): void => {
  const immediate = immediateArrows(states)
  const seen = new Set<Arrow>()
  for (const start of immediate.values()) {
    const path = new Set<Arrow>()
    let at: Arrow | undefined = start
    while (at !== undefined && !seen.has(at)) {
      seen.add(at)
      path.add(at)
      at = nextAfter(states, immediate, at)
    }
    if (at === undefined || !path.has(at)) continue
    const cycle = [...path]
    problems.push({
      code: 'always-cycle',
      path: at.path,
      message: `immediate transitions without end, through ${cycle.length - cycle.indexOf(at)} of them`,
      fix: 'give one of them a guard, or let an event lead on',
    })
  }
}

/** By source: the arrow that is taken at once whenever its source is active. */
const immediateArrows = (states: readonly ChartState[]): ReadonlyMap<number, Arrow> => {
  const immediate = new Map<number, Arrow>()
  for (const { at, end, always } of states) {
    const [first] = always
    if (first === undefined || first.guard !== undefined) continue
    const isCertain = !states.slice(at + 1, end).some((state) => state.always.length > 0)
    if (isCertain && !isInRegion(states, at)) immediate.set(at, first)
  }
  return immediate
}

/** What happens beside it, in another region, may end anything. */
const isInRegion = (states: readonly ChartState[], at: number): boolean => {
  let up = states[at]
  while (up !== undefined && up.kind !== 'parallel') up = states[up.parent]
  return up !== undefined
}

/** The immediate arrow that another one leads to: by entering its source, or by changing something while it stays there. */
const nextAfter = (
  states: readonly ChartState[],
  immediate: ReadonlyMap<number, Arrow>,
  arrow: Arrow,
): Arrow | undefined => {
  if (arrow.targets.length === 0) return changes(arrow) ? arrow : undefined
  const entry = arrow.plan?.entry ?? []
  const waiting = entry.filter((at) => (states[at]?.always.length ?? 0) > 0)
  const [only, ...others] = waiting
  if (only === undefined || others.length > 0) return undefined
  const next = immediate.get(only)
  // Entering again what was just left is no change by itself.
  return next === arrow && !changes(arrow) ? undefined : next
}

const changes = ({ actions }: Arrow): boolean =>
  actions.some(({ is }) => is === 'assign' || is === 'name')
