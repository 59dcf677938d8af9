/**
 * Simulations by name: a seed gives a plan, a plan gives a run, a failing run gives the shortest plan that fails alike.
 *
 * One seed in fifty runs with real signatures; the others with tokens (`token-engine.ts`).
 */
import type { Engine } from '../base/verifier.ts'
import { type BilateralOptions, createBilateralScenario } from './bilateral-scenario.ts'
import { type Plan, type PlanBounds, planFromSeed } from './plan.ts'
import { runPlan } from './run.ts'
import { shrinkPlan } from './shrink.ts'
import { createTokenEngine } from './token-engine.ts'
import type { Run } from './world.ts'

export const SCENARIO_NAMES = ['bilateral', 'bilateral-twin', 'bilateral-clone'] as const
export type ScenarioName = (typeof SCENARIO_NAMES)[number]

export type SimulateOptions = {
  /** For the seeds that use real signatures. */
  readonly real: Engine
  /** Puts another role in the place of the real one, to show that a checker bites. */
  readonly breakRole?: BilateralOptions['breakRole']
}

const REAL_EVERY = 50

export const planOf = (name: ScenarioName, seed: number): Plan => planFromSeed(seed, BOUNDS[name])

const BOUNDS: Readonly<Record<ScenarioName, PlanBounds>> = {
  bilateral: {
    scenario: 'bilateral',
    nodes: 2,
    wishes: 12,
    ticks: 1500,
    restoresNoticed: true,
    restoresUnnoticed: false,
  },
  'bilateral-twin': {
    scenario: 'bilateral-twin',
    nodes: 3,
    wishes: 12,
    ticks: 1500,
    restoresNoticed: false,
    restoresUnnoticed: false,
  },
  'bilateral-clone': {
    scenario: 'bilateral-clone',
    nodes: 2,
    wishes: 12,
    ticks: 1500,
    restoresNoticed: true,
    restoresUnnoticed: true,
  },
}

/** Runs a plan. Raises an error for a scenario that this version does not have. */
export const simulatePlan = (plan: Plan, options: SimulateOptions): Run => {
  const name = SCENARIO_NAMES.find((one) => one === plan.scenario)
  if (!name) throw new Error(`no scenario is called ${plan.scenario}`)
  const engine = plan.seed % REAL_EVERY === 0 ? options.real : createTokenEngine()
  const scenario = createBilateralScenario({
    engine,
    scheme: 'ed25519',
    twin: name === 'bilateral-twin',
    ...(options.breakRole ? { breakRole: options.breakRole } : {}),
  })
  return runPlan(plan, scenario)
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
