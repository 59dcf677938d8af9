/** Files about a MOI network with one thing changed: none of them holds, and none of them crashes who checks it. */
import { describe, expect, test } from 'vitest'
import { faultFrom, isFault } from '../../../src/base/fault.ts'
import { historyOf } from '../../../src/dialects/moi/history.ts'
import {
  checkNetworkState,
  networkState,
  networkStateOf,
} from '../../../src/dialects/moi/network-state.ts'
import { balancePath } from '../../../src/dialects/moi/run/layout.ts'
import { eraseModel } from '../../../src/kernel/model.ts'
import { krama } from '../../../src/models/krama/certificate.ts'
import { kramaCertificate } from '../../../src/models/krama/seal.ts'
import { createStreams } from '../../../src/sim/random.ts'
import { EMPTY_BUNDLE, fileFromBundle } from '../../../src/verify/bundle.ts'
import { createModelRegistry } from '../../../src/verify/registry.ts'
import { verify } from '../../../src/verify/verify.ts'
import { createLatticeTown, LOGICS, verifier } from './lattice-town.ts'
import { bob, KMOI, toward, transferOf } from './run/town.ts'
import { sealAll } from './sealing.ts'

const of = createLatticeTown()
const done = of.send({ do: [transferOf(bob, 10n)], with: toward(bob) ?? [] })
const all = [...of.begun, done]
const certificates = sealAll(all)
const random = createStreams(20_261_129)('mutants')

const mutantOf = (bytes: Uint8Array): Uint8Array => {
  const mutant = bytes.slice()
  const at = random.below(mutant.length)
  mutant[at] = (mutant[at] ?? 0) ^ (1 << random.below(8))
  return random.chance(5) ? mutant.subarray(0, at) : mutant
}

describe('a file with one bit changed, or cut off,', () => {
  test('is no history that holds', () => {
    const history = historyOf(
      of.network,
      all.map(({ interaction, tesseract }, at) => ({
        interaction,
        seen: tesseract.seen,
        steps: tesseract.steps.map(({ account, transition }, leg) => ({
          account,
          transition,
          certificate: kramaCertificate.encode(certificates(at, leg)),
        })),
      })),
    )
    const file = fileFromBundle({ ...EMPTY_BUNDLE, ...history })
    const options = {
      models: createModelRegistry(eraseModel(krama)),
      logics: LOGICS,
      verifier,
    }
    expect(verify(file, options).outcome).toBe('valid')
    const outcomes = Array.from({ length: 400 }, () => verify(mutantOf(file), options).outcome)
    expect(outcomes.filter((one) => one === 'valid')).toEqual([])
  })

  test('is no Network-State that holds', () => {
    const step = done.tesseract.steps[1]
    if (!step) throw new Error('bob has moved')
    const bytes = networkState.encode(
      networkStateOf({
        network: of.network,
        account: bob.id,
        machine: step.head.machine,
        certificate: certificates(1, 1),
        paths: [balancePath(KMOI, 0n)],
      }),
    )
    const check = (some: Uint8Array) =>
      faultFrom(() => checkNetworkState(networkState.decode(some), verifier))
    expect(isFault(check(bytes))).toBe(false)
    const held = Array.from({ length: 1000 }, () => check(mutantOf(bytes))).filter(
      (one) => !isFault(one),
    )
    expect(held).toEqual([])
  })
})
