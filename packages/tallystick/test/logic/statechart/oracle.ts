/**
 * XState 5.33 as the judge of the interpreter: the same definitions and events, with adapters for what a definition in JSON
 * cannot carry. Expressions are evaluated by our own language on both sides; it has an oracle of its own.
 *
 * Between two events the machine is persisted and restored, as everybody does who keeps it outside of a process, with the
 * states of its value in document order. `after` becomes transitions on ticks: entry times come from XState's own list of
 * actions.
 */
import { assign, createMachine, initialTransition, raise, transition as transitionOf } from 'xstate'
import { isFault } from '../../../src/base/fault.ts'
import {
  evaluate,
  type Expression,
  readExpression,
} from '../../../src/logic/expression/expression.ts'
import type { Value, ValueMap } from '../../../src/logic/expression/value.ts'
import type { StatechartEvent } from '../../../src/logic/statechart/snapshot.ts'
import { SETTING } from './charts.ts'

export type Json = { [key: string]: unknown }

/** What both sides are compared by. */
export type Stand = {
  readonly status: string
  readonly value: unknown
  readonly context: unknown
  /** Ids, sorted. */
  readonly history: Readonly<Record<string, readonly string[]>>
  readonly entered: Readonly<Record<string, number>>
  readonly output: unknown
  readonly effects: readonly { readonly kind: string; readonly args: unknown }[]
}

export type Judged = Stand | 'refused' | 'error'

export type Oracle = {
  readonly begin: (event: StatechartEvent) => Judged
  readonly send: (event: StatechartEvent) => Judged
}

type Heard = { type: string; data?: Value; output?: Value }
type Given = { context: ValueMap; event: Heard }

const read = new Map<string, Expression>()
const expressionOf = (cel: string): Expression => {
  const known = read.get(cel)
  if (known) return known
  const expression = readExpression(cel, new Set(['context', 'event', 'machine']))
  if (isFault(expression)) throw expression
  read.set(cel, expression)
  return expression
}

export const createOracle = (definition: Json): Oracle => {
  let input: StatechartEvent = { type: '', sender: '', id: '', at: 0, now: 0, height: 0, data: {} }
  const entered: Record<string, number> = {}
  const valueOf = (cel: string, { context, event }: Given): Value =>
    evaluate(expressionOf(cel), {
      variables: {
        context,
        event: {
          ...input,
          answers: {},
          type: event.type,
          data: event.type.startsWith('xstate.done.state.')
            ? (event.output ?? null)
            : (event.data ?? {}),
        },
        machine: SETTING.machine,
      },
      gas: { used: 0, limit: 1e9 },
      verifies: SETTING.verifies,
    })
  const valuesOf = (entries: Record<string, string>, given: Given): Record<string, Value> =>
    Object.fromEntries(Object.entries(entries).map(([key, cel]) => [key, valueOf(cel, given)]))
  const isTrue = (cel: string, given: Given): boolean => {
    const value = valueOf(cel, given)
    if (typeof value !== 'boolean') throw new Error('no bool')
    return value
  }
  // XState infers types from a definition that it sees in the source; this one comes from a generator.
  const create = createMachine as unknown as (config: unknown, options: unknown) => Machine
  const machine = create(
    { ...withTicks(definition), options: { maxIterations: 2000 } },
    {
      guards: {
        expr: (given: Given, { cel }: { cel: string }) => isTrue(cel, given),
        due: (given: Given, { id, ms, guard }: Due) =>
          input.now - (entered[id] ?? input.now) >= ms && (guard === null || isTrue(guard, given)),
      },
      actions: {
        assign: assign(((given: Given, params: { set: Record<string, string> }) =>
          valuesOf(params.set, given)) as never),
        raise: raise(((given: Given, params: { event: string; data?: Record<string, string> }) => ({
          type: params.event,
          data: valuesOf(params.data ?? {}, given),
        })) as never),
        effect: () => {},
        entered: () => {},
      },
    },
  )
  const order = orderOf(definition)
  let snapshot: XSnapshot | undefined
  const stand = ([next, actions]: readonly [XSnapshot, readonly XAction[]]): Judged => {
    if (next.status === 'error') return 'error'
    const effects = actions.flatMap(({ type, params, info }) => {
      if (type === 'entered') entered[String(params['id'])] = input.now
      if (type !== 'effect') return []
      const args = valuesOf((params['args'] ?? {}) as Record<string, string>, info)
      return [{ kind: String(params['kind']), args }]
    })
    const persisted = JSON.parse(JSON.stringify(machine.getPersistedSnapshot(next))) as Json
    const value = inOrder(persisted['value'], order, [])
    snapshot = machine.restoreSnapshot({ ...persisted, value })
    const active = next._nodes.filter(({ config }) => config.entry?.some?.(isMark))
    return {
      status: next.status,
      value,
      context: persisted['context'],
      history: historyOf(persisted['historyValue'] as XHistory),
      entered:
        next.status === 'done'
          ? {}
          : Object.fromEntries(active.map(({ id }) => [id, entered[id] ?? -1])),
      output: persisted['output'] ?? null,
      effects,
    }
  }
  const judged = (work: () => Judged): Judged => {
    try {
      return work()
    } catch {
      return 'error'
    }
  }
  const initial = initialTransition as unknown as (machine: Machine) => [XSnapshot, XAction[]]
  const move = transitionOf as unknown as (
    machine: Machine,
    snapshot: XSnapshot | undefined,
    event: Heard,
  ) => [XSnapshot, XAction[]]
  return {
    begin: (event) => {
      input = event
      return judged(() => stand(initial(machine)))
    },
    send: (event) => {
      input = event
      const heard = { type: event.type, data: event.data }
      return judged(() =>
        snapshot?.can(heard) === true ? stand(move(machine, snapshot, heard)) : 'refused',
      )
    },
  }
}

type Due = { id: string; ms: number; guard: string | null }
type XHistory = Record<string, readonly { id: string }[]>
type XSnapshot = {
  readonly status: string
  readonly _nodes: readonly { readonly id: string; readonly config: { entry?: unknown[] } }[]
  can: (event: Heard) => boolean
}
type XAction = { type: string; params: Json; info: Given }
type Machine = {
  getPersistedSnapshot: (snapshot: XSnapshot) => unknown
  restoreSnapshot: (snapshot: unknown) => XSnapshot
}

const isMark = (action: unknown): boolean => (action as { type?: string }).type === 'entered'

const historyOf = (history: XHistory): Record<string, readonly string[]> =>
  Object.fromEntries(
    Object.entries(history).map(([id, spots]) => [id, spots.map((spot) => spot.id).toSorted()]),
  )

/** The definition with `after` as transitions on ticks. */
const withTicks = (definition: Json): Json => {
  const machineId = String(definition['id'])
  const visit = (state: Json, path: readonly string[]): Json => {
    const states = state['states'] as Record<string, Json> | undefined
    const { after, ...rest } = state
    const next: Json = { ...rest }
    if (states)
      next['states'] = Object.fromEntries(
        Object.entries(states).map(([key, child]) => [key, visit(child, [...path, key])]),
      )
    if (after === undefined) return next
    const id = (state['id'] as string | undefined) ?? [machineId, ...path].join('.')
    const on = (state['on'] ?? {}) as Record<string, unknown>
    const delayed = Object.entries(after as Record<string, unknown>).flatMap(([ms, arrows]) =>
      listOf(arrows).map((arrow) => ({
        ...arrow,
        guard: {
          type: 'due',
          params: { id, ms: Number(ms), guard: arrow.guard?.params.cel ?? null },
        },
      })),
    )
    return {
      ...next,
      entry: [{ type: 'entered', params: { id } }, ...((state['entry'] as unknown[]) ?? [])],
      on: { ...on, 'nsm.tick': [...listOf(on['nsm.tick'] ?? []), ...delayed] },
    }
  }
  return visit(definition, [])
}

type ArrowJson = { target?: unknown; guard?: { params: { cel: string } } }
const listOf = (arrows: unknown): ArrowJson[] =>
  (Array.isArray(arrows) ? arrows : [arrows]).map((arrow: unknown) =>
    typeof arrow === 'string' ? { target: arrow } : (arrow as ArrowJson),
  )

/** Places of all states in the document, by their path. */
const orderOf = (definition: Json): ReadonlyMap<string, number> => {
  const order = new Map<string, number>()
  const visit = (state: Json, path: readonly string[]): void => {
    order.set(path.join('.'), order.size)
    for (const [key, child] of Object.entries((state['states'] ?? {}) as Record<string, Json>))
      visit(child, [...path, key])
  }
  visit(definition, [])
  return order
}

const inOrder = (
  value: unknown,
  order: ReadonlyMap<string, number>,
  path: readonly string[],
): unknown => {
  if (typeof value !== 'object' || value === null) return value
  const placeOf = (key: string): number => order.get([...path, key].join('.')) ?? -1
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => placeOf(a) - placeOf(b))
      .map(([key, below]) => [key, inOrder(below, order, [...path, key])]),
  )
}
