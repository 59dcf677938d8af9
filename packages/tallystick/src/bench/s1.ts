/**
 * S1: events of statecharts, by the interpreter of nsm-1 and by XState on the same definitions and events in the same
 * rounds. XState runs as its users run it, as an actor that keeps its state in memory; guards and assignments are in our
 * expressions on both sides, so that what differs is the machine. Without XState installed its rows are left out.
 */
import { isFault } from '../base/fault.ts'
import { evaluate, type Expression, readExpression } from '../logic/expression/expression.ts'
import type { Value, ValueMap } from '../logic/expression/value.ts'
import type { Definition } from '../logic/statechart/chart.ts'
import { begin, transition } from '../logic/statechart/interpret.ts'
import { isDefinition, readDefinition } from '../logic/statechart/read.ts'
import type { Setting, Snapshot, StatechartEvent } from '../logic/statechart/snapshot.ts'
import { atLeast, type Figure, figureFrom, rateFigure } from './figure.ts'
import { type Case, interleave, type Rounds, speedRatio } from './harness.ts'
import { SAMPLE_CHARTS, type SampleChart } from './sample-charts.ts'
import { samplesOf } from './t0.ts'

const LAPS_OF = 20_000

/** Whole laps only: each ends where it began. */
const lapsOf = ({ events }: SampleChart): number => Math.floor(LAPS_OF / events.length)
const countOf = (chart: SampleChart): number => lapsOf(chart) * chart.events.length

export const benchS1 = async (rounds: Rounds): Promise<readonly Figure[]> => {
  const peer = await loadPeer()
  const cases = SAMPLE_CHARTS.flatMap((chart) => [
    { name: `${chart.name}, nsm-1`, count: countOf(chart), run: createOurs(chart) },
    ...(peer === undefined
      ? []
      : [{ name: `${chart.name}, XState`, count: countOf(chart), run: createTheirs(peer, chart) }]),
  ])
  const reading: Case = {
    name: 'reading',
    count: 20,
    run: () => {
      for (let at = 0; at < 20; at++) definitionOf(SAMPLE_CHARTS[0])
    },
  }
  const all = interleave([...cases, reading], rounds)
  const id = 'S1'
  return [
    ...SAMPLE_CHARTS.flatMap(({ name }) => {
      const ours = samplesOf(all, `${name}, nsm-1`)
      const goal = name === 'counter' ? { goal: atLeast(200_000) } : {}
      const rate = rateFigure({ id, name: `events of ${name}`, ...goal }, ours)
      if (peer === undefined) return [rate]
      const theirs = samplesOf(all, `${name}, XState`)
      return [
        rate,
        rateFigure({ id, name: `events of ${name}, XState` }, theirs),
        figureFrom(
          { id, name: `beside XState, ${name}`, unit: 'ratio', goal: atLeast(2) },
          speedRatio(ours, theirs),
        ),
      ]
    }),
    rateFigure({ id, name: 'definitions read, counter' }, samplesOf(all, 'reading')),
  ]
}

const SETTING: Setting = { machine: { id: 'bench' }, verifies: () => false }

const definitionOf = (chart: SampleChart | undefined): Definition => {
  const read = readDefinition(JSON.stringify(chart?.json ?? {}))
  if (!isDefinition(read)) throw new Error(read.map(({ message }) => message).join('; '))
  return read
}

const eventsOf = ({ events }: SampleChart): readonly StatechartEvent[] =>
  events.map(({ type, sender, data }, at) => ({
    type,
    sender,
    id: `e${at}`,
    at: 0,
    now: 0,
    height: at,
    data,
  }))

const createOurs = (chart: SampleChart): (() => void) => {
  const definition = definitionOf(chart)
  const events = eventsOf(chart)
  const laps = lapsOf(chart)
  const origin = { sender: 'alice', id: 'bench', at: 0, now: 0, height: 0 }
  const begun = begin(definition, origin, SETTING)
  if (begun.is === 'rejected') throw new Error(begun.detail)
  let snapshot: Snapshot = begun.snapshot
  return () => {
    for (let lap = 0; lap < laps; lap++) {
      for (const event of events) {
        const moved = transition(definition, snapshot, event, SETTING)
        if (moved.is === 'rejected') throw new Error(`${event.type}: ${moved.detail}`)
        snapshot = moved.snapshot
      }
    }
  }
}

/** What is used of XState. It is no dependency of the package, and so its types are not there either. */
type Peer = {
  readonly createMachine: (definition: object, implementations: object) => unknown
  readonly createActor: (machine: unknown) => {
    readonly start: () => void
    readonly send: (event: object) => void
  }
  readonly assign: (change: (given: Given, params: SetParams) => ValueMap) => unknown
}

const PEER = 'xstate'

const loadPeer = async (): Promise<Peer | undefined> => {
  try {
    const loaded: unknown = await import(PEER)
    return isPeer(loaded) ? loaded : undefined
  } catch {
    return undefined
  }
}

const isPeer = (loaded: unknown): loaded is Peer =>
  typeof loaded === 'object' &&
  loaded !== null &&
  'createMachine' in loaded &&
  'createActor' in loaded &&
  'assign' in loaded

type SetParams = { readonly set: Readonly<Record<string, string>> }

type Given = { readonly context: ValueMap; readonly event: ValueMap }

/** Expressions by their text, read once. */
const createReader = (): ((cel: string, given: Given) => Value) => {
  const known = new Map<string, Expression>()
  const scope = new Set(['context', 'event', 'machine'])
  const { machine, verifies } = SETTING
  return (cel, { context, event }) => {
    let expression = known.get(cel)
    if (expression === undefined) {
      const read = readExpression(cel, scope)
      if (isFault(read)) throw read
      expression = read
      known.set(cel, read)
    }
    const gas = { used: 0, limit: 100_000 }
    return evaluate(expression, { variables: { context, event, machine }, gas, verifies })
  }
}

const createTheirs = (
  { createMachine, createActor, assign }: Peer,
  chart: SampleChart,
): (() => void) => {
  const valueOf = createReader()
  const machine = createMachine(chart.json, {
    guards: {
      expr: (given: Given, { cel }: { readonly cel: string }) => valueOf(cel, given) === true,
    },
    actions: {
      assign: assign(
        (given: Given, { set }: { readonly set: Readonly<Record<string, string>> }) => {
          const values: Record<string, Value> = {}
          for (const key of Object.keys(set)) values[key] = valueOf(set[key] ?? '', given)
          return values
        },
      ),
      effect: () => {},
    },
  })
  const actor = createActor(machine)
  actor.start()
  const events = eventsOf(chart)
  const laps = lapsOf(chart)
  return () => {
    for (let lap = 0; lap < laps; lap++) {
      for (const event of events) actor.send(event)
    }
  }
}
