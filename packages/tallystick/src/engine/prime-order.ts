/**
 * Whether an Ed25519 key lies in the prime-order group, by one operation of X25519, which a runtime does in native code, and
 * without a library of curves to load.
 *
 * Both curves are one, by u = (1 + y)/(1 − y). X25519 multiplies by a multiple of 8 from 2²⁵⁴ to 2²⁵⁵. Five times the prime order L,
 * less one, is such a number, and is −1 modulo L. A point A is A′ + T, with A′ in the prime-order group and T of order 1, 2, 4 or 8:
 * the operation gives u of −A′, which is u of A′. That is u of A iff A = ±A′, so iff T = 0 or 2A′ = −T, which of A′ = 0 alone is true;
 * then X25519 gives 0, and 0 is refused before. A y of no point gives a u of the twist, whose order is 4 times a prime q; the scalar
 * is neither 1 nor −1 modulo q, so such a u never comes back, nor does one of small order.
 *
 * Promise. The verdict of `ed25519PointFromKey` on every 32 bytes, if `x25519` is X25519 with this scalar. The sign bit decides
 * nothing: x = 0 for y = ±1 alone, which both refuse.
 */
import { equalBytes } from '../base/bytes.ts'

/** Little-endian; undefined where there is no result, or where it is 0. */
export type X25519 = (u: Uint8Array) => Uint8Array | undefined

export const isOfPrimeOrder = (publicKey: Uint8Array, x25519: X25519): boolean => {
  const y = numberFrom(publicKey) & MASK
  // A second spelling; the identity; the point of order 2, whose u is 0.
  if (y >= PRIME || y === 1n || y === PRIME - 1n) return false
  const u = bytesFrom(modulo((1n + y) * inverse(modulo(1n - y))))
  const back = x25519(u)
  return back !== undefined && equalBytes(back, u)
}

const PRIME = 2n ** 255n - 19n
const MASK = 2n ** 255n - 1n

const modulo = (value: bigint): bigint => {
  const rest = value % PRIME
  return rest < 0n ? rest + PRIME : rest
}

/** By Euclid: nothing here is secret. */
const inverse = (value: bigint): bigint => {
  let [high, low, before, factor] = [PRIME, value, 0n, 1n]
  while (low > 0n) {
    const quotient = high / low
    ;[high, low] = [low, high - quotient * low]
    ;[before, factor] = [factor, before - quotient * factor]
  }
  return modulo(before)
}

const numberFrom = (bytes: Uint8Array): bigint => {
  const words = new DataView(bytes.buffer, bytes.byteOffset, 32)
  let value = 0n
  for (let at = 24; at >= 0; at -= 8) value = (value << 64n) | words.getBigUint64(at, true)
  return value
}

const bytesFrom = (value: bigint): Uint8Array => {
  const words = new DataView(new ArrayBuffer(32))
  for (let at = 0; at < 4; at++) words.setBigUint64(8 * at, value >> BigInt(64 * at), true)
  return new Uint8Array(words.buffer)
}

/** 5L − 1. */
export const PRIME_ORDER_SCALAR: Uint8Array = bytesFrom(
  5n * (2n ** 252n + 27742317777372353535851937790883648493n) - 1n,
)
