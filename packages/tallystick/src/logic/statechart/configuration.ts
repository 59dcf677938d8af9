/**
 * Between the value of a snapshot and the list of states that a machine stands in.
 *
 * The order of that list decides which of two immediate transitions in different regions comes first, so it is fixed here: at
 * the beginning of an input, a state's children follow it before anything below them does. That is the order in which
 * XState restores what was persisted, provided that the value's keys stand in document order.
 */
import { assert } from '../../base/assert.ts'
import { Fault } from '../../base/fault.ts'
import type { ChartState, Definition } from './chart.ts'
import type { Memory } from './entry.ts'
import type { Snapshot, StateValue } from './snapshot.ts'

/** Raises `statechart/wrong-snapshot` if the value is none of this definition. */
export const statesFromValue = ({ states }: Definition, value: StateValue): number[] => {
  const found: number[] = [0]
  visit({ states, found }, states[0], value)
  return found
}

type Visit = { readonly states: readonly ChartState[]; readonly found: number[] }

const visit = (walk: Visit, state: ChartState | undefined, value: StateValue): void => {
  if (state === undefined) throw wrong('a state that does not exist')
  if (typeof value === 'string') {
    const child = childOf(walk, state, value)
    if (state.kind !== 'compound' || !isLeaf(child)) throw wrong(`"${value}" in "${state.id}"`)
    walk.found.push(child.at)
    return
  }
  const keys = Object.keys(value)
  const inside = childrenIn(walk, state, keys)
  for (const child of inside) walk.found.push(child.at)
  for (const child of inside) {
    // A leaf below a compound state is written as a text, and everything else as an object.
    if (state.kind === 'compound' && isLeaf(child))
      throw wrong(`"${child.key}" in "${state.id}" is not written as a text`)
    visit(walk, child, value[child.key] ?? '')
  }
}

/** The active children that a value names, in document order. */
const childrenIn = (
  walk: Visit,
  state: ChartState,
  keys: readonly string[],
): readonly ChartState[] => {
  const [first = ''] = keys
  if (state.kind === 'compound' && keys.length === 1) return [childOf(walk, state, first)]
  const isWhole = keys.length === (state.kind === 'parallel' ? state.children.length : 0)
  if (state.kind === 'compound' || !isWhole) throw wrong(`${keys.length} states in "${state.id}"`)
  return keys.map((key) => childOf(walk, state, key)).sort((a, b) => a.at - b.at)
}

const isLeaf = ({ kind }: ChartState): boolean => kind === 'atomic' || kind === 'final'

const childOf = ({ states }: Visit, state: ChartState, key: string): ChartState => {
  const child = states[state.childByKey.get(key) ?? -1]
  if (child === undefined || child.kind === 'history')
    throw wrong(`"${key.slice(0, 128)}" in "${state.id}"`)
  return child
}

const wrong = (what: string): Fault =>
  new Fault('statechart/wrong-snapshot', `the definition has no such place: ${what}`)

/** The value that the active states make, its keys in document order. */
export const valueFromStates = ({ states }: Definition, active: readonly number[]): StateValue => {
  const walk: Walk = { states, active, count: 0 }
  const value = valueOf(walk, 0)
  assert(walk.count === active.length, 'each active state is the child of an active one')
  return value
}

type Walk = {
  readonly states: readonly ChartState[]
  readonly active: readonly number[]
  /** States that have been written. */
  count: number
}

const valueOf = (walk: Walk, at: number): StateValue => {
  const { states, active } = walk
  const state = states[at]
  const value: Record<string, StateValue> = {}
  walk.count += 1
  if (state?.kind === 'parallel') {
    for (const region of state.children) value[states[region]?.key ?? ''] = valueOf(walk, region)
    return value
  }
  if (state?.kind !== 'compound') return value
  for (const one of active) {
    const child = states[one]
    if (child?.parent !== at) continue
    if (!isLeaf(child)) return { [child.key]: valueOf(walk, one) }
    walk.count += 1
    return child.key
  }
  return value
}

/** Raises `statechart/wrong-snapshot` if an id is unknown. */
export const memoryFromSnapshot = (
  { numbers, states }: Definition,
  remembered: Snapshot['historyValue'],
): Memory => {
  const memory = new Map<number, readonly number[]>()
  for (const [id, spots] of Object.entries(remembered)) {
    const history = numbers.get(id)
    const found = spots.map((spot) => numbers.get(spot.id) ?? -1)
    const isKnown = history !== undefined && states[history]?.kind === 'history'
    if (!isKnown || found.some((at) => at < 0))
      throw new Fault('statechart/wrong-snapshot', `unknown states in the history "${id}"`)
    memory.set(history, found)
  }
  return memory
}

/** With ids in the order of the document, and what each remembers as well. */
export const historyFromMemory = (
  { states }: Definition,
  memory: Memory,
): Snapshot['historyValue'] =>
  Object.fromEntries(
    [...memory]
      .toSorted(([a], [b]) => a - b)
      .map(([history, spots]) => [
        states[history]?.id ?? '',
        spots.toSorted((a, b) => a - b).map((at) => ({ id: states[at]?.id ?? '' })),
      ]),
  )
