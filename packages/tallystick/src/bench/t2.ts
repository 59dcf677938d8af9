/** T2: steps of a flat chain with one signature over the root of a batch of them, beside the same steps unsigned. */
import { defaultBlake3 } from '../base/blake3.ts'
import { type SchemeId, schemeRules } from '../base/suite.ts'
import { createNativeEngine } from '../engine/native.ts'
import { batchPath, batchRoot, pathInBatch } from '../kernel/chain-batch.ts'
import { type Chain, createChain } from '../kernel/chain.ts'
import { atLeast, type Figure, figureFrom, knownFigure, rateFigure } from './figure.ts'
import { type Case, interleave, type Rounds, speedRatio } from './harness.ts'
import { entryAt, sampleStart } from './sample.ts'
import { samplesOf } from './t0.ts'

const STEPS = 16_384

const GOALS: readonly (readonly [scheme: SchemeId, batch: number, goal: number])[] = [
  ['ed25519', 1024, 0.7],
  ['ml-dsa-44', 1024, 0.35],
  ['ed25519', 4096, 0.8],
  ['ml-dsa-44', 4096, 0.6],
]

const label = (scheme: SchemeId, batch: number): string => `${scheme}, batches of ${batch}`

const batchCase = (
  name: string,
  batch: number,
  sign: ((root: Uint8Array) => void) | undefined,
): Case => {
  const blake3 = defaultBlake3()
  let chain: Chain
  return {
    name,
    count: STEPS,
    setUp: () => {
      chain = createChain({ start: sampleStart, blake3, room: STEPS })
    },
    run: () => {
      for (let from = 0; from < STEPS; from += batch) {
        for (let at = from; at < from + batch; at++) chain.append(entryAt(at))
        sign?.(batchRoot('quantum', chain.ids(from + 1, from + batch), blake3))
      }
    },
  }
}

export const benchT2 = (rounds: Rounds): readonly Figure[] => {
  const engine = createNativeEngine()
  const cases = GOALS.map(([scheme, batch]) => {
    const { secret } = engine.fromSeed(scheme, SEED)
    return batchCase(label(scheme, batch), batch, (root) => {
      engine.sign(scheme, secret, root)
    })
  })
  const all = interleave([batchCase(UNSIGNED, 1024, undefined), ...cases], rounds)
  const unsigned = samplesOf(all, UNSIGNED)
  const id = 'T2'
  const signed = GOALS.flatMap(([scheme, batch, goal]) => {
    const name = label(scheme, batch)
    const nanos = samplesOf(all, name)
    return [
      rateFigure({ id, name: `steps, ${name}` }, nanos),
      figureFrom(
        { id, name: `${name}, of unsigned`, unit: 'ratio', goal: atLeast(goal) },
        speedRatio(nanos, unsigned),
      ),
    ]
  })
  const path = pathInBatch('quantum', new Uint8Array(32 * 1024), 0)
  const receipt = batchPath.encode(path).length
  return [
    rateFigure({ id, name: 'steps, unsigned' }, unsigned),
    ...signed,
    ...GOALS.slice(0, 2).map(([scheme]) =>
      knownFigure(
        {
          id,
          name: `certificate of one step in 1,024: path and ${scheme} signature`,
          unit: 'bytes',
        },
        receipt + schemeRules(scheme).signatureBytes,
      ),
    ),
  ]
}

const UNSIGNED = 'unsigned'
const SEED = new Uint8Array(32).fill(7)
