/** What the tests of both engines share. */
import type { SchemeId } from '../../src/base/suite.ts'
import type { Engine, KeyPair } from '../../src/base/verifier.ts'
import { createNativeEngine } from '../../src/engine/native.ts'
import { createPortableEngine } from '../../src/engine/portable.ts'

export const engines: readonly Engine[] = [createPortableEngine(), createNativeEngine()]

/** The schemes that sign in milliseconds; SLH-DSA has tests of its own. */
export const QUICK_SCHEMES: readonly SchemeId[] = [
  'ed25519',
  'ml-dsa-44',
  'bip340',
  'secp256k1-ecdsa',
]

export const pairOf = (engine: Engine, scheme: SchemeId, filler = 0x11): KeyPair =>
  engine.fromSeed(scheme, new Uint8Array(32).fill(filler))

export const flipped = (bytes: Uint8Array, bit: number): Uint8Array => {
  const at = (bit >> 3) % bytes.length
  return bytes.with(at, (bytes[at] ?? 0) ^ (1 << (bit & 7)))
}
