/**
 * A load on a guardian beside what checking its signatures alone allows: round after round, both in each, so that whatever else the
 * machine does meanwhile falls on both alike. What is compared is processor time; the rate by the clock stands beside it.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { atLeast, type Figure, figureFrom, type Rounds } from 'tallystick/command'
import { quantileOf } from './load.ts'
import { type Carry, planOf, runMoiLoad } from './moi-load.ts'
import { createSignatureLimit } from './moi-signatures.ts'
import { secondsOf } from './processor.ts'

/** Enough that both cores have something to do while one batch is stored. */
export const PAIRS = 256
const SHARE_MIN = 0.6
/** Transfers of each pair before anything is counted: a process is slower before its compiler is done. */
export const WARM_UP = 30
/** And in a round: a second's worth or more, so that it has its share of what is collected and written now and then. */
const EACH = 5
const ROUNDS_MAX = 12
/** Rounds that are made at least, so that a median is one. */
const ROUNDS_MIN = 3

export const withFolder = async <Result>(
  use: (folder: string) => Promise<Result>,
): Promise<Result> => {
  const folder = mkdtempSync(join(tmpdir(), 'tally-bench-moi-'))
  try {
    return await use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export type MeasureOptions = {
  readonly id: string
  readonly what: string
  readonly rounds: Rounds
  readonly carry: Carry
  /** Seconds of processor time that the guardian has taken so far. */
  readonly spent: () => Promise<number>
  /** Threads that are busy during the load: so many check signatures at once for the limit. */
  readonly busy: number
  /** Whether who sends is another process than the guardian. */
  readonly isApart: boolean
  /** Whether the goal is meant: it is one for one core. */
  readonly isGoal?: true
}

type Round = {
  readonly perSecond: number
  readonly receipts: number
  /** Of the guardian, and of who sends, for one transfer. */
  readonly guardianMs: number
  readonly senderMs: number
  /** Signatures that are checked in a second of processor time. */
  readonly limit: number
  readonly latenciesMs: readonly number[]
}

export type Measured = { readonly figures: readonly Figure[]; readonly perSecond: number }

export const measureMoi = async (of: MeasureOptions): Promise<Measured> => {
  const { rounds, carry, busy } = of
  const count = Math.max(ROUNDS_MIN, Math.min(ROUNDS_MAX, rounds.rounds))
  const first = planOf({ pairs: PAIRS, each: WARM_UP, from: 0 })
  const signatures = await createSignatureLimit(first, busy)
  try {
    await signatures.measure(true)
    await runMoiLoad(first, carry)
    const done: Round[] = []
    for (let at = 0; at < count; at += 1) {
      const plan = planOf({ pairs: PAIRS, each: EACH, from: WARM_UP + at * EACH })
      const before = await signatures.measure()
      const [spent, own] = [await of.spent(), process.cpuUsage()]
      const result = await runMoiLoad(plan, carry)
      const sender = secondsOf(process.cpuUsage(own))
      const guardian = (await of.spent()) - spent
      done.push({
        ...result,
        guardianMs: (1000 * guardian) / result.receipts,
        senderMs: (1000 * sender) / result.receipts,
        limit: (before + (await signatures.measure())) / 2,
      })
    }
    return figuresOf(of, done, 1000 / (await signatures.measure(true)))
  } finally {
    await signatures.close()
  }
}

const figuresOf = (of: MeasureOptions, rounds: readonly Round[], portableMs: number): Measured => {
  const { id, what, isApart, busy } = of
  const receipts = rounds.reduce((sum, one) => sum + one.receipts, 0)
  const rates = rounds.map((one) => one.perSecond)
  const rate = figureFrom(
    {
      id,
      name: `transfers with receipts, ${what}`,
      unit: '1/s',
      note: `${receipts} transfers of ${PAIRS} disjoint pairs, by the clock`,
    },
    rates,
  )
  const time = (name: string, values: readonly number[], note?: string): Figure =>
    figureFrom({ id, name: `${name}, ${what}`, unit: 'ms', ...(note && { note }) }, values)
  const figures = [
    rate,
    ...sharesOf(of, rounds, portableMs),
    time(
      'processor time of the guardian for a transfer',
      rounds.map((one) => one.guardianMs),
    ),
    time(
      'processor time of a signature alone',
      rounds.map((one) => 1000 / one.limit),
      busy > 1 ? `checked by ${busy} threads at once` : 'checked by one thread, the others idle',
    ),
    time('processor time of a signature by portable code', [portableMs]),
    ...(isApart
      ? [
          time(
            'processor time of who sends for a transfer',
            rounds.map((one) => one.senderMs),
          ),
        ]
      : []),
    time('send to receipt under load, p99', [
      quantileOf(
        rounds.flatMap((one) => one.latenciesMs),
        0.99,
      ),
    ]),
  ]
  return { figures, perSecond: rate.median }
}

/** Beside signatures as this runtime checks them, and as a browser does: the first price moves with the runtime, the second does not. */
const sharesOf = (
  { id, what, isApart, isGoal }: MeasureOptions,
  rounds: readonly Round[],
  portableMs: number,
): readonly Figure[] => [
  figureFrom(
    {
      id,
      name: `share of what signatures allow, ${what}`,
      unit: 'ratio',
      ...(isGoal === true ? { goal: atLeast(SHARE_MIN) } : {}),
      note: 'of the guardian’s processor time for a transfer, what its signature takes alone: measured before and after each round, by as many threads as are busy in it',
    },
    rounds.map((one) => 1000 / one.limit / one.guardianMs),
  ),
  figureFrom(
    {
      id,
      name: `share of what signatures by portable code allow, ${what}`,
      unit: 'ratio',
      note: 'beside a signature that costs as much as in a browser',
    },
    rounds.map((one) => portableMs / one.guardianMs),
  ),
  figureFrom(
    {
      id,
      name: `rate by the clock beside what signatures allow in one core’s time, ${what}`,
      unit: 'ratio',
      note: isApart ? 'who sends runs on the same cores' : 'in one process',
    },
    rounds.map((one) => one.perSecond / one.limit),
  ),
]
