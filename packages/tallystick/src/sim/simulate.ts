/**
 * Simulations by name: a seed gives a plan, a plan gives a run, a failing run gives the shortest plan that fails alike.
 *
 * One seed in fifty runs with real signatures, the others with tokens (`token-engine.ts`); one in ten ends with a second
 * opinion by the verifier (`verdict.ts`).
 */
import { Fault } from '../base/fault.ts'
import type { Engine } from '../base/verifier.ts'
import { createBilateralScenario } from './bilateral-scenario.ts'
import { type Plan, type PlanBounds, planFromSeed } from './plan.ts'
import { runPlan } from './run.ts'
import type { Sabotage } from './sabotage.ts'
import { shrinkPlan } from './shrink.ts'
import { createTokenEngine } from './token-engine.ts'
import type { Run } from './world.ts'

export const SCENARIO_NAMES = [
  'bilateral',
  'bilateral-clone',
  'bilateral-twin',
  'bilateral-twins',
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

const BOUNDS: Readonly<Record<ScenarioName, PlanBounds>> = {
  bilateral: bounds('bilateral', 2, { noticed: [0, 1] }),
  'bilateral-clone': bounds('bilateral-clone', 2, { noticed: [0, 1], unnoticed: [0, 1] }),
  'bilateral-twin': bounds('bilateral-twin', 3, {}),
  'bilateral-twins': bounds('bilateral-twins', 4, {}),
}

const TWINS: Readonly<Record<ScenarioName, 0 | 1 | 2>> = {
  bilateral: 0,
  'bilateral-clone': 0,
  'bilateral-twin': 1,
  'bilateral-twins': 2,
}

/** Runs a plan. Raises `plan/unknown-scenario` for a scenario that this version does not have. */
export const simulatePlan = (plan: Plan, options: SimulateOptions): Run => {
  const name = SCENARIO_NAMES.find((one) => one === plan.scenario)
  if (!name) throw new Fault('plan/unknown-scenario', `no scenario is called ${plan.scenario}`)
  const { sabotage = {}, audit = plan.seed % AUDIT_EVERY === 0 } = options
  const engine = plan.seed % REAL_EVERY === 0 ? options.real : createTokenEngine()
  const scenario = createBilateralScenario({
    engine,
    scheme: 'ed25519',
    twins: TWINS[name],
    audit,
    sabotage,
  })
  return runPlan(plan, scenario, sabotage)
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
