/**
 * Between the value of a snapshot and the list of states that a machine stands in.
 *
 * The order of that list decides which of two immediate transitions in different regions comes first, so it is fixed here: at
 * the beginning of an input, a state's children follow it before anything below them does. That is the order in which
 * XState restores what was persisted, provided that the value's keys stand in document order.
 */
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
    if (state.kind !== 'compound' || (child.kind !== 'atomic' && child.kind !== 'final'))
      throw wrong(`"${value}" in "${state.id}"`)
    walk.found.push(child.at)
    return
  }
  const count = Object.keys(value).length
  const isWhole =
    state.kind === 'compound'
      ? count === 1
      : count === (state.kind === 'parallel' ? state.children.length : 0)
  if (!isWhole) throw wrong(`${count} states in "${state.id}"`)
  const inside = state.children.filter((at) => Object.hasOwn(value, walk.states[at]?.key ?? ''))
  if (inside.length !== count) throw wrong(`a key in "${state.id}" that is none of its states`)
  for (const at of inside) walk.found.push(at)
  for (const at of inside) {
    const child = walk.states[at]
    const below = value[child?.key ?? ''] ?? ''
    // A leaf below a compound state is written as a text, and everything else as an object.
    if (state.kind === 'compound' && (child?.kind === 'atomic' || child?.kind === 'final'))
      throw wrong(`"${child.key}" in "${state.id}" is not written as a text`)
    visit(walk, child, below)
  }
}

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
  const below = new Map<number, number[]>()
  for (const at of active) {
    const parent = states[at]?.parent ?? -1
    const siblings = below.get(parent)
    if (siblings === undefined) below.set(parent, [at])
    else siblings.push(at)
  }
  return valueOf(states, below, 0)
}

const valueOf = (
  states: readonly ChartState[],
  below: ReadonlyMap<number, readonly number[]>,
  at: number,
): StateValue => {
  const children = below.get(at) ?? []
  const [first] = children
  const child = states[first ?? -1]
  const isLeaf = child?.kind === 'atomic' || child?.kind === 'final'
  if (child !== undefined && isLeaf && states[at]?.kind === 'compound') return child.key
  const value: Record<string, StateValue> = {}
  for (const one of children.length > 1 ? children.toSorted((a, b) => a - b) : children) {
    value[states[one]?.key ?? ''] = valueOf(states, below, one)
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
