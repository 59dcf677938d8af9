/** Takes arrows: leaves states from the inside out, acts, enters states from the outside in, and says what is done. */
import type { Action, Arrow, ChartState } from './chart.ts'
import { isBelow } from './chart.ts'
import { entryOf } from './entry.ts'
import { memoryOf, perform, type Run } from './run.ts'
import { domainFor, withoutConflicts } from './select.ts'

/**
 * Whether anything came of it: an assignment, other states or something remembered. If nothing did, immediate arrows are
 * not tried again, as XState has it.
 */
export const takeArrows = (run: Run, arrows: readonly Arrow[]): boolean => {
  const [only] = arrows
  if (only === undefined) return false
  run.hasAssigned = false
  if (arrows.length === 1 && only.targets.length === 0) {
    perform(run, only.actions)
    return run.hasAssigned
  }
  const taken = withoutConflicts(run, arrows)
  const { states } = run
  const left = leftBy(run, taken)
  const hasRemembered = left.length > 0 && leave(run, left)
  for (const { actions } of taken) perform(run, actions)
  enter(run, enteredBy(run, taken))
  leaveForGood(run)
  const isElsewhere = hasRemembered || !isSameSet(states, run.states)
  if (!isElsewhere) run.states = states
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

const isSameSet = (before: readonly number[], after: readonly number[]): boolean => {
  if (before === after) return true
  if (before.length !== after.length) return false
  const found = new Set(after)
  return before.every((at) => found.has(at))
}

/** Innermost first. */
const leftBy = (run: Run, taken: readonly Arrow[]): readonly number[] => {
  const { states } = run.definition
  const left: number[] = []
  for (const arrow of taken) {
    if (arrow.targets.length === 0) continue
    // What arrows leave that are taken together has nothing in common.
    const domain = domainFor(run, arrow)
    for (const at of run.states) if (isBelow(states, at, domain)) left.push(at)
  }
  return left.length > 1 ? left.sort((a, b) => b - a) : left
}

/** Whether anything is remembered of what is left. */
const leave = (run: Run, left: readonly number[]): boolean => {
  const { states, hasHistory, hasAfter } = run.definition
  const hasRemembered = hasHistory && remember(run, left)
  for (const at of left) perform(run, states[at]?.exit ?? NONE)
  const gone = new Set(left)
  run.states = run.states.filter((at) => !gone.has(at))
  if (hasAfter) {
    const entered = new Map(run.entered)
    for (const at of left) entered.delete(at)
    run.entered = entered
  }
  return hasRemembered
}
const NONE: readonly Action[] = []

/** Before anything is left: what history states of the states that are left will bring back. */
const remember = (run: Run, left: readonly number[]): boolean => {
  const { states } = run.definition
  let memory: Map<number, readonly number[]> | undefined
  for (const at of left) {
    for (const history of states[at]?.histories ?? []) {
      memory ??= new Map(memoryOf(run))
      const isDeep = states[history]?.isDeep === true
      const found = run.states.filter((one) => {
        const state = states[one]
        if (!isDeep) return state?.parent === at
        return isBelow(states, one, at) && (state?.kind === 'atomic' || state?.kind === 'final')
      })
      memory.set(history, found)
    }
  }
  if (memory === undefined) return false
  run.memory = memory
  return true
}

/** In document order. What was left just now is remembered already. */
const enteredBy = (run: Run, taken: readonly Arrow[]): readonly number[] => {
  const [only, ...others] = taken
  if (only?.plan !== undefined && others.length === 0) return only.plan.entry
  return entryOf(run.definition.states, taken, memoryOf(run))
}

const enter = (run: Run, entered: readonly number[]): void => {
  if (entered.length === 0) return
  const { states, hasAfter } = run.definition
  // A set keeps its order: what is entered again stays where it was.
  const active = new Set(run.states)
  const completed = new Set<number>()
  for (const at of entered) {
    const state = states[at]
    if (state === undefined) continue
    active.add(at)
    if (hasAfter && state.after.length > 0)
      run.entered = new Map(run.entered).set(at, run.input.now)
    perform(run, state.entry)
    if (state.kind === 'final') complete(run, state, { active, completed })
  }
  run.states = [...active]
}

type Progress = {
  readonly active: ReadonlySet<number>
  /** Parallel states that have said that they are done. */
  readonly completed: Set<number>
}

/** A final state is entered: says so to its parent, and upwards through parallel states that are done with it. */
const complete = (run: Run, final: ChartState, { active, completed }: Progress): void => {
  const { states } = run.definition
  const parent = states[final.parent]
  let above = parent?.kind === 'parallel' ? parent : states[parent?.parent ?? -1]
  if (parent?.kind === 'compound') sayDone(run, parent, final)
  while (
    above?.kind === 'parallel' &&
    !completed.has(above.at) &&
    isComplete(states, active, above)
  ) {
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

const isComplete = (
  states: readonly ChartState[],
  active: ReadonlySet<number>,
  state: ChartState,
): boolean => {
  switch (state.kind) {
    case 'compound':
      return state.children.some((at) => states[at]?.kind === 'final' && active.has(at))
    case 'parallel':
      return state.children.every((at) => {
        const region = states[at]
        return region !== undefined && isComplete(states, active, region)
      })
    case 'final':
      return true
    case 'atomic':
    case 'history':
      return false
  }
}
