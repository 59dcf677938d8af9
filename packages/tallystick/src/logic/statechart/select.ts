/**
 * Which arrows an event enables, and which of them can be taken together.
 *
 * The innermost state that has an enabled arrow wins: a state is asked after what is active inside it, and only if nothing
 * there was enabled. Of arrows in different regions all are taken, unless they would leave the same state; then the one
 * whose source lies deeper wins, and otherwise the first.
 */
import type { Arrow, ChartState } from './chart.ts'
import { isBelow } from './chart.ts'
import { domainOf } from './entry.ts'
import { TICK } from './event-name.ts'
import { holds, type Internal, memoryOf, type Run } from './run.ts'

/** The arrows that an event enables, innermost first within each region. */
export const enabledBy = (run: Run, event: Internal): readonly Arrow[] => {
  const found: Arrow[] = []
  descend(run, event, { at: 0, found })
  return found
}

const descend = (
  run: Run,
  event: Internal,
  { at, found }: { readonly at: number; readonly found: Arrow[] },
): boolean => {
  const { states } = run.definition
  const state = states[at]
  if (state === undefined) return false
  if (state.children.length > 0) {
    let isFound = false
    // In the order in which the regions were entered; a compound state has one active child.
    for (const child of run.states) {
      if (states[child]?.parent !== at) continue
      isFound = descend(run, event, { at: child, found }) || isFound
    }
    if (isFound) return true
  }
  const candidates = candidatesOf(run, state, event)
  return candidates.length > 0 && takeFirst(run, candidates, found)
}

/** Arrows of a state for an event, in the order in which they are tried. */
export const candidatesOf = (run: Run, state: ChartState, event: Internal): readonly Arrow[] => {
  if (event.doneState >= 0) return event.doneState === state.at ? state.done : NONE
  const listed = state.on.get(event.type) ?? NONE
  if (event.type !== TICK || state.after.length === 0) return listed
  return [...listed, ...state.after.filter((arrow) => waitMs(run, arrow) <= 0)]
}
const NONE: readonly Arrow[] = []

/** How long an `after` still has to wait. */
export const waitMs = ({ entered, input }: Run, { source, delayMs }: Arrow): number =>
  delayMs - (input.now - (entered.get(source) ?? input.now))

const takeFirst = (run: Run, candidates: readonly Arrow[], found: Arrow[]): boolean => {
  for (const arrow of candidates) {
    if (arrow.guard !== undefined && !holds(run, arrow.guard)) continue
    if (!found.includes(arrow)) found.push(arrow)
    return true
  }
  return false
}

/** Immediate arrows: for each leaf the first that is enabled on the way up from it. */
export const enabledAlways = (run: Run): readonly Arrow[] => {
  const { states, hasAlways } = run.definition
  if (!hasAlways) return NONE
  const found: Arrow[] = []
  for (const leaf of run.states) {
    const kind = states[leaf]?.kind
    if (kind !== 'atomic' && kind !== 'final') continue
    let at = leaf
    while (at >= 0) {
      const state = states[at]
      if (state === undefined) break
      if (state.always.length > 0 && takeFirst(run, state.always, found)) break
      at = state.parent
    }
  }
  return withoutConflicts(run, found)
}

export const withoutConflicts = (run: Run, arrows: readonly Arrow[]): readonly Arrow[] => {
  if (arrows.length < 2) return arrows
  const { states } = run.definition
  let taken: Leaving[] = []
  for (const arrow of arrows) {
    const one = leavingOf(run, arrow)
    const against = taken.filter((other) => leavesSame(run, one, other))
    if (against.every((other) => isBelow(states, arrow.source, other.arrow.source))) {
      taken = taken.filter((other) => !against.includes(other))
      taken.push(one)
    }
  }
  return taken.map(({ arrow }) => arrow)
}

type Leaving = {
  readonly arrow: Arrow
  /** Undefined where nothing is left. */
  readonly domain: number | undefined
}

const leavingOf = (run: Run, arrow: Arrow): Leaving => ({
  arrow,
  domain: arrow.targets.length === 0 ? undefined : domainFor(run, arrow),
})

export const domainFor = (run: Run, arrow: Arrow): number =>
  arrow.plan?.domain ?? domainOf(run.definition.states, arrow, memoryOf(run))

/** Whether two arrows would leave the same state: what the inner one leaves, if one domain holds the other. */
const leavesSame = (run: Run, { domain: one }: Leaving, { domain: other }: Leaving): boolean => {
  const { states } = run.definition
  if (one === undefined || other === undefined) return false
  if (one === other || isBelow(states, one, other)) return hasActiveBelow(run, one)
  return isBelow(states, other, one) && hasActiveBelow(run, other)
}

const hasActiveBelow = ({ states, definition }: Run, domain: number): boolean =>
  states.some((at) => isBelow(definition.states, at, domain))
