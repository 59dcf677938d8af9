/**
 * The simulated network: which messages arrive, how often and when.
 *
 * Promise. What becomes of a message depends on the plan, the link it takes and how many went over that link before,
 * and on nothing else. After the plan's safety phase everything arrives, once, within two ticks.
 */
import type { Plan, PlanEvent } from './plan.ts'
import type { Streams } from './random.ts'

/** What becomes of one message: an entry for each copy that arrives. */
export type Arrival = { readonly at: number; readonly mangled: boolean }

export type Network<Item> = {
  /** Cuts a one-way link for a while. */
  readonly cut: (event: Extract<PlanEvent, { is: 'cut' }>) => void
  /** Arrivals of a message that is sent now. */
  readonly send: (from: number, to: number, now: number) => readonly Arrival[]
  /** Keeps a message that went to a node, so that an echo can bring it back. */
  readonly keep: (to: number, item: Item) => void
  /** A message that a node was once sent; undefined if it was sent none. */
  readonly recall: (to: number, choice: number) => Item | undefined
}

const MAIL_MAX = 64

export const createNetwork = <Item>(plan: Plan, streams: Streams): Network<Item> => {
  const cuts: Extract<PlanEvent, { is: 'cut' }>[] = []
  const mail = new Map<number, Item[]>()
  const { knobs, ticks } = plan
  return {
    cut: (event) => {
      cuts.push(event)
    },
    send: (from, to, now) => {
      const link = streams(`net/${from}>${to}`)
      const isLost = link.chance(knobs.lossPercent)
      const isRepeated = link.chance(knobs.repeatPercent)
      // Drawn whether needed or not, so that one message's fate does not shift the next one's.
      const delays = [link.below(knobs.delayMax), link.below(knobs.delayMax * 8)]
      const mangled = [link.chance(knobs.manglePercent), link.chance(knobs.manglePercent)]
      if (now > ticks) return [{ at: now + 2, mangled: false }]
      const isCut = cuts.some(
        (one) => one.from === from && one.to === to && one.at + one.ticks > now,
      )
      if (isLost || isCut) return []
      return delays
        .slice(0, isRepeated ? 2 : 1)
        .map((delay, copy) => ({ at: now + 1 + delay, mangled: mangled[copy] ?? false }))
    },
    keep: (to, item) => {
      const kept = mail.get(to) ?? []
      mail.set(to, kept)
      kept.push(item)
      if (kept.length > MAIL_MAX) kept.shift()
    },
    recall: (to, choice) => {
      const kept = mail.get(to) ?? []
      return kept[choice % Math.max(1, kept.length)]
    },
  }
}
