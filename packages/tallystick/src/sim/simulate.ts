/**
 * Simulations by name: a seed gives a plan, a plan gives a run, a failing run gives the shortest plan that fails alike.
 *
 * One seed in fifty runs with real signatures, the others with tokens (`token-engine.ts`); one in ten ends with a second
 * opinion by the verifier (`verdict.ts`).
 */
import { Fault } from '../base/fault.ts'
import type { Engine } from '../base/verifier.ts'
import { type BilateralOptions, createBilateralScenario } from './bilateral-scenario.ts'
import { createCustodiansScenario } from './custodians-scenario.ts'
import { createDirectoryScenario } from './directory-scenario.ts'
import { createMarketScenario } from './market-scenario.ts'
import { type Plan, type PlanBounds, planFromSeed } from './plan.ts'
import { runPlan } from './run.ts'
import type { Sabotage } from './sabotage.ts'
import { shrinkPlan } from './shrink.ts'
import { createSharedScenario } from './shared-scenario.ts'
import { createTokenEngine } from './token-engine.ts'
import type { Run } from './world.ts'

export const SCENARIO_NAMES = [
  'bilateral',
  'bilateral-clone',
  'bilateral-twin',
  'bilateral-twins',
  'directory',
  'directory-twin',
  'directory-shared',
  'directory-shared-twins',
  'market',
  'market-twin',
  'custodians',
  'custodians-two',
] as const
export type ScenarioName = (typeof SCENARIO_NAMES)[number]

export type SimulateOptions = {
  /** For the seeds that use real signatures. */
  readonly real: Engine
  /** What is broken on purpose, to show that a checker bites. */
  readonly sabotage?: Sabotage
  /** Whether the end is held against the verifier; by the seed if missing. */
  readonly audit?: boolean
}

const REAL_EVERY = 50
const AUDIT_EVERY = 10

export const planOf = (name: ScenarioName, seed: number): Plan => planFromSeed(seed, BOUNDS[name])

const bounds = (
  scenario: ScenarioName,
  nodes: number,
  restorable: Partial<PlanBounds['restorable']>,
): PlanBounds => ({
  scenario,
  nodes,
  wishes: 16,
  ticks: 600,
  restorable: { noticed: [], unnoticed: [], ...restorable },
})

/** Short runs, so that there can be many. */
const POLL = { wishers: [0, 1, 2], wishes: 8, ticks: 400 }

const BOUNDS: Readonly<Record<ScenarioName, PlanBounds>> = {
  bilateral: bounds('bilateral', 2, { noticed: [0, 1] }),
  'bilateral-clone': bounds('bilateral-clone', 2, { noticed: [0, 1], unnoticed: [0, 1] }),
  'bilateral-twin': bounds('bilateral-twin', 3, {}),
  'bilateral-twins': bounds('bilateral-twins', 4, {}),
  directory: {
    ...bounds('directory', 8, { unnoticed: [3] }),
    wishers: [0, 1, 2],
    wishes: 10,
    away: { nodes: [0, 1, 2], from: [3, 4, 5, 6, 7] },
  },
  'directory-twin': {
    ...bounds('directory-twin', 9, { unnoticed: [4] }),
    wishers: [0, 0, 3, 3, 1, 2],
    wishes: 12,
    away: { nodes: [0, 3], from: [4, 5, 6, 7, 8] },
  },
  'directory-shared': { ...bounds('directory-shared', 7, {}), wishers: [0, 1] },
  'directory-shared-twins': { ...bounds('directory-shared-twins', 8, {}), wishers: [0, 1] },
  market: {
    ...bounds('market', 8, { noticed: [1, 2] }),
    wishers: [0, 0, 0, 0, 1, 2],
    wishes: 24,
    away: { nodes: [0], from: [3, 4, 5, 6, 7] },
  },
  'market-twin': {
    ...bounds('market-twin', 9, { noticed: [1, 2] }),
    wishers: [0, 0, 0, 7, 7, 7, 1, 2],
    wishes: 24,
    away: { nodes: [0, 7], from: [3, 4, 5, 6, 8] },
  },
  custodians: { ...bounds('custodians', 8, {}), ...POLL },
  'custodians-two': { ...bounds('custodians-two', 9, {}), ...POLL },
}

/** Runs a plan. Raises `plan/unknown-scenario` for a scenario that this version does not have. */
export const simulatePlan = (plan: Plan, options: SimulateOptions): Run => {
  const name = SCENARIO_NAMES.find((one) => one === plan.scenario)
  if (!name) throw new Fault('plan/unknown-scenario', `no scenario is called ${plan.scenario}`)
  const { sabotage = {}, audit = plan.seed % AUDIT_EVERY === 0 } = options
  const engine = plan.seed % REAL_EVERY === 0 ? options.real : createTokenEngine()
  return RUNNERS[name](plan, { engine, scheme: 'ed25519', audit, sabotage })
}

type Ground = Omit<BilateralOptions, 'twins'> & { readonly sabotage: Sabotage }
type Runner = (plan: Plan, ground: Ground) => Run

const bilateral =
  (twins: BilateralOptions['twins']): Runner =>
  (plan, ground) =>
    runPlan(plan, createBilateralScenario({ ...ground, twins }), ground.sabotage)

const market =
  (twin: boolean): Runner =>
  (plan, ground) =>
    runPlan(plan, createMarketScenario({ ...ground, twin }), ground.sabotage)

const shared =
  (twins: 1 | 2): Runner =>
  (plan, ground) =>
    runPlan(plan, createSharedScenario({ ...ground, twins }), ground.sabotage)

const custodians =
  (twins: 1 | 2): Runner =>
  (plan, ground) =>
    runPlan(plan, createCustodiansScenario({ ...ground, twins }), ground.sabotage)

const directory =
  (twin: boolean): Runner =>
  (plan, ground) =>
    runPlan(plan, createDirectoryScenario({ ...ground, twin }), ground.sabotage)

const RUNNERS: Readonly<Record<ScenarioName, Runner>> = {
  bilateral: bilateral(0),
  'bilateral-clone': bilateral(0),
  'bilateral-twin': bilateral(1),
  'bilateral-twins': bilateral(2),
  directory: directory(false),
  'directory-twin': directory(true),
  'directory-shared': shared(1),
  'directory-shared-twins': shared(2),
  market: market(false),
  'market-twin': market(true),
  custodians: custodians(1),
  'custodians-two': custodians(2),
}

export type Failure = { readonly plan: Plan; readonly shortest: Plan; readonly run: Run }

/** Runs one seed; a failure comes with the shortest plan that breaks the same rule. */
export const simulateSeed = (
  name: ScenarioName,
  seed: number,
  options: SimulateOptions,
): { readonly run: Run; readonly failure: Failure | undefined } => {
  const plan = planOf(name, seed)
  const run = simulatePlan(plan, options)
  if (!run.violation) return { run, failure: undefined }
  const shortest = shrinkPlan(plan, (trial) => simulatePlan(trial, options).violation?.checker)
  return { run, failure: { plan, shortest, run: simulatePlan(shortest, options) } }
}
