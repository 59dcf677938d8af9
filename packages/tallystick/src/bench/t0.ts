/** T0: one step of a flat chain, through the public call and in lists, on both paths, beside the naive way. */
import { type Blake3, createBlake3 } from '../base/blake3.ts'
import { type Chain, createChain } from '../kernel/chain.ts'
import { ENTRY_BYTES, RECORD_BYTES } from '../kernel/chain-record.ts'
import { TRANSITION_BYTES } from '../kernel/transition.ts'
import { atLeast, type Figure, figureFrom, knownFigure, rateFigure } from './figure.ts'
import { type Case, interleave, type Rounds, type Samples, speedRatio } from './harness.ts'
import { laneLimit, rowLimit } from './limits.ts'
import { createNaiveChain } from './naive.ts'
import { ENTRY_COUNT, entryAt, samplePacked, sampleStart } from './sample.ts'

/** Steps of one run: long enough to measure, and a whole number of sample lists. */
const STEPS = 32 * ENTRY_COUNT
/** The naive way is so much slower that fewer will do. */
const NAIVE_STEPS = 2 * ENTRY_COUNT
export const COMPRESSIONS_PER_STEP = 6

/** A case that appends `steps` steps to a fresh chain, which has room for `room` of them from the start. */
export const appendCase = (
  name: string,
  blake3: Blake3,
  { steps, room = steps }: { readonly steps: number; readonly room?: number },
): Case => {
  let chain: Chain
  return {
    name,
    count: steps,
    setUp: () => {
      chain = createChain({ start: sampleStart, blake3, room })
    },
    run: () => {
      for (let at = 0; at < steps; at++) chain.append(entryAt(at))
    },
  }
}

const bulkCase = (name: string, blake3: Blake3): Case => {
  let chain: Chain
  return {
    name,
    count: STEPS,
    setUp: () => {
      chain = createChain({ start: sampleStart, blake3, room: STEPS })
    },
    run: () => {
      for (let at = 0; at < STEPS; at += ENTRY_COUNT) chain.appendMany(samplePacked)
    },
  }
}

const naiveCase = (name: string): Case => ({
  name,
  count: NAIVE_STEPS,
  run: () => {
    const chain = createNaiveChain(sampleStart)
    for (let at = 0; at < NAIVE_STEPS; at++) chain.append(entryAt(at))
  },
})

/** Samples of a case, all of which are there. */
export const samplesOf = (all: ReadonlyMap<string, Samples>, name: string): Samples =>
  all.get(name) ?? []

export const benchT0 = (rounds: Rounds): readonly Figure[] => {
  const [wasm, plain] = [createBlake3('wasm'), createBlake3('plain')]
  const all = interleave(
    [
      rowLimit('row', wasm, COMPRESSIONS_PER_STEP * STEPS),
      laneLimit('lanes', wasm, COMPRESSIONS_PER_STEP * STEPS),
      appendCase('append', wasm, { steps: STEPS }),
      appendCase('fresh', wasm, { steps: STEPS, room: 63 }),
      bulkCase('bulk', wasm),
      rowLimit('plain row', plain, COMPRESSIONS_PER_STEP * STEPS),
      appendCase('plain', plain, { steps: STEPS }),
      naiveCase('naive'),
    ],
    rounds,
  )
  const of = (name: string): Samples => samplesOf(all, name)
  const limit = (name: string): Samples => of(name).map((nanos) => COMPRESSIONS_PER_STEP * nanos)
  const id = 'T0'
  const ratio = (name: string, goal: number, values: Samples): Figure =>
    figureFrom({ id, name, unit: 'ratio', goal: atLeast(goal) }, values)
  return [
    rateFigure({ id, name: 'steps, one call each', goal: atLeast(1_000_000) }, of('append')),
    ratio(
      'of what the kernel allows (its row rate by 6)',
      0.65,
      speedRatio(of('append'), limit('row')),
    ),
    ratio('times plain objects with noble', 25, speedRatio(of('append'), of('naive'))),
    ratio('plain path by this', 0.55, speedRatio(of('plain'), of('append'))),
    rateFigure({ id, name: 'the same in memory never used before' }, of('fresh')),
    rateFigure({ id, name: 'steps, plain path' }, of('plain')),
    figureFrom(
      { id, name: 'plain path by what it allows', unit: 'ratio' },
      speedRatio(of('plain'), limit('plain row')),
    ),
    rateFigure({ id, name: 'steps, plain objects with noble' }, of('naive')),
    rateFigure({ id: 'T0 bulk', name: 'steps, in lists of 1,024' }, of('bulk')),
    {
      ...ratio('of the row limit', 0.95, speedRatio(of('bulk'), limit('row'))),
      id: 'T0 bulk',
      note: 'the goal by pipelining is 1.2',
    },
    rateFigure({ id, name: 'compressions in a row' }, of('row')),
    rateFigure({ id, name: 'compressions, four lanes' }, of('lanes')),
    rateFigure({ id, name: 'compressions, plain path' }, of('plain row')),
    knownFigure({ id, name: 'stored for each step', unit: 'bytes' }, RECORD_BYTES),
    knownFigure({ id, name: 'of which a certificate covers', unit: 'bytes' }, TRANSITION_BYTES),
    knownFigure(
      {
        id,
        name: 'that have to travel for each step',
        unit: 'bytes',
        note: 'the rest follows from it',
      },
      ENTRY_BYTES,
    ),
  ]
}
