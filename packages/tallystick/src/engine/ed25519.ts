/**
 * Ed25519 on the noble library, by the one rule that every engine follows:
 *
 * - the key is canonical, on the curve, in the prime-order group and not the identity;
 * - S < L, and R is not the identity;
 * - the signature is good iff the encoding of [S]B − [k]A is R, byte for byte, with k from the bytes as received.
 *
 * R is never decoded. The key lies in the prime-order group, so [S]B − [k]A does too, and its encoding is canonical:
 * an R of mixed order or in a second spelling cannot equal it. Cofactored and cofactorless verification agree here.
 */
import { ed25519 } from '@noble/curves/ed25519.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { bytesToNumberLE } from '@noble/curves/utils.js'
import { bytesFromHex, concatBytes, equalBytes } from '../base/bytes.ts'
import { rememberPerKey, type SchemeEngine } from './scheme-engine.ts'

/** Keys whose check is remembered. A check costs more than a verification. */
const KEYS_REMEMBERED = 512

type Point = ReturnType<typeof ed25519.Point.fromBytes>

export const createEd25519 = (): SchemeEngine => {
  const pointFrom = rememberPerKey(KEYS_REMEMBERED, ed25519PointFromKey)
  return {
    scheme: 'ed25519',
    acceptsKey: (publicKey) => pointFrom(publicKey) !== undefined,
    verify: (publicKey, message, signature) => {
      if (!isEd25519SignatureShape(signature)) return false
      const key = pointFrom(publicKey)
      return key !== undefined && verifyByRule(key, publicKey, message, signature)
    },
    publicKey: (seed) => ed25519.getPublicKey(seed),
    sign: (seed, message) => ed25519.sign(message, seed),
  }
}

/** The key as a point of the prime-order group, or undefined if it is not an acceptable key. */
export const ed25519PointFromKey = (publicKey: Uint8Array): Point | undefined => {
  try {
    const point = ed25519.Point.fromBytes(publicKey, false)
    return point.is0() || !point.isTorsionFree() ? undefined : point
  } catch {
    return undefined
  }
}

/** The part of the rule that needs no arithmetic on the curve: 64 bytes, S < L, R not the identity. */
export const isEd25519SignatureShape = (signature: Uint8Array): boolean =>
  signature.length === 64 && isBelowOrder(signature, 32) && !isIdentity(signature)

const verifyByRule = (
  key: Point,
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean => {
  const { BASE, Fn } = ed25519.Point
  const r = signature.subarray(0, 32)
  const s = bytesToNumberLE(signature.subarray(32))
  const k = Fn.create(bytesToNumberLE(sha512(concatBytes(r, publicKey, message))))
  const expected = BASE.multiplyUnsafe(s).subtract(key.multiplyUnsafe(k))
  return equalBytes(expected.toBytes(), r)
}

// The native engine runs both before every verification: no bigint, and no view, for which a short array would move.

/** Whether its first half is x = 0, y = 1. */
const isIdentity = (signature: Uint8Array): boolean => {
  for (let at = 31; at > 0; at--) if (signature[at] !== 0) return false
  return signature[0] === 1
}

/** Compares the scalar that starts at `start`, little-endian, from the top. */
const isBelowOrder = (bytes: Uint8Array, start: number): boolean => {
  for (let at = 31; at >= 0; at--) {
    const difference = (bytes[start + at] ?? 0) - (ORDER[at] ?? 0)
    if (difference !== 0) return difference < 0
  }
  return false
}

/** The group's order L, little-endian. */
const ORDER: Uint8Array = bytesFromHex(
  'edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010',
)
