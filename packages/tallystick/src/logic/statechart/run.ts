/** What one input has done so far. It is made for an input and thrown away with it; a rejected input leaves no trace. */
import { Fault } from '../../base/fault.ts'
import { ACTIONS_MAX, CONTEXT_BYTES_MAX } from '../../base/limits.ts'
import { evaluate, type Surroundings } from '../expression/expression.ts'
import { type Gas, spend } from '../expression/run.ts'
import type { Value, ValueMap } from '../expression/value.ts'
import type { Action, Definition, Entry, Guard } from './chart.ts'
import { type Memory, NO_MEMORY } from './entry.ts'
import { memoryFromSnapshot } from './configuration.ts'
import type { Effect, Setting, Snapshot, StatechartEvent } from './snapshot.ts'
import { canonicalSize, whyNotKept } from './value-check.ts'

export type Run = {
  readonly definition: Definition
  readonly setting: Setting
  /** The input. Its sender, id, times and height stay the same for what it raises. */
  readonly input: StatechartEvent
  readonly gas: Gas
  readonly queue: Internal[]
  readonly effects: Effect[]
  /** In the order in which they were entered. */
  states: readonly number[]
  /** Undefined as long as nobody has asked for it. */
  memory: Memory | undefined
  /** When states with `after` were entered. */
  entered: ReadonlyMap<number, number>
  context: ValueMap
  /** Where it began; what is still the same needs no second look. */
  readonly from: Snapshot | undefined
  /** What expressions see; undefined after a change. */
  surroundings: Surroundings | undefined
  event: ValueMap
  /** Set by each assignment; the machine looks for immediate transitions again. */
  hasAssigned: boolean
  isDone: boolean
  actions: number
}

/** An event that the machine raised. */
export type Internal = {
  readonly type: string
  readonly data: Value
  /** The state that is done, if that is what it says; −1 otherwise. */
  readonly doneState: number
}

/** What history states remember. Raises `statechart/wrong-snapshot`. */
export const memoryOf = (run: Run): Memory => {
  const { definition, from } = run
  run.memory ??= from === undefined ? NO_MEMORY : memoryFromSnapshot(definition, from.historyValue)
  return run.memory
}

/** What expressions see as `event`. Only `type` and `data` differ between the events of one input. */
export const eventValue = (
  input: StatechartEvent,
  { type, data }: { readonly type: string; readonly data: Value },
): ValueMap => ({
  type,
  sender: input.sender,
  id: input.id,
  at: input.at,
  now: input.now,
  height: input.height,
  data,
  answers: input.answers ?? NO_ANSWERS,
})

const NO_ANSWERS: ValueMap = Object.freeze({})

const surroundingsOf = (run: Run): Surroundings => {
  run.surroundings ??= {
    variables: { context: run.context, event: run.event, machine: run.setting.machine },
    gas: run.gas,
    verifies: run.setting.verifies,
  }
  return run.surroundings
}

/** Raises what `evaluate` raises, and `statechart/guard-no-bool`. */
export const holds = (run: Run, guard: Guard): boolean => {
  if (guard.is === 'name') {
    spend(run.gas, 1)
    return guard.holds({ context: run.context, event: run.event })
  }
  const value = evaluate(guard.expression, surroundingsOf(run))
  if (typeof value === 'boolean') return value
  throw new Fault('statechart/guard-no-bool', `the guard gave no bool: ${guard.text.slice(0, 256)}`)
}

/** Runs actions in order; each sees what those before it assigned. Raises `statechart/too-many-actions` and others. */
export const perform = (run: Run, actions: readonly Action[]): void => {
  for (const action of actions) {
    run.actions += 1
    if (run.actions > ACTIONS_MAX) {
      const message = `more than ${ACTIONS_MAX} actions for one input`
      throw new Fault('statechart/too-many-actions', message)
    }
    performOne(run, action)
  }
}

const performOne = (run: Run, action: Action): void => {
  switch (action.is) {
    case 'assign':
      assign(run, evaluated(run, action.set))
      return
    case 'raise':
      run.queue.push({ type: action.type, data: evaluated(run, action.data), doneState: -1 })
      return
    case 'effect':
      run.effects.push({ kind: action.kind, args: evaluated(run, action.args) })
      return
    case 'name':
      spend(run.gas, 1)
      assign(run, action.run({ context: run.context, event: run.event }))
      return
  }
}

/** All entries of one action see the same context, so that their order means nothing. */
const evaluated = (run: Run, entries: readonly Entry[]): ValueMap => {
  const surroundings = surroundingsOf(run)
  const values: Record<string, Value> = {}
  for (const { key, expression } of entries) {
    const value = evaluate(expression, surroundings)
    const why = whyNotKept(value)
    if (why !== undefined) throw new Fault('statechart/value-not-kept', `"${key}": ${why}`)
    values[key] = value
  }
  return values
}

const assign = (run: Run, values: ValueMap): void => {
  run.context = { ...run.context, ...values }
  run.surroundings = undefined
  run.hasAssigned = true
}

/** Raises `statechart/context-too-large`. */
export const checkContext = (run: Run): void => {
  if (run.context === run.from?.context) return
  const why = whyNotKept(run.context)
  const size = why === undefined ? canonicalSize(run.context) : 0
  if (why === undefined && size <= CONTEXT_BYTES_MAX) return
  const message = why ?? `${size} bytes where ${CONTEXT_BYTES_MAX} are kept`
  throw new Fault('statechart/context-too-large', message)
}
