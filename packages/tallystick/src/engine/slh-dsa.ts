/**
 * SLH-DSA-SHA2-128s (FIPS 205) on the noble library: pure, with `SIGNATURE_CONTEXT` bound in. Every string of 32 bytes
 * is a public key. Verifying takes milliseconds; signing takes seconds here and about one second natively, which is
 * why these keys sign rotations and device lists only.
 */
import { slh_dsa_sha2_128s } from '@noble/post-quantum/slh-dsa.js'
import { bytesFromUtf8, concatBytes } from '../base/bytes.ts'
import { hash } from '../base/hash.ts'
import { TAGS } from '../base/tags.ts'
import { SIGNATURE_CONTEXT } from '../base/verifier.ts'
import { rememberPerSecret, type SchemeEngine } from './scheme-engine.ts'

export const createSlhDsa128s = (context: Uint8Array = CONTEXT): SchemeEngine => {
  const keys = rememberPerSecret(slhDsaKeysFromSeed)
  return {
    scheme: 'slh-dsa-sha2-128s',
    acceptsKey: () => true,
    verify: (publicKey, message, signature) =>
      slh_dsa_sha2_128s.verify(signature, message, publicKey, { context }),
    publicKey: (seed) => keys(seed).publicKey.slice(),
    sign: (seed, message, random) =>
      slh_dsa_sha2_128s.sign(message, keys(seed).secretKey, {
        context,
        extraEntropy: random === undefined ? false : random(16),
      }),
  }
}

/** The standard's key generation from SK.seed ‖ SK.prf ‖ PK.seed, to which our 32-byte seed is stretched. */
export const slhDsaKeysFromSeed = (
  seed: Uint8Array,
): { readonly publicKey: Uint8Array; readonly secretKey: Uint8Array } =>
  slh_dsa_sha2_128s.keygen(
    concatBytes(
      hash('sha256', TAGS.slhSeed, concatBytes(seed, Uint8Array.of(0))),
      hash('sha256', TAGS.slhSeed, concatBytes(seed, Uint8Array.of(1))).subarray(0, 16),
    ),
  )

const CONTEXT: Uint8Array = bytesFromUtf8(SIGNATURE_CONTEXT)
