/** `tally sim`: run the real roles under faults, by seed, and say whether anything that must hold broke. */
import { readFileSync, writeFileSync } from 'node:fs'
import type { Engine } from '../../base/verifier.ts'
import { createNativeEngine } from '../../engine/native.ts'
import { jsonFromBytes } from '../../forms/strict-json.ts'
import type { Plan } from '../../sim/plan.ts'
import { planFromJson } from '../../sim/plan-json.ts'
import {
  type Failure,
  SCENARIO_NAMES,
  type ScenarioName,
  simulatePlan,
  simulateSeed,
} from '../../sim/simulate.ts'
import type { Run } from '../../sim/world.ts'
import type { AddCommand } from '../command.ts'
import { type ExitCode, type Output, usageError } from '../print.ts'

type SimOptions = {
  readonly scenario: string
  readonly seed?: string
  readonly seeds: string
  readonly from: string
  readonly plan?: string
  readonly save?: string
}

export const addSim: AddCommand = (program, run) => {
  program
    .command('sim')
    .option('--scenario <name>', `one of ${SCENARIO_NAMES.join(', ')}, or all`, 'all')
    .option('--seed <n>', 'replay one seed and show its events')
    .option('--seeds <n>', 'how many seeds of each scenario', '200')
    .option('--from <n>', 'the first seed', '1')
    .option('--plan <file>', 'replay a plan that was saved')
    .option('--save <file>', 'where to write the shortest plan that fails')
    .addHelpText(
      'after',
      '\nExamples:\n  tally sim --seeds 1000\n  tally sim --scenario bilateral-twin --seed 42\n  tally sim --plan failure.json',
    )
    .action((options: SimOptions) => run((output) => simulate(options, output)))
}

const simulate = (options: SimOptions, output: Output): ExitCode => {
  const real = createNativeEngine()
  if (options.plan !== undefined) return replay(readPlan(options.plan), real, output)
  const scenarios = scenariosFrom(options.scenario)
  if (options.seed !== undefined) {
    const seed = wholeNumber(options.seed, '--seed')
    return scenarios.map((name) => showSeed(name, seed, real, output)).includes(1) ? 1 : 0
  }
  const bounds = {
    from: wholeNumber(options.from, '--from'),
    seeds: wholeNumber(options.seeds, '--seeds'),
  }
  for (const name of scenarios) {
    const failure = manySeeds(name, bounds, real, output)
    if (failure) return showFailure(failure, options.save, output)
  }
  output.next('tally sim --seed 7 --scenario bilateral')
  return 0
}

const manySeeds = (
  name: ScenarioName,
  bounds: { readonly from: number; readonly seeds: number },
  real: Engine,
  output: Output,
): Failure | undefined => {
  const startedAt = performance.now()
  const seen = new Map<string, number>()
  let events = 0
  let ticks = 0
  for (let seed = bounds.from; seed < bounds.from + bounds.seeds; seed++) {
    const { run, failure } = simulateSeed(name, seed, { real })
    if (failure) return failure
    events += run.events
    ticks += run.ticks
    for (const one of run.seen) seen.set(one, (seen.get(one) ?? 0) + 1)
    if (seed % 25 === 0) output.progress(`${name}: seed ${seed}, ${events} events`)
  }
  output.progress('')
  const seconds = (performance.now() - startedAt) / 1000
  output.line(
    `${name.padEnd(16)} ${bounds.seeds} seeds, ${events} events, no violation  (${seconds.toFixed(1)} s)`,
    'good',
  )
  const counts = [...seen].sort(([a], [b]) => a.localeCompare(b))
  output.line(`  came to: ${counts.map(([what, times]) => `${what} ${times}`).join(', ')}`, 'quiet')
  const { from, seeds } = bounds
  const situations = Object.fromEntries(counts)
  output.result({ [name]: { seeds, from, events, ticks, seconds, situations } })
  return undefined
}

const showSeed = (name: ScenarioName, seed: number, real: Engine, output: Output): ExitCode => {
  const { run, failure } = simulateSeed(name, seed, { real })
  showRun(run, output)
  output.line(`${name}, seed ${seed}: fingerprint ${run.fingerprint.toString(16)}`)
  return failure ? showFailure(failure, undefined, output) : 0
}

const replay = (plan: Plan, real: Engine, output: Output): ExitCode => {
  const run = simulatePlan(plan, { real })
  showRun(run, output)
  if (!run.violation) {
    output.line(`no violation, fingerprint ${run.fingerprint.toString(16)}`, 'good')
    return 0
  }
  output.line(`broken: ${run.violation.checker}: ${run.violation.says}`, 'bad')
  return 1
}

const showRun = (run: Run, output: Output): void => {
  for (const line of run.log) output.line(line, 'quiet')
  output.line(`${run.events} events in ${run.ticks} ticks`)
  output.result({ run })
}

const showFailure = (failure: Failure, save: string | undefined, output: Output): ExitCode => {
  const { plan, shortest, run } = failure
  output.line(
    `broken in ${plan.scenario}, seed ${plan.seed}: ${run.violation?.checker ?? ''}`,
    'bad',
  )
  output.line(run.violation?.says ?? '')
  output.line(`shortest event list: ${shortest.events.length} of ${plan.events.length} events`)
  for (const line of run.log) output.line(`  ${line}`, 'quiet')
  output.result({ failure: { plan: shortest, violation: run.violation } })
  const file = save ?? `plan-${plan.scenario}-${plan.seed}.json`
  writeFileSync(file, `${JSON.stringify(shortest, undefined, 2)}\n`)
  output.next(`tally sim --plan ${file}`)
  return 1
}

const readPlan = (file: string): Plan => planFromJson(jsonFromBytes(readFileSync(file)))

const scenariosFrom = (name: string): readonly ScenarioName[] => {
  if (name === 'all') return SCENARIO_NAMES
  const found = SCENARIO_NAMES.filter((one) => one === name)
  if (found.length === 0) {
    throw usageError(`no scenario is called ${name}`, `use one of ${SCENARIO_NAMES.join(', ')}`)
  }
  return found
}

const wholeNumber = (text: string, option: string): number => {
  const value = Number(text)
  if (!/^\d{1,9}$/.test(text))
    throw usageError(`${option} ${text} is no whole number`, 'for example 42')
  return value
}
