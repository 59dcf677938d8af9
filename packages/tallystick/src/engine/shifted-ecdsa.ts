/**
 * ECDSA over a digest of any hash, for a runtime that checks ECDSA fast but insists on hashing the message itself.
 *
 * A signature (r, s) on digest e under key Q is good when x(R) ≡ r (mod n) for R = (e/s)·G + (r/s)·Q. Take another digest e₀, the
 * runtime's hash of a constant, and the key Q′ = Q + c·G with c = (e − e₀)/r. Then (e₀/s)·G + (r/s)·Q′ is the same point R, so
 * the runtime's answer about (r, s), e₀ and Q′ is the answer about (r, s), e and Q, for each r and s that ECDSA admits.
 *
 * Promise. Gives undefined only where the signature is bad whatever the runtime says: r or s out of range, s above n/2. Raises
 * an error for a key that is no point. `none` is the one case that cannot be handed on: Q′ is the point at infinity, which has
 * no encoding. Whoever signed can bring it about, so the caller has to decide it by other code.
 */
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { rememberPerKey } from './scheme-engine.ts'

/** Keys whose points are remembered, and at most twice as many: to find one takes a square root. */
const POINTS_REMEMBERED = 512

export type ShiftedKey =
  /** Coordinates of Q′, 32 bytes each. */
  { readonly is: 'key'; readonly point: Uint8Array } | { readonly is: 'none' }

/** `hashed` is e₀. The other arguments have the lengths of the scheme. */
export const createKeyShift = (
  hashed: Uint8Array,
): ((
  publicKey: Uint8Array,
  digest: Uint8Array,
  signature: Uint8Array,
) => ShiftedKey | undefined) => {
  const { Point } = secp256k1
  const { BASE, Fn } = Point
  const halfOrder = Fn.ORDER >> 1n
  const constant = Fn.create(numberFrom(hashed))
  const pointFrom = rememberPerKey(POINTS_REMEMBERED, (key) => Point.fromBytes(key))
  return (publicKey, digest, signature) => {
    const r = numberFrom(signature.subarray(0, SCALAR_BYTES))
    const s = numberFrom(signature.subarray(SCALAR_BYTES))
    if (r === 0n || r >= Fn.ORDER || s === 0n || s > halfOrder) return undefined
    const point = pointFrom(publicKey)
    if (!point) return undefined
    const shift = Fn.mul(Fn.sub(Fn.create(numberFrom(digest)), constant), Fn.inv(r))
    // Nothing here is secret.
    const shifted = point.add(BASE.multiplyUnsafe(shift))
    if (shifted.is0()) return { is: 'none' }
    const { x, y } = shifted.toAffine()
    const bytes = new Uint8Array(2 * SCALAR_BYTES)
    writeNumber(bytes, 0, x)
    writeNumber(bytes, SCALAR_BYTES, y)
    return { is: 'key', point: bytes }
  }
}

const SCALAR_BYTES = 32

const numberFrom = (bytes: Uint8Array): bigint => {
  const words = new DataView(bytes.buffer, bytes.byteOffset, SCALAR_BYTES)
  return (
    (((words.getBigUint64(0) << 64n) | words.getBigUint64(8)) << 128n) |
    (words.getBigUint64(16) << 64n) |
    words.getBigUint64(24)
  )
}

const writeNumber = (bytes: Uint8Array, at: number, value: bigint): void => {
  const words = new DataView(bytes.buffer, bytes.byteOffset + at, SCALAR_BYTES)
  // A word takes the low 64 bits of what it is given.
  words.setBigUint64(0, value >> 192n)
  words.setBigUint64(8, value >> 128n)
  words.setBigUint64(16, value >> 64n)
  words.setBigUint64(24, value)
}
