/** Runs of the directory scenario, and what they come to, for the tests beside this file. */
import type { Directory } from '../../src/sim/directory-town.ts'
import type { Sabotage } from '../../src/sim/sabotage.ts'
import { createDirectoryScenario } from '../../src/sim/directory-scenario.ts'
import { planOf } from '../../src/sim/simulate.ts'
import { runPlan } from '../../src/sim/run.ts'
import { createTokenEngine } from '../../src/sim/token-engine.ts'
import type { Plan } from '../../src/sim/plan.ts'
import type { Run } from '../../src/sim/world.ts'

/** No faults but those that are in it. */
export const calm = (events: Plan['events'], twin = false): Plan => ({
  scenario: twin ? 'directory-twin' : 'directory',
  seed: 1,
  knobs: { lossPercent: 0, repeatPercent: 0, delayMax: 2, manglePercent: 0, crashPercent: 0 },
  events,
  ticks: 120,
})

export const wishAt = (at: number, node: number): Plan['events'][number] => ({
  at,
  is: 'wish',
  node,
  choice: 10 * at + node,
})

export const runOf = (plan: Plan, sabotage: Sabotage = {}): Run => {
  const twin = plan.scenario === 'directory-twin'
  const engine = createTokenEngine()
  const scenario = createDirectoryScenario({ engine, scheme: 'ed25519', twin, sabotage })
  return runPlan(plan, scenario, sabotage)
}

/** The runs of some seeds. */
export const runsOf = (
  name: 'directory' | 'directory-twin',
  seeds: readonly number[],
  sabotage: Sabotage = {},
): readonly Run[] => seeds.map((seed) => runOf(planOf(name, seed), sabotage))

/**
 * The worst that an owner with a twin and lying operators can do: each twin reaches one instance of every liar, and half of
 * the honest operators. Clients are nodes 0 to 3, the owner's twin the last of them; then the operators, then their twins.
 */
export const splitPlan = (
  { operators, threshold }: Directory,
  liars: number,
  seed: number,
): Plan => {
  const seats = Array.from({ length: operators }, (_, at) => 4 + at)
  const twins = Array.from({ length: liars }, (_, at) => 4 + operators + at)
  const first = seats.slice(0, threshold)
  const second = [...seats.slice(threshold), ...twins]
  const cut = (from: number, to: number): Plan['events'][number] => ({
    at: 0,
    is: 'cut',
    from,
    to,
    ticks: 400,
  })
  const cuts = [...second.map((to) => cut(0, to)), ...first.map((to) => cut(3, to))]
  return { ...calm([...cuts, wishAt(5, 0), wishAt(5, 3), wishAt(9, 1)], true), seed, ticks: 400 }
}
