/**
 * The two secp256k1 schemes on the noble library. Both take a 32-byte digest and hash nothing themselves.
 *
 * - `bip340`: x-only keys. The rules of BIP-340, and s ≠ 0.
 * - `secp256k1-ecdsa`: 33-byte compressed keys, 64-byte r ‖ s with 0 < r, s < n and s ≤ n/2. A high s is refused: it
 *   would give every signature a second spelling. Nonces are those of RFC 6979, with fresh
 *   bytes mixed in where there is a generator.
 */
import { schnorr, secp256k1 } from '@noble/curves/secp256k1.js'
import { Fault } from '../base/fault.ts'
import type { SchemeEngine } from './scheme-engine.ts'

export const createBip340 = (): SchemeEngine => ({
  scheme: 'bip340',
  acceptsKey: (publicKey) => {
    schnorr.utils.lift_x(numberFrom(publicKey))
    return true
  },
  verify: (publicKey, message, signature) =>
    // BIP-340 itself lets s be zero and libraries differ on it; nobody can reach it honestly.
    signature.subarray(32).some((byte) => byte !== 0) &&
    schnorr.verify(signature, message, publicKey),
  publicKey: (seed) => schnorr.getPublicKey(checkedScalar(seed)),
  sign: (seed, message, random) =>
    schnorr.sign(message, checkedScalar(seed), random === undefined ? NO_AUX : random(32)),
})

export const createEcdsa = (): SchemeEngine => ({
  scheme: 'secp256k1-ecdsa',
  acceptsKey: (publicKey) => secp256k1.utils.isValidPublicKey(publicKey, true),
  verify: (publicKey, message, signature) =>
    secp256k1.verify(signature, message, publicKey, {
      prehash: false,
      lowS: true,
      format: 'compact',
    }),
  publicKey: (seed) => secp256k1.getPublicKey(checkedScalar(seed), true),
  sign: (seed, message, random) =>
    secp256k1.sign(message, checkedScalar(seed), {
      prehash: false,
      lowS: true,
      format: 'compact',
      extraEntropy: random === undefined ? false : random(32),
    }),
})

const NO_AUX: Uint8Array = new Uint8Array(32)

const numberFrom = (bytes: Uint8Array): bigint => {
  let value = 0n
  for (const byte of bytes) value = (value << 8n) | BigInt(byte)
  return value
}

/** The seed is the scalar itself. One in 2^128 seeds is none; it is refused, not changed. */
const checkedScalar = (seed: Uint8Array): Uint8Array => {
  if (!secp256k1.utils.isValidSecretKey(seed)) {
    throw new Fault('key/unusable', 'this seed is zero or not below the order of secp256k1')
  }
  return seed
}
