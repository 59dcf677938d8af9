/** One case of the comparison with XState: a definition and the events sent to it, until the two sides differ. */
import { isDeepStrictEqual } from 'node:util'
import { begin, transition } from '../../../src/logic/statechart/interpret.ts'
import { isDefinition, readDefinition } from '../../../src/logic/statechart/read.ts'
import type {
  Moved,
  Rejected,
  Snapshot,
  StatechartEvent,
} from '../../../src/logic/statechart/snapshot.ts'
import { ORIGIN, SETTING } from './charts.ts'
import { createDraw, generateDefinition, generateEvents } from './generate.ts'
import { createOracle, type Json, type Judged, type Stand } from './oracle.ts'

export type Interpreter = { readonly begin: typeof begin; readonly transition: typeof transition }
export const OURS: Interpreter = { begin, transition }

export type Case = { readonly definition: Json; readonly events: readonly StatechartEvent[] }

export type Compared = {
  /** Undefined: the generator drew what the profile refuses. */
  readonly difference:
    | { readonly at: number; readonly ours: unknown; readonly theirs: unknown }
    | undefined
  readonly isRefused: boolean
  readonly accepted: number
  readonly rejected: number
  /** Events that ended on one of our limits, which XState does not have. */
  readonly bounded: number
}

export const caseFrom = (seed: number, events: number = 8): Case => {
  const draw = createDraw(seed)
  const definition = generateDefinition(draw)
  return { definition, events: generateEvents(draw, definition, events) }
}

export const compare = ({ definition, events }: Case, ours: Interpreter = OURS): Compared => {
  const counts = { accepted: 0, rejected: 0, bounded: 0, isRefused: false }
  const read = readDefinition(JSON.stringify(definition))
  if (!isDefinition(read)) return { ...counts, isRefused: true, difference: undefined }
  const oracle = createOracle(definition)
  const origin = { ...ORIGIN, type: 'xstate.init', data: {} }
  const first = ours.begin(read, ORIGIN, SETTING)
  let snapshot: Snapshot | undefined
  const check = (at: number, mine: Moved | Rejected, judge: () => Judged) => {
    // Where a limit ends it, XState may go on for ever.
    if (isBounded(mine)) {
      counts.bounded += 1
      return undefined
    }
    const theirs = judge()
    const mineJudged = judgedFrom(mine)
    if (!isDeepStrictEqual(mineJudged, theirs)) return { at, ours: mineJudged, theirs }
    if (mine.is === 'moved') snapshot = mine.snapshot
    counts[mine.is === 'moved' ? 'accepted' : 'rejected'] += 1
    return undefined
  }
  const difference = check(-1, first, () => oracle.begin(origin))
  if (difference !== undefined) return { ...counts, difference }
  for (const [at, event] of events.entries()) {
    if (snapshot === undefined || snapshot.status === 'done') break
    // What is stored and read again is what goes on, as in the oracle; stores sort the keys of what they keep.
    const stored = JSON.parse(JSON.stringify(snapshot), sorted) as Snapshot
    const mine = ours.transition(read, stored, event, SETTING)
    const different = check(at, mine, () => oracle.send(event))
    if (different !== undefined) return { ...counts, difference: different }
  }
  return { ...counts, difference: undefined }
}

export type Totals = { refused: number; accepted: number; rejected: number; bounded: number }

/** Cases by their seeds, until one differs; that one comes back as small as it gets. */
export const runCases = ({
  from,
  count,
  ours = OURS,
  isShrunk = true,
}: {
  readonly from: number
  readonly count: number
  readonly ours?: Interpreter
  readonly isShrunk?: boolean
}): { readonly difference: string | undefined; readonly totals: Totals } => {
  const totals: Totals = { refused: 0, accepted: 0, rejected: 0, bounded: 0 }
  for (let seed = from; seed < from + count; seed++) {
    const found = caseFrom(seed)
    const compared = compare(found, ours)
    if (compared.difference !== undefined) {
      const small = isShrunk ? shrink(found, ours) : found
      const { difference } = compare(small, ours)
      const told = JSON.stringify({ seed, small, difference }, undefined, 1)
      return { difference: told, totals }
    }
    totals.refused += compared.isRefused ? 1 : 0
    totals.accepted += compared.accepted
    totals.rejected += compared.rejected
    totals.bounded += compared.bounded
  }
  return { difference: undefined, totals }
}

const sorted = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    : value

const isBounded = (outcome: Moved | Rejected): boolean =>
  outcome.is === 'rejected' && ['GAS', 'LIMIT', 'RANGE'].includes(outcome.code)

const judgedFrom = (outcome: Moved | Rejected): Judged => {
  if (outcome.is === 'rejected') return outcome.code === 'EXPR_ERROR' ? 'error' : 'refused'
  const { snapshot, effects } = outcome
  const stand: Stand = {
    status: snapshot.status,
    value: snapshot.value,
    context: snapshot.context,
    history: Object.fromEntries(
      Object.entries(snapshot.historyValue).map(([id, spots]) => [
        id,
        spots.map((spot) => spot.id).toSorted(),
      ]),
    ),
    entered: snapshot.entered,
    output: snapshot.output,
    effects,
  }
  return JSON.parse(JSON.stringify({ ...stand, output: stand.output ?? null })) as Stand
}

/** The case with parts left out, one after the other, as long as the sides still differ. */
export const shrink = (found: Case, ours: Interpreter = OURS): Case => {
  const differs = (one: Case): boolean => {
    try {
      return compare(one, ours).difference !== undefined
    } catch {
      return false
    }
  }
  let best = found
  for (let isSmaller = true; isSmaller;) {
    isSmaller = false
    const smaller = [
      ...best.events.map((_, at) => ({ ...best, events: best.events.toSpliced(at, 1) })),
      ...without(best.definition).map((definition) => ({
        ...best,
        definition: definition as Json,
      })),
    ]
    const next = smaller.find(differs)
    if (next !== undefined) {
      best = next
      isSmaller = true
    }
  }
  return best
}

/** Every value that lacks one part of this one. */
const without = (value: unknown): unknown[] => {
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value
    return items.flatMap((item, at) => [
      items.toSpliced(at, 1),
      ...without(item).map((less) => items.with(at, less)),
    ])
  }
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, below]) => {
    const { [key]: _, ...rest } = value as Json
    return [rest, ...without(below).map((less) => ({ ...value, [key]: less }))]
  })
}
