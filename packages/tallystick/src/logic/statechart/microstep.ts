/** Takes arrows: leaves states from the inside out, acts, enters states from the outside in, and says what is done. */
import type { Arrow, ChartState } from './chart.ts'
import { isBelow } from './chart.ts'
import { entryOf } from './entry.ts'
import { perform, type Run } from './run.ts'
import { domainFor, withoutConflicts } from './select.ts'

/**
 * Whether anything came of it: an assignment, other states or something remembered. If nothing did, immediate arrows are
 * not tried again, as XState has it.
 */
export const takeArrows = (run: Run, arrows: readonly Arrow[]): boolean => {
  if (arrows.length === 0) return false
  run.hasAssigned = false
  const taken = withoutConflicts(run, arrows)
  const before = { states: run.states, memory: run.memory }
  leave(run, leftBy(run, taken))
  for (const { actions } of taken) perform(run, actions)
  enter(run, enteredBy(run, taken))
  leaveForGood(run)
  const isElsewhere = run.memory !== before.memory || !isSameSet(before.states, run.states)
  if (!isElsewhere) run.states = before.states
  return isElsewhere || run.hasAssigned || run.isDone
}

/** The beginning: the opening states are entered, and nothing is left. */
export const takeOpening = (run: Run): void => {
  enter(run, run.definition.opening)
  leaveForGood(run)
}

/** A machine that is done keeps its states, and acts as if it left them. */
const leaveForGood = (run: Run): void => {
  if (!run.isDone) return
  for (const at of run.states.toSorted((a, b) => b - a))
    perform(run, run.definition.states[at]?.exit ?? [])
}

const isSameSet = (before: readonly number[], after: readonly number[]): boolean =>
  before === after || (before.length === after.length && before.every((at) => after.includes(at)))

/** Innermost first. */
const leftBy = (run: Run, taken: readonly Arrow[]): readonly number[] => {
  const { states } = run.definition
  const left = new Set<number>()
  for (const arrow of taken) {
    if (arrow.targets.length === 0) continue
    const domain = domainFor(run, arrow)
    if (arrow.isReentering && arrow.source === domain) left.add(domain)
    for (const at of run.states) if (isBelow(states, at, domain)) left.add(at)
  }
  return [...left].sort((a, b) => b - a)
}

const leave = (run: Run, left: readonly number[]): void => {
  if (left.length === 0) return
  const { states, hasHistory, hasAfter } = run.definition
  if (hasHistory) remember(run, left)
  for (const at of left) perform(run, states[at]?.exit ?? [])
  run.states = run.states.filter((at) => !left.includes(at))
  if (!hasAfter) return
  const entered = new Map(run.entered)
  for (const at of left) entered.delete(at)
  run.entered = entered
}

/** Before anything is left: what history states of the states that are left will bring back. */
const remember = (run: Run, left: readonly number[]): void => {
  const { states } = run.definition
  let memory: Map<number, readonly number[]> | undefined
  for (const at of left) {
    for (const history of states[at]?.histories ?? []) {
      memory ??= new Map(run.memory)
      const isDeep = states[history]?.isDeep === true
      const found = run.states.filter((one) => {
        const state = states[one]
        if (!isDeep) return state?.parent === at
        return isBelow(states, one, at) && (state?.kind === 'atomic' || state?.kind === 'final')
      })
      memory.set(history, found)
    }
  }
  if (memory !== undefined) run.memory = memory
}

/** In document order. What was left just now is remembered already. */
const enteredBy = (run: Run, taken: readonly Arrow[]): readonly number[] => {
  const [only, ...others] = taken
  if (only?.plan !== undefined && others.length === 0) return only.plan.entry
  return entryOf(run.definition.states, taken, run.memory)
}

const enter = (run: Run, entered: readonly number[]): void => {
  const { states, hasAfter } = run.definition
  const completed = new Set<number>()
  for (const at of entered) {
    const state = states[at]
    if (state === undefined) continue
    if (!run.states.includes(at)) run.states = [...run.states, at]
    if (hasAfter && state.after.length > 0)
      run.entered = new Map(run.entered).set(at, run.input.now)
    perform(run, state.entry)
    if (state.kind === 'final') complete(run, state, completed)
  }
}

/** A final state is entered: says so to its parent, and upwards through parallel states that are done with it. */
const complete = (run: Run, final: ChartState, completed: Set<number>): void => {
  const { states } = run.definition
  const parent = states[final.parent]
  let above = parent?.kind === 'parallel' ? parent : states[parent?.parent ?? -1]
  if (parent?.kind === 'compound') sayDone(run, parent, final)
  while (above?.kind === 'parallel' && !completed.has(above.at) && isComplete(run, above)) {
    completed.add(above.at)
    sayDone(run, above, undefined)
    above = states[above.parent]
  }
  if (above === undefined) run.isDone = true
}

const sayDone = (run: Run, state: ChartState, final: ChartState | undefined): void => {
  run.queue.push({
    type: `xstate.done.state.${state.id}`,
    data: final?.output ?? null,
    doneState: state.at,
  })
}

const isComplete = (run: Run, state: ChartState): boolean => {
  const { states } = run.definition
  switch (state.kind) {
    case 'compound':
      return state.children.some((at) => states[at]?.kind === 'final' && run.states.includes(at))
    case 'parallel':
      return state.children.every((at) => {
        const region = states[at]
        return region !== undefined && isComplete(run, region)
      })
    case 'final':
      return true
    case 'atomic':
    case 'history':
      return false
  }
}
