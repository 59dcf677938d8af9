/**
 * S2: a statechart that has taken 100,000 steps, loaded and verified from its genesis on, beside one of 1,000, by the step.
 *
 * What is measured is what everybody does who follows a machine, a custodian after a restart among them: pages of certified
 * steps are decoded, and of each step the link, the certificate, the consent and the execution are checked (`follow`). The
 * steps were signed before, by one participant and one custodian; more signatures on a step would only hide growth.
 *
 * The pages of the long history go through once, in their order, and after every few of them one of the short history, so
 * that both see the same weather. The runtime's collector is paid by both, by what they leave to it.
 *
 * A file holds at most 16,384 steps and is checked from the genesis on, so that is what is measured of files: a longer history
 * goes in pages.
 */
import { isFault } from '../base/fault.ts'
import { BUNDLE_STEPS_MAX } from '../base/limits.ts'
import type { Engine } from '../base/verifier.ts'
import { createNativeEngine } from '../engine/native.ts'
import type { CandidateOptions } from '../models/rounds/candidate.ts'
import { agreedSteps, beginFollowing, follow, type Followed } from '../models/rounds/agreed-step.ts'
import { bundleStepFrom } from '../verify/assemble.ts'
import { EMPTY_BUNDLE, fileFromBundle } from '../verify/bundle.ts'
import { verify } from '../verify/verify.ts'
import { atMost, type Figure, type FigureOptions, figureFrom, knownFigure } from './figure.ts'
import { collectGarbage, processorNanos } from './harness.ts'
import { LONG_CHARTS, type LongHistory, makeHistory, optionsWith } from './long-history.ts'

export type Lengths = {
  /** Steps of the two histories, and of the longest file. */
  readonly short: number
  readonly long: number
  readonly file: number
  /** The long history in so many parts, to see whether the last is dearer than the first. */
  readonly parts: number
  /** One page of the short history for so many of the long one. */
  readonly pages: number
}

const LENGTHS: Lengths = {
  short: 1000,
  long: 100_000,
  file: BUNDLE_STEPS_MAX,
  parts: 10,
  pages: 5,
}
const LIMIT = atMost(1.2)

export const benchS2 = (): readonly Figure[] => measureS2(LENGTHS)

/** A single round: so many steps average over more than rounds do. */
export const measureS2 = (lengths: Lengths): readonly Figure[] => {
  const engine = createNativeEngine()
  const figures: Figure[] = []
  for (const chart of LONG_CHARTS) {
    const history = makeHistory(engine, chart, lengths.long)
    figures.push(...followFigures(engine, { name: chart.name, history, lengths }))
    if (chart === LONG_CHARTS[0]) figures.push(fileFigure(engine, history, lengths))
  }
  return figures
}

type Measured = { readonly name: string; readonly history: LongHistory; readonly lengths: Lengths }

const followFigures = (engine: Engine, { name, history, lengths }: Measured): readonly Figure[] => {
  const { pages, genesis } = history
  const options = optionsWith(engine)
  const short = createLoop(options, history, lengths.short)
  // The runtime learns the code before anything counts.
  for (let at = 0; at < 2 * short.pages; at++) short.next()
  collectGarbage()
  const parts = Array.from({ length: lengths.parts }, createTotals)
  let at = beginFollowing(genesis)
  for (const [number, page] of pages.entries()) {
    const part = parts[Math.floor((number * lengths.parts) / pages.length)] ?? createTotals()
    at = counted(part.long, () => followPage(options, at, page))
    if (number % lengths.pages === 0) counted(part.short, short.next)
  }
  if (at.machine.head.sequence !== BigInt(lengths.long)) throw new Error('the history is longer')
  const long = parts.map((one) => perStep(one.long))
  const ratios = parts.map((one) => perStep(one.long) / perStep(one.short))
  const whole = perStep(summed(parts.map((one) => one.long)))
  const beside = whole / perStep(summed(parts.map((one) => one.short)))
  const of: Omit<FigureOptions, 'name'> = { id: 'S2', unit: 'ratio', goal: LIMIT }
  const [steps, few] = [lengths.long, lengths.short].map((one) => one.toLocaleString('en'))
  return [
    figureFrom(
      { id: 'S2', name: `a step of ${steps} loaded and verified, ${name}`, unit: 'ms' },
      long.map((nanos) => nanos / 1e6),
    ),
    knownFigure({ ...of, name: `by the step, ${steps} beside ${few}, ${name}` }, beside),
    knownFigure({ ...of, name: `its last part beside ${few}, ${name}` }, ratios.at(-1) ?? 0),
  ]
}

type Total = { nanos: number; steps: number }

const createTotals = () => ({ long: createTotal(), short: createTotal() })
const createTotal = (): Total => ({ nanos: 0, steps: 0 })
const perStep = ({ nanos, steps }: Total): number => nanos / steps
const summed = (all: readonly Total[]): Total =>
  all.reduce((sum, { nanos, steps }) => ({ nanos: sum.nanos + nanos, steps: sum.steps + steps }))

const counted = (
  total: Total,
  run: () => { readonly followed: Followed; readonly steps: number },
): Followed => {
  const before = processorNanos()
  const { followed, steps } = run()
  total.nanos += processorNanos() - before
  total.steps += steps
  return followed
}

const followPage = (
  options: CandidateOptions,
  of: Followed,
  page: Uint8Array,
): { readonly followed: Followed; readonly steps: number } => {
  let followed = of
  const steps = agreedSteps.decode(page)
  for (const step of steps) {
    const next = follow(options, followed, step)
    if (isFault(next)) throw next
    followed = next
  }
  return { followed, steps: steps.length }
}

/** The first steps of a history, page after page, and from the genesis on again. */
const createLoop = (options: CandidateOptions, { genesis, pages }: LongHistory, count: number) => {
  const own = cut(pages, count)
  let number = 0
  let at = beginFollowing(genesis)
  return {
    pages: own.length,
    next: (): { readonly followed: Followed; readonly steps: number } => {
      if (number === 0) at = beginFollowing(genesis)
      const page = own[number]
      if (!page) throw new Error('there is a page')
      const done = followPage(options, at, page)
      at = done.followed
      number = (number + 1) % own.length
      return done
    },
  }
}

/** The pages of so many steps from the genesis on. */
const cut = (pages: readonly Uint8Array[], count: number): readonly Uint8Array[] => {
  const found: Uint8Array[] = []
  let left = count
  for (const page of pages) {
    if (left === 0) break
    const steps = agreedSteps.decode(page).slice(0, left)
    found.push(agreedSteps.encode(steps))
    left -= steps.length
  }
  return found
}

const fileFigure = (engine: Engine, history: LongHistory, lengths: Lengths): Figure => {
  const [short, long] = [lengths.short, lengths.file].map((steps) => ({
    steps,
    file: fileOf(history, steps),
  }))
  if (!short || !long) throw new Error('there are two files')
  const cost = ({ file, steps }: typeof short): number => {
    collectGarbage()
    const before = processorNanos()
    const { outcome } = verify(file, optionsWith(engine))
    if (outcome !== 'valid') throw new Error(`the file is ${outcome}`)
    return (processorNanos() - before) / steps
  }
  cost(short)
  const before = [cost(short), cost(short), cost(short)]
  const whole = cost(long)
  const all = [...before, cost(short), cost(short), cost(short)]
  const mean = all.reduce((sum, one) => sum + one, 0) / all.length
  const [many, few] = [long, short].map(({ steps }) => steps.toLocaleString('en'))
  return knownFigure(
    { id: 'S2', name: `by the step, a file of ${many} beside ${few}`, unit: 'ratio', goal: LIMIT },
    whole / mean,
  )
}

const fileOf = ({ genesis, pages }: LongHistory, count: number): Uint8Array =>
  fileFromBundle({
    ...EMPTY_BUNDLE,
    charters: [genesis.charter],
    steps: cut(pages, count)
      .flatMap((page) => agreedSteps.decode(page))
      .map(({ transition, certificate, candidate: { interaction, consents } }) =>
        bundleStepFrom({ transition, certificate, interaction, consents }, () => undefined),
      ),
  })
