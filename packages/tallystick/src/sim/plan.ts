/**
 * Fault plans: everything that will go wrong in a run, as data.
 *
 * Promise. A plan is generated from a seed and is all a run needs: the same plan gives the same run, event for event.
 * Plans survive refactoring where seeds do not, so a plan that once found a bug is kept as a file.
 *
 * Swarm. Each seed switches whole classes of faults on or off, so that rare combinations appear.
 */
import { createStreams, type Stream } from './random.ts'

/** What the network does to every message; percentages, and ticks of virtual time. */
export type Knobs = {
  readonly lossPercent: number
  readonly repeatPercent: number
  readonly delayMax: number
  /** Chance that a message arrives with a byte changed. */
  readonly manglePercent: number
  /** Chance that a crash follows a step before its effects were performed. */
  readonly crashPercent: number
}

export type PlanEvent =
  /** Somebody wants something done; `choice` tells the scenario what. */
  | { readonly at: number; readonly is: 'wish'; readonly node: number; readonly choice: number }
  /** The node stops, loses what was not saved, and comes back. */
  | { readonly at: number; readonly is: 'crash'; readonly node: number; readonly down: number }
  /** The next save is torn by a crash: it is gone, and the effects that follow from it were never performed. */
  | { readonly at: number; readonly is: 'torn'; readonly node: number; readonly down: number }
  /** The node's store is put back to an earlier point. `noticed` if its guard was not put back with it. */
  | {
      readonly at: number
      readonly is: 'restore'
      readonly node: number
      readonly back: number
      readonly noticed: boolean
    }
  /** Nothing passes from one node to another for a while. */
  | {
      readonly at: number
      readonly is: 'cut'
      readonly from: number
      readonly to: number
      readonly ticks: number
    }
  /** A message that the node was sent at any time before comes once more. */
  | { readonly at: number; readonly is: 'echo'; readonly node: number; readonly choice: number }

export type Plan = {
  readonly scenario: string
  readonly seed: number
  readonly knobs: Knobs
  readonly events: readonly PlanEvent[]
  /** Ticks of the safety phase; after it the network heals and everything must settle. */
  readonly ticks: number
}

/** Which faults a scenario allows. Restores that nobody notices break a node's promise, so they are asked for. */
export type PlanBounds = {
  readonly scenario: string
  readonly nodes: number
  readonly wishes: number
  readonly ticks: number
  /** Nodes that want things; all if missing. */
  readonly wishers?: readonly number[]
  /** Nodes that may be out of reach of others for long, as a payer without signal is for a directory. */
  readonly away?: { readonly nodes: readonly number[]; readonly from: readonly number[] }
  /** Nodes whose store may be put back with somebody noticing, and without. */
  readonly restorable: {
    readonly noticed: readonly number[]
    readonly unnoticed: readonly number[]
  }
}

export const planFromSeed = (seed: number, bounds: PlanBounds): Plan => {
  const stream = createStreams(seed)('plan')
  const on = (): boolean => stream.chance(50)
  const knobs: Knobs = {
    lossPercent: on() ? stream.below(31) : 0,
    repeatPercent: on() ? stream.below(51) : 0,
    delayMax: 1 + stream.below(on() ? 40 : 4),
    manglePercent: on() ? stream.below(11) : 0,
    crashPercent: on() ? stream.below(6) : 0,
  }
  const wishes: PlanEvent[] = []
  for (let wish = 0; wish < bounds.wishes; wish++) {
    const node = bounds.wishers ? (stream.pick(bounds.wishers) ?? 0) : stream.below(bounds.nodes)
    wishes.push({ at: stream.below(bounds.ticks), is: 'wish', node, choice: stream.below(1 << 16) })
  }
  // A fault in an idle world harms nobody: half of them strike soon after somebody wished for something.
  const time = (): number =>
    on()
      ? Math.min((stream.pick(wishes)?.at ?? 0) + stream.below(25), bounds.ticks - 1)
      : stream.below(bounds.ticks)
  const events = [...wishes]
  for (const make of faultClasses(bounds)) {
    if (!on()) continue
    const count = 1 + stream.below(4)
    for (let at = 0; at < count; at++) events.push(...make(stream, time()))
  }
  events.sort((a, b) => a.at - b.at)
  return { scenario: bounds.scenario, seed, knobs, events, ticks: bounds.ticks }
}

type Make = (stream: Stream, at: number) => readonly PlanEvent[]

const faultClasses = (bounds: PlanBounds): readonly Make[] => {
  const node = (stream: Stream): number => stream.below(bounds.nodes)
  const down = (stream: Stream): number => 1 + stream.below(60)
  const restore =
    (nodes: readonly number[], noticed: boolean): Make =>
    (stream, at) => {
      const back = 1 + stream.below(12)
      return [{ at, is: 'restore', node: stream.pick(nodes) ?? 0, back, noticed }]
    }
  const away =
    ({ nodes, from }: NonNullable<PlanBounds['away']>): Make =>
    (stream, at) => {
      const [gone, ticks] = [stream.pick(nodes) ?? 0, 50 + stream.below(400)]
      return from.map((to) => ({ at, is: 'cut', from: gone, to, ticks }))
    }
  const { noticed, unnoticed } = bounds.restorable
  return [
    (stream, at) => [{ at, is: 'crash', node: node(stream), down: down(stream) }],
    (stream, at) => [{ at, is: 'torn', node: node(stream), down: down(stream) }],
    (stream, at) => {
      const from = node(stream)
      const to = (from + 1 + stream.below(bounds.nodes - 1)) % bounds.nodes
      return [{ at, is: 'cut', from, to, ticks: 1 + stream.below(200) }]
    },
    (stream, at) => [{ at, is: 'echo', node: node(stream), choice: stream.below(1 << 16) }],
    ...(noticed.length > 0 ? [restore(noticed, true)] : []),
    ...(unnoticed.length > 0 ? [restore(unnoticed, false)] : []),
    ...(bounds.away ? [away(bounds.away)] : []),
  ]
}
