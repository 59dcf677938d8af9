/** Events that people type, as operations on the chart that a machine keeps. */
import { faultFrom, isFault } from '../base/fault.ts'
import { EVENT_DATA_BYTES_MAX } from '../base/limits.ts'
import { canonicalJson } from '../forms/canonical-json.ts'
import { isJsonObject, jsonFromText } from '../forms/strict-json.ts'
import type { Machine } from '../kernel/execute.ts'
import type { Operation } from '../kernel/interaction.ts'
import type { Prefix } from '../kernel/logic.ts'
import { TICK } from '../logic/statechart/event-name.ts'
import { headFrom } from '../logic/statechart/leaves.ts'
import { operationOnStatechart } from '../logic/statechart/operation.ts'
import { type Chart, chartIn } from './chart-view.ts'
import { usageError } from './print.ts'

export type Said = {
  readonly words: string
  /** JSON, as typed. */
  readonly data: string | undefined
  readonly own: string
  readonly now: bigint
}

/**
 * The event that was typed, if the machine keeps a chart and this is one: a name that the chart knows, or anything
 * with data. Raises a usage error for data that is no object.
 */
export const eventFromWords = (machine: Machine, said: Said): readonly Operation[] | undefined => {
  const chart = chartIn(machine)
  if (!chart) {
    if (said.data === undefined) return undefined
    throw usageError(
      'this machine keeps no statechart',
      'tally new --definition FILE makes one that does',
    )
  }
  const { events } = chart.prepared.definition
  if (said.data === undefined && said.words !== TICK && !events.includes(said.words)) {
    return undefined
  }
  return [
    operationOnStatechart(prefixOf(machine, chart), {
      is: 'event',
      party: said.own,
      type: said.words,
      data: said.data === undefined ? '' : dataFrom(said.data),
      at: timeOf(chart, said.now),
      answers: [],
    }),
  ]
}

const prefixOf = (machine: Machine, { logic }: Chart): Prefix => ({ machine: machine.id, logic })

const dataFrom = (typed: string): string => {
  const json = faultFrom(() => jsonFromText(typed, EVENT_DATA_BYTES_MAX))
  if (!isFault(json) && isJsonObject(json)) return canonicalJson(json)
  const why = isFault(json) ? json.message : 'it is no object'
  throw usageError(`--data cannot be read: ${why}`, `use an object, such as '{"amount": 10}'`)
}

/** The present time, and never before the last one: clocks of two people differ. */
const timeOf = ({ prepared, read }: Chart, now: bigint): bigint => {
  if (prepared.params.clock.is === 'none') return 0n
  const last = BigInt(headFrom(read).at)
  return now > last ? now : last
}
