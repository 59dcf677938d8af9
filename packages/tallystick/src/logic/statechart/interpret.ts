/**
 * The interpreter of nsm-1: from a definition, a snapshot and an event to the next snapshot, or to the reason why not.
 *
 * Safety. `begin` and `transition` are functions of their arguments: no clock, no randomness, nothing kept between
 * calls, so that everybody who has a machine's inputs comes to the same snapshot. A rejected event changes nothing,
 * however far its evaluation got. Who sent an event and when come from the caller; what is in its data cannot touch
 * them.
 *
 * Liveness. Every call ends: microsteps, actions and gas of one event are bounded, and what exceeds them is rejected.
 *
 * An event is accepted if it itself enables a transition that has a target or an action. What `always` or a raised
 * event does afterwards does not count, and a transition with neither, which forbids the event, is no acceptance.
 */
import { Fault, faultFrom, isFault } from '../../base/fault.ts'
import { MICROSTEPS_MAX } from '../../base/limits.ts'
import { isMap } from '../expression/value.ts'
import type { Arrow, Definition } from './chart.ts'
import { historyFromMemory, statesFromValue, valueFromStates } from './configuration.ts'
import { isReservedEvent } from './event-name.ts'
import { explain } from './explain.ts'
import { takeArrows, takeOpening } from './microstep.ts'
import { checkContext, eventValue, type Internal, type Run } from './run.ts'
import { enabledAlways, enabledBy } from './select.ts'
import type {
  Moved,
  RejectionCode,
  Rejected,
  Setting,
  Snapshot,
  StatechartEvent,
} from './snapshot.ts'
import { whyNotKept } from './value-check.ts'

/** The first snapshot. Its event has the type `xstate.init`; the rest of it is what the caller says of the beginning. */
export const begin = (
  definition: Definition,
  origin: Omit<StatechartEvent, 'type' | 'data'>,
  setting: Setting,
): Moved | Rejected => {
  const input: StatechartEvent = { ...origin, type: 'xstate.init', data: NO_DATA }
  const run = createRun(definition, input, setting)
  return settled(run, () => {
    takeOpening(run)
    return settle(run, 1)
  })
}
const NO_DATA = Object.freeze({})

/** Raises `statechart/wrong-snapshot` if the snapshot is none of this definition. */
export const transition = (
  definition: Definition,
  snapshot: Snapshot,
  event: StatechartEvent,
  setting: Setting,
): Moved | Rejected => {
  if (snapshot.status === 'done') return rejected('FINAL_STATE', 'the machine is done')
  const why = whyBad(event)
  if (why !== undefined) return rejected('BAD_EVENT', why)
  const run = createRun(definition, event, setting, snapshot)
  const external: Internal = { type: event.type, data: event.data, doneState: -1 }
  return settled(run, () => {
    const arrows = enabledBy(run, external)
    const isAccepted = arrows.some(({ targets, actions }) => targets.length + actions.length > 0)
    if (!isAccepted) return explain(run, external)
    takeArrows(run, arrows)
    return settle(run, 1)
  })
}

/** Keys of data that would read like what only a signature, a certificate or a premise may say. */
export const RESERVED_DATA: ReadonlySet<string> = new Set([
  'type',
  'sender',
  'inputterPubKey',
  'id',
  'at',
  'now',
  'height',
  'answers',
])

const whyBad = ({ type, data, at, now, height }: StatechartEvent): string | undefined => {
  if (type === '' || isReservedEvent(type))
    return `the event type "${type.slice(0, 64)}" is reserved`
  if (!Number.isSafeInteger(at) || !Number.isSafeInteger(now) || !Number.isSafeInteger(height))
    return 'a time or height that is no safe integer'
  const why = whyNotKept(data)
  if (why !== undefined || !isMap(data)) return why
  for (const key of Object.keys(data))
    if (RESERVED_DATA.has(key)) return `data may not contain "${key}"`
  return undefined
}

const createRun = (
  definition: Definition,
  input: StatechartEvent,
  setting: Setting,
  from?: Snapshot,
): Run => ({
  definition,
  setting,
  input,
  gas: { used: 0, limit: definition.gasMax },
  queue: [],
  effects: [],
  states: from === undefined ? [0] : statesFromValue(definition, from.value),
  memory: undefined,
  entered: from === undefined ? NO_TIMES : timesFrom(definition, from.entered),
  context: from?.context ?? definition.context,
  from,
  surroundings: undefined,
  event: eventValue(input, input),
  hasAssigned: false,
  isDone: false,
  actions: 0,
})
const NO_TIMES: ReadonlyMap<number, number> = new Map()

const timesFrom = (
  { numbers, hasAfter }: Definition,
  entered: Snapshot['entered'],
): ReadonlyMap<number, number> =>
  hasAfter
    ? new Map(Object.entries(entered).map(([id, ms]) => [numbers.get(id) ?? -1, ms]))
    : NO_TIMES

/** Immediate transitions and raised events, until there are none. Returns how many microsteps it took. */
const settle = (run: Run, microsteps: number): number => {
  let count = microsteps
  let isAlwaysTried = true
  while (!run.isDone) {
    const immediate = isAlwaysTried ? enabledAlways(run) : NONE
    const next = immediate.length > 0 ? undefined : run.queue.shift()
    if (immediate.length === 0 && next === undefined) break
    count += 1
    if (count > MICROSTEPS_MAX) {
      const message = `more than ${MICROSTEPS_MAX} microsteps for one event`
      throw new Fault('statechart/too-many-microsteps', message)
    }
    if (next === undefined) {
      isAlwaysTried = takeArrows(run, immediate)
    } else {
      run.event = eventValue(run.input, next)
      run.surroundings = undefined
      takeArrows(run, enabledBy(run, next))
      isAlwaysTried = true
    }
  }
  return count
}

const NONE: readonly Arrow[] = []

/** Turns what evaluation raised into a rejection, and a run that came to its end into a snapshot. */
const settled = (run: Run, work: () => number | Rejected): Moved | Rejected => {
  const microsteps = faultFrom(() => {
    const count = work()
    if (typeof count === 'number') checkContext(run)
    return count
  })
  // Not the event's fault, and nothing that others would come to as well.
  if (isFault(microsteps) && microsteps.code === 'statechart/wrong-snapshot') throw microsteps
  if (isFault(microsteps)) return rejected(codeOf(microsteps), microsteps.message)
  if (typeof microsteps !== 'number') return microsteps
  return {
    is: 'moved',
    snapshot: snapshotOf(run),
    effects: run.effects,
    gas: run.gas.used,
    microsteps,
  }
}

const codeOf = ({ code }: Fault): RejectionCode => CODES.get(code) ?? 'EXPR_ERROR'

const CODES: ReadonlyMap<string, RejectionCode> = new Map([
  ['expression/out-of-gas', 'GAS'],
  ['statechart/too-many-actions', 'LIMIT'],
  ['statechart/too-many-microsteps', 'LIMIT'],
  ['statechart/context-too-large', 'LIMIT'],
  ['statechart/value-not-kept', 'RANGE'],
])

const rejected = (code: RejectionCode, detail: string): Rejected => ({
  is: 'rejected',
  code,
  detail,
  candidates: [],
})

const snapshotOf = (run: Run): Snapshot => {
  const { definition, isDone } = run
  const snapshot: Snapshot = {
    status: isDone ? 'done' : 'active',
    value: valueFromStates(definition, run.states),
    historyValue: historyOf(run),
    context: run.context,
    entered: definition.hasAfter && !isDone ? enteredById(run) : NO_ENTRIES,
  }
  const { output } = definition
  return isDone && output !== undefined ? { ...snapshot, output } : snapshot
}

const historyOf = ({ definition, memory, from }: Run): Snapshot['historyValue'] =>
  memory === undefined ? (from?.historyValue ?? NO_HISTORY) : historyFromMemory(definition, memory)
const NO_HISTORY: Snapshot['historyValue'] = Object.freeze({})
const NO_ENTRIES: Snapshot['entered'] = Object.freeze({})

const enteredById = ({ definition, entered }: Run): Snapshot['entered'] =>
  Object.fromEntries(
    [...entered]
      .toSorted(([a], [b]) => a - b)
      .map(([at, ms]) => [definition.states[at]?.id ?? '', ms]),
  )
