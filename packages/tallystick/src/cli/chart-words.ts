/** Events that people type, as operations on the chart that a machine keeps. */
import { faultFrom, isFault } from '../base/fault.ts'
import { EVENT_DATA_BYTES_MAX } from '../base/limits.ts'
import type { Verifier } from '../base/verifier.ts'
import { canonicalJson } from '../forms/canonical-json.ts'
import { isJsonObject, jsonFromText } from '../forms/strict-json.ts'
import type { Machine } from '../kernel/execute.ts'
import type { Operation, Premise } from '../kernel/interaction.ts'
import type { Prefix } from '../kernel/logic.ts'
import { TICK } from '../logic/statechart/event-name.ts'
import { headFrom } from '../logic/statechart/leaves.ts'
import { operationOnStatechart } from '../logic/statechart/operation.ts'
import { type Chart, chartIn } from './chart-view.ts'
import { shownFrom } from './oracle-words.ts'
import { usageError } from './print.ts'

export type Said = {
  readonly words: string
  /** JSON, as typed. */
  readonly data: string | undefined
  readonly own: string
  readonly now: bigint
  /** What oracles have said, and files that show it, as typed. */
  readonly answer?: readonly string[]
  readonly attach?: readonly string[]
  readonly verifier: Verifier
}

/** An event as a step, with what it rests on. */
export type ChartWish = {
  readonly operations: readonly Operation[]
  readonly premises: readonly Premise[]
  readonly attachments: readonly Uint8Array[]
}

/**
 * The event that was typed, if the machine keeps a chart and this is one: a name that the chart knows, or anything
 * with data. Raises a usage error for data that is no object, and what `shownFrom` raises.
 */
export const eventFromWords = (machine: Machine, said: Said): ChartWish | undefined => {
  const chart = chartIn(machine)
  const { answer = [], attach = [] } = said
  if (!chart) {
    if (said.data === undefined && answer.length + attach.length === 0) return undefined
    throw usageError(
      'this machine keeps no statechart',
      'tally new --definition FILE makes one that does',
    )
  }
  const { events } = chart.prepared.definition
  if (said.data === undefined && said.words !== TICK && !events.includes(said.words)) {
    if (answer.length + attach.length === 0) return undefined
    throw usageError(
      `"${said.words}" is no event, and events alone rest on what oracles say`,
      `the chart knows ${[...events, TICK].join(', ')}`,
    )
  }
  const { params } = chart.prepared
  const { answers, premises, attachments, time } = shownFrom(
    params,
    { answer, attach },
    said.verifier,
  )
  const operation = operationOnStatechart(prefixOf(machine, chart), {
    is: 'event',
    party: said.own,
    type: said.words,
    data: said.data === undefined ? '' : dataFrom(said.data),
    at: timeOf(chart, params.clock.is === 'machine' ? time : said.now),
    answers,
  })
  return { operations: [operation], premises, attachments }
}

const prefixOf = (machine: Machine, { logic }: Chart): Prefix => ({ machine: machine.id, logic })

const dataFrom = (typed: string): string => {
  const json = faultFrom(() => jsonFromText(typed, EVENT_DATA_BYTES_MAX))
  if (!isFault(json) && isJsonObject(json)) return canonicalJson(json)
  const why = isFault(json) ? json.message : 'it is no object'
  throw usageError(`--data cannot be read: ${why}`, `use an object, such as '{"amount": 10}'`)
}

/** The time as far as it is known, and never before the last one: clocks of two people differ, and a file may be an old one. */
const timeOf = ({ prepared, read }: Chart, now: bigint | undefined): bigint => {
  if (prepared.params.clock.is === 'none') return 0n
  const last = BigInt(headFrom(read).at)
  return now !== undefined && now > last ? now : last
}
