/** Worlds of the market for tests of its parts: short days without faults, and what was watched during them. */
import type { Engine } from '../../src/base/verifier.ts'
import { STANDARD_LOGICS } from '../../src/logic/registry.ts'
import type { MarketState, Payee, Payer } from '../../src/sim/market-node.ts'
import { createMarketScenario } from '../../src/sim/market-scenario.ts'
import { createTown, type Town } from '../../src/sim/market-town.ts'
import { createMarketWatch, type MarketWatch, watchAccounts } from '../../src/sim/market-watch.ts'
import type { PlanEvent } from '../../src/sim/plan.ts'
import { runPlan } from '../../src/sim/run.ts'
import type { Sabotage } from '../../src/sim/sabotage.ts'
import { createTokenEngine } from '../../src/sim/token-engine.ts'
import type { NodeView, Run, World } from '../../src/sim/world.ts'
import { planWith, wishAt } from './toy.ts'

export const engine: Engine = createTokenEngine()
export const town: Town = createTown(engine, 'ed25519', STANDARD_LOGICS)

const WHATS = { send: 0, claim: 5, 'claim again': 10, 'claim boldly': 11, withdraw: 12, pay: 13 }

/** The number by which Alice wants something of a relationship: 0 is Bob's, 1 is Carol's. */
export const choiceOf = (what: keyof typeof WHATS, relation: 0 | 1, more = 1): number =>
  more * 32 + WHATS[what] * 2 + relation

export const aliceWants = (
  at: number,
  what: keyof typeof WHATS,
  relation: 0 | 1,
  more?: number,
): PlanEvent => wishAt(at, 0, choiceOf(what, relation, more))

/** From now on Alice cannot reach the operators. */
export const aliceAway = (at: number, ticks = 1000): readonly PlanEvent[] =>
  [3, 4, 5, 6, 7].map((to) => ({ at, is: 'cut', from: 0, to, ticks }))

export type Day = {
  readonly world: World<MarketState>
  readonly watch: MarketWatch
  readonly run: Run
}

export type DayWish = {
  readonly twin?: boolean
  readonly sabotage?: Sabotage
  /** Without it the day ends when the last event has been dealt with, and nothing heals. */
  readonly heals?: boolean
  readonly seed?: number
}

/** Lets a day pass. No rule is asked; the watch has seen every event. */
export const dayOf = (events: readonly PlanEvent[], wish: DayWish = {}): Day => {
  const { twin = false, sabotage = {}, heals = false, seed = 1 } = wish
  const scenario = createMarketScenario({
    engine: createTokenEngine(),
    scheme: 'ed25519',
    twin,
    audit: false,
    sabotage,
  })
  const watch = createMarketWatch(town)
  const last: World<MarketState>[] = []
  const run = runPlan(planWith(events, { ticks: 1000, seed }), {
    ...scenario,
    settleTicks: heals ? 2000 : 0,
    watch: (world) => {
      watchAccounts(watch, world)
      last[0] = world
    },
    checkers: [],
    settled: [],
  })
  const [world] = last
  if (!world) throw new Error('nothing happened')
  return { world, watch, run }
}

export const nodeIn = ({ world }: Day, name: string): NodeView<MarketState> => {
  const node = world.nodes.find((one) => one.name === name)
  if (!node) throw new Error(`nobody is called ${name}`)
  return node
}

export const payerIn = (day: Day, name = 'alice'): Payer => {
  const { state } = nodeIn(day, name)
  if (state.is !== 'payer') throw new Error(`${name} is no payer`)
  return state
}

export const payeeIn = (day: Day, name: string): Payee => {
  const { state } = nodeIn(day, name)
  if (state.is !== 'payee') throw new Error(`${name} is no payee`)
  return state
}

/** The same day with another state at one node. */
export const withNode = (day: Day, name: string, change: Partial<NodeView<MarketState>>): Day => ({
  ...day,
  world: {
    ...day.world,
    nodes: day.world.nodes.map((one) => (one.name === name ? { ...one, ...change } : one)),
  },
})
