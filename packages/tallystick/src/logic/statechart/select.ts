/**
 * Which arrows an event enables, and which of them can be taken together.
 *
 * The innermost state that has an enabled arrow wins: a state is asked after what is active inside it, and only if nothing
 * there was enabled. Of arrows in different regions all are taken, unless they would leave the same state; then the one
 * whose source lies deeper wins, and otherwise the first.
 */
import type { Arrow, ChartState } from './chart.ts'
import { isBelow } from './chart.ts'
import { domainOf, type Memory } from './entry.ts'
import { TICK } from './event-name.ts'
import { holds, type Internal, type Run } from './run.ts'

/** The arrows that an event enables, innermost first within each region. */
export const enabledBy = (run: Run, event: Internal): readonly Arrow[] => {
  const found: Arrow[] = []
  descend(run, { at: 0, event, found })
  return found
}

type Search = { readonly at: number; readonly event: Internal; readonly found: Arrow[] }

const descend = (run: Run, search: Search): boolean => {
  const { states } = run.definition
  const state = states[search.at]
  if (state === undefined) return false
  if (state.children.length > 0) {
    let isFound = false
    // In the order in which the regions were entered; a compound state has one active child.
    for (const at of run.states) {
      if (states[at]?.parent !== search.at) continue
      isFound = descend(run, { ...search, at }) || isFound
    }
    if (isFound) return true
  }
  return takeFirst(run, candidatesOf(run, state, search.event), search.found)
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
  const { states } = run.definition
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
  /** Whether the domain is left as well. */
  readonly isWhole: boolean
}

const leavingOf = (run: Run, arrow: Arrow): Leaving => {
  if (arrow.targets.length === 0) return { arrow, domain: undefined, isWhole: false }
  const domain = domainFor(run, arrow)
  return { arrow, domain, isWhole: arrow.isReentering && arrow.source === domain }
}

export const domainFor = (
  { definition, memory }: { readonly definition: Run['definition']; readonly memory: Memory },
  arrow: Arrow,
): number => arrow.plan?.domain ?? domainOf(definition.states, arrow, memory)

/** Whether the sets of states that two arrows leave have one in common. */
const leavesSame = (run: Run, one: Leaving, other: Leaving): boolean => {
  const { states } = run.definition
  if (one.domain === undefined || other.domain === undefined) return false
  if (one.domain === other.domain)
    return (one.isWhole && other.isWhole) || hasActiveBelow(run, one.domain)
  const [outer, inner] = isBelow(states, one.domain, other.domain) ? [other, one] : [one, other]
  const { domain: above = 0 } = outer
  const { domain: below = 0 } = inner
  if (!isBelow(states, below, above)) return false
  return inner.isWhole || hasActiveBelow(run, below)
}

const hasActiveBelow = ({ states, definition }: Run, domain: number): boolean =>
  states.some((at) => isBelow(definition.states, at, domain))
