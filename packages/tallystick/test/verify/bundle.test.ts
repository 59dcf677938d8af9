import { describe, expect, test } from 'vitest'
import { idFromHex, zeroId } from '../../src/base/brand.ts'
import { isFault } from '../../src/base/fault.ts'
import { BUNDLE_STEPS_MAX } from '../../src/base/limits.ts'
import type { Transition } from '../../src/kernel/transition.ts'
import {
  type Bundle,
  bundleFromFile,
  type BundleStep,
  bundleStep,
  EMPTY_BUNDLE,
  fileFromBundle,
  headersOf,
  partsFromFile,
} from '../../src/verify/bundle.ts'
import { fileFromBody } from '../../src/verify/file.ts'

const header = (sequence: bigint): Transition => ({
  machine: idFromHex('11'.repeat(32)),
  interaction: idFromHex('22'.repeat(32)),
  state: idFromHex('33'.repeat(32)),
  entropy: idFromHex('44'.repeat(32)),
  sequence,
  parent: zeroId(),
})

const step: BundleStep = {
  legs: [
    {
      is: 'written',
      transition: header(1n),
      proposal: [{ key: 0, signature: Uint8Array.of(5) }],
      certificate: Uint8Array.of(6, 7),
      accepted: new Uint8Array(0),
    },
    { is: 'read', at: idFromHex('55'.repeat(32)) },
    {
      is: 'written',
      transition: header(9n),
      proposal: [],
      certificate: new Uint8Array(0),
      accepted: new Uint8Array(0),
    },
  ],
  interaction: {
    suite: 'classic',
    legs: [{ machine: idFromHex('11'.repeat(32)), access: 'write', parent: undefined }],
    operations: [],
    premises: [],
  },
  consents: [],
}

const bundle: Bundle = { ...EMPTY_BUNDLE, steps: [step, step], chains: [Uint8Array.of(1)] }

const faultOf = (run: () => unknown): { code: string; part: string | undefined } => {
  try {
    run()
  } catch (error) {
    if (isFault(error)) return { code: error.code, part: error.place.part }
    throw error
  }
  return { code: 'no fault', part: undefined }
}

describe('bundles', () => {
  test('come back as they were', () => {
    const file = fileFromBundle(bundle)
    expect(bundleFromFile(file)).toEqual(bundle)
    expect(fileFromBundle(bundleFromFile(file))).toEqual(file)
  })

  test('are refused when cut anywhere or extended by a byte', () => {
    const file = fileFromBundle(bundle)
    for (let size = 0; size < file.length; size++) {
      expect(faultOf(() => bundleFromFile(file.subarray(0, size))).code).not.toBe('no fault')
    }
    const extended = new Uint8Array(file.length + 1)
    extended.set(file)
    expect(faultOf(() => bundleFromFile(extended)).code).toBe('codec/extended')
  })

  test('name the part that does not decode', () => {
    const file = fileFromBundle(bundle)
    const second = bundleStep.encode(step).length
    // The last byte of the second step is the count of its consents.
    const damaged = file.slice()
    const at = file.length - 17 - 1
    expect(second).toBeGreaterThan(17)
    damaged[at] = 1
    expect(faultOf(() => bundleFromFile(damaged))).toEqual({
      code: 'codec/too-long',
      part: 'step 2 of the file',
    })
  })

  test('refuse more parts than are allowed before they read the first of them', () => {
    const body = new Uint8Array(8)
    new DataView(body.buffer).setUint32(4, BUNDLE_STEPS_MAX + 1, true)
    expect(faultOf(() => partsFromFile(fileFromBody('bundle', body))).code).toBe('codec/too-long')
    new DataView(body.buffer).setUint32(4, BUNDLE_STEPS_MAX, true)
    expect(faultOf(() => partsFromFile(fileFromBody('bundle', body))).code).toBe('codec/truncated')
  })

  test('give the headers of a damaged step up to the damage', () => {
    const whole = bundleStep.encode(step)
    expect(headersOf(whole)).toEqual([header(1n), header(9n)])
    expect(headersOf(whole.subarray(0, 4 + 1 + 168))).toEqual([header(1n)])
    expect(headersOf(whole.subarray(0, 4 + 1 + 167))).toEqual([])
  })
})
