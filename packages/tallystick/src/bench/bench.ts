/** Runs groups of benchmarks and says on what they ran. Printing is left to the caller. */
import { arch, availableParallelism, cpus, platform, release, totalmem } from 'node:os'
import { defaultBlake3 } from '../base/blake3.ts'
import { nativeSchemes } from '../engine/native.ts'
import type { Group } from './cases.ts'
import { type Figure, textOf } from './figure.ts'
import type { Rounds } from './harness.ts'

export type BenchOptions = {
  readonly groups: readonly Group[]
  /** Ids of groups; all if empty. */
  readonly only: readonly string[]
  readonly rounds: Rounds
  /** Told what is measured next. */
  readonly progress: (text: string) => void
}

export type BenchReport = {
  readonly machine: {
    readonly cpu: string
    readonly cores: number
    readonly memoryBytes: number
    readonly system: string
  }
  readonly runtime: string
  readonly backEnd: { readonly blake3: string; readonly nativeSchemes: readonly string[] }
  readonly rounds: number
  readonly figures: readonly Figure[]
  /** Whether every figure that has a goal meets it. */
  readonly isMet: boolean
}

/** A quarter of a minute for each group, and a few rounds more than a median needs. */
export const ROUNDS: Rounds = { rounds: 11, warmUp: 3 }

export const bench = async ({
  groups,
  only,
  rounds,
  progress,
}: BenchOptions): Promise<BenchReport> => {
  const figures: Figure[] = []
  for (const group of groups) {
    if (only.length > 0 && !only.includes(group.id)) continue
    progress(`${group.id}: ${group.what} …`)
    const measure = await group.load()
    figures.push(...(await measure(rounds)))
  }
  return {
    machine: {
      cpu: cpus()[0]?.model.trim() ?? 'unknown',
      cores: availableParallelism(),
      memoryBytes: totalmem(),
      system: `${platform()} ${release()} ${arch()}`,
    },
    runtime: `Node ${process.versions.node}, V8 ${process.versions.v8}`,
    backEnd: { blake3: defaultBlake3().path, nativeSchemes: nativeSchemes() },
    rounds: rounds.rounds,
    figures,
    isMet: figures.every((figure) => figure.isMet !== false),
  }
}

/** The cells of a figure's line: id, name, median, spread, goal, whether it is met, note. */
export const cellsOf = (figure: Figure): readonly string[] => {
  const { id, name, unit, median, min, max, goal, isMet, note } = figure
  const spread = min === max ? '' : `${textOf(min, unit)} – ${textOf(max, unit)}`
  return [
    id,
    name,
    textOf(median, unit),
    spread,
    goal === undefined ? '' : `${goal.is} ${textOf(goal.value, unit)}`,
    isMet === undefined ? '' : isMet ? 'met' : 'not met',
    note ?? '',
  ]
}
