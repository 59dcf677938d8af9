/**
 * The measuring part of `tally bench`.
 *
 * Machines drift: the same code takes up to twice as long a minute later. So the cases of a group run by turns in
 * one process, round after round, and a ratio is taken within each round before the median is taken over the rounds.
 * Time is processor time of the whole process, with everything that the runtime does beside (compiler, collector);
 * where work is spread over threads, it is the clock on the wall.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

export type Case = {
  readonly name: string
  /** How many operations `run` does. */
  readonly count: number
  /** Done before each run, outside of the measured time. */
  readonly setUp?: () => void
  readonly run: () => void
}

/** Nanoseconds per operation of one case, one number for each round. */
export type Samples = readonly number[]

export type Rounds = {
  /** Rounds that count. */
  readonly rounds: number
  /** Rounds before, in which the runtime learns the code. */
  readonly warmUp: number
}

export type Spread = { readonly median: number; readonly min: number; readonly max: number }

/** Runs the cases by turns and returns their samples by name. */
export const interleave = (
  cases: readonly Case[],
  { rounds, warmUp }: Rounds,
  nanosNow: () => number = processorNanos,
): ReadonlyMap<string, Samples> => {
  const samples = new Map<string, number[]>(cases.map(({ name }) => [name, []]))
  for (let round = -warmUp; round < rounds; round++) {
    for (const { name, count, setUp, run } of cases) {
      setUp?.()
      collectGarbage()
      const before = nanosNow()
      run()
      const nanos = (nanosNow() - before) / count
      if (round >= 0) samples.get(name)?.push(nanos)
    }
  }
  return samples
}

let collector: unknown

/** So that no case pays for what another one left behind. */
export const collectGarbage = (): void => {
  // Asked for here and not when this file is loaded, as many commands load it that measure nothing.
  if (collector === undefined) {
    setFlagsFromString('--expose-gc')
    collector = runInNewContext('gc')
  }
  if (typeof collector === 'function') Reflect.apply(collector, undefined, [])
}

/** Processor time of the process up to now. */
export const processorNanos = (): number => {
  const { user, system } = process.cpuUsage()
  return 1000 * (user + system)
}

export const spreadOf = (values: Samples): Spread => {
  const sorted = values.toSorted((a, b) => a - b)
  const [low, high] = [Math.floor((sorted.length - 1) / 2), Math.floor(sorted.length / 2)]
  return {
    median: ((sorted[low] ?? Number.NaN) + (sorted[high] ?? Number.NaN)) / 2,
    min: sorted[0] ?? Number.NaN,
    max: sorted[sorted.length - 1] ?? Number.NaN,
  }
}

/** Round by round, each a function of what was measured in that round. */
export const perRound = (
  parts: readonly Samples[],
  combine: (...values: readonly number[]) => number,
): Samples =>
  (parts[0] ?? []).map((_, round) => combine(...parts.map((part) => part[round] ?? Number.NaN)))

/** How many times as fast `one` is as `other`: the time of `other` by the time of `one`, round by round. */
export const speedRatio = (one: Samples, other: Samples): Samples =>
  perRound([one, other], (a = Number.NaN, b = Number.NaN) => b / a)
