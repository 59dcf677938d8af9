/** A machine's statechart as people see it: where it stands, what it remembers, and what can happen next. */
import { canonicalJson } from '../forms/canonical-json.ts'
import type { Charter } from '../kernel/charter.ts'
import { type Machine, pathKey } from '../kernel/execute.ts'
import { textFromMillis } from '../logic/calendar.ts'
import { headFrom, type ReadLeaf, snapshotFrom } from '../logic/statechart/leaves.ts'
import { statechart } from '../logic/statechart/logic.ts'
import { type Prepared, prepared } from '../logic/statechart/prepared.ts'
import { type Prospect, prospectsIn } from '../logic/statechart/prospect.ts'
import type { StatechartParams } from '../logic/statechart/params.ts'
import type { StateValue } from '../logic/statechart/snapshot.ts'
import { read } from '../state/tree.ts'
import type { Output, Span } from './print.ts'

export type Chart = {
  readonly prepared: Prepared
  readonly read: ReadLeaf
  /** Position among the machine's logics. */
  readonly logic: number
}

/** The chart that a machine keeps, if it keeps one. */
export const chartIn = ({ id, charter, terms, state }: Machine): Chart | undefined => {
  const logic = charter.logics.findIndex((one) => one.name === statechart.name)
  const use = charter.logics[logic]
  if (!use) return undefined
  return {
    prepared: prepared(use.params),
    read: (path) => read(state, pathKey(terms.suite, { machine: id, logic }, path)),
    logic,
  }
}

export const showChart = (output: Output, machine: Machine): void => {
  const chart = chartIn(machine)
  if (!chart) return
  const { definition } = chart.prepared
  const snapshot = snapshotFrom(chart.read)
  const isDone = snapshot.status === 'done'
  output.table([
    ['chart', definition.id],
    ['state', { text: stateText(snapshot.value), tone: 'strong' }, isDone ? 'done' : ''],
    ...(snapshot.output === undefined ? [] : [['output', canonicalJson(snapshot.output)]]),
    ...Object.entries(snapshot.context).map(([key, value]): Span[] => [key, canonicalJson(value)]),
  ])
  const next = prospectsIn(definition, snapshot)
  output.table(
    next.map((one) => ['can come', { text: one.event, tone: 'strong' }, ...wordsOf(one)]),
  )
  output.line()
}

/** What programs get to see of it; undefined if there is none. */
export const chartResult = (machine: Machine): Readonly<Record<string, unknown>> | undefined => {
  const chart = chartIn(machine)
  if (!chart) return undefined
  const snapshot = snapshotFrom(chart.read)
  return {
    id: chart.prepared.definition.id,
    ...snapshot,
    head: headFrom(chart.read),
    next: prospectsIn(chart.prepared.definition, snapshot),
  }
}

/** 'open', or 'left: a, right: b' where regions stand side by side, or 'open.waiting' where one stands in another. */
export const stateText = (value: StateValue): string => {
  if (typeof value === 'string') return value
  const parts = Object.entries(value).map(([key, below]) => {
    const inside = stateText(below)
    return inside === '' ? key : `${key}.${inside}`
  })
  return parts.length > 1 ? `(${parts.join(', ')})` : (parts[0] ?? '')
}

const wordsOf = ({ targets, guard, notBefore }: Prospect): readonly Span[] => [
  targets.length > 0 ? `to ${targets.join(', ')}` : 'stays',
  [
    ...(guard === undefined ? [] : [`if ${guard}`]),
    ...(notBefore === undefined ? [] : [`from ${textFromMillis(BigInt(notBefore))} on`]),
  ].join(', '),
]

/** The events of the chart that a charter holds; none if it holds none. */
export const eventsIn = ({ logics }: Charter): readonly string[] => {
  const use = logics.find((one) => one.name === statechart.name)
  return use ? prepared(use.params).definition.events : []
}

/** What a charter says of its chart, in a line or two. */
export const chartLines = (params: Uint8Array): readonly (readonly Span[])[] => {
  const { params: of, definition } = prepared(params)
  const roles = of.roles.map(({ role, senders }) => `${role}: ${senders.join(', ')}`)
  return [
    ['chart', `${definition.id}, with events ${definition.events.join(', ')}`],
    ['clock', clockText(of)],
    ...roles.map((one): readonly Span[] => ['role', one]),
  ]
}

const clockText = ({ clock }: StatechartParams): string => {
  switch (clock.is) {
    case 'none':
      return 'none; nothing in it waits for a time'
    case 'agreed':
      return `what both agree on, within ${clock.skewMs / 1000} seconds of each one’s own`
    case 'machine':
      return `what the certificates of machine ${clock.machine.slice(0, 8)} attest`
  }
}
