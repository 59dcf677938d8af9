/**
 * ML-DSA-44 (FIPS 204) on the noble library: pure, not pre-hashed, with `SIGNATURE_CONTEXT` bound in. Every string of
 * 1,312 bytes is a public key. The secret is the 32-byte ξ of the standard's key generation.
 */
import { ml_dsa44 } from '@noble/post-quantum/ml-dsa.js'
import { bytesFromUtf8 } from '../base/bytes.ts'
import { SIGNATURE_CONTEXT } from '../base/verifier.ts'
import { rememberPerSecret, type SchemeEngine } from './scheme-engine.ts'

export const createMlDsa44 = (context: Uint8Array = CONTEXT): SchemeEngine => {
  const keys = rememberPerSecret((seed) => ml_dsa44.keygen(seed))
  return {
    scheme: 'ml-dsa-44',
    acceptsKey: () => true,
    verify: (publicKey, message, signature) =>
      ml_dsa44.verify(signature, message, publicKey, { context }),
    publicKey: (seed) => keys(seed).publicKey.slice(),
    sign: (seed, message, random) =>
      ml_dsa44.sign(message, keys(seed).secretKey, {
        context,
        extraEntropy: random === undefined ? false : random(32),
      }),
  }
}

const CONTEXT: Uint8Array = bytesFromUtf8(SIGNATURE_CONTEXT)
