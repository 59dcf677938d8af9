import { secp256k1 } from '@noble/curves/secp256k1.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { describe, expect, test } from 'vitest'
import { bytesFromHex, bytesFromUtf8, concatBytes, equalBytes } from '../../src/base/bytes.ts'
import { SIGNATURE_CONTEXT } from '../../src/base/verifier.ts'
import { createNativeEngine } from '../../src/engine/native.ts'
import { createPortableEngine } from '../../src/engine/portable.ts'
import { createKeyShift } from '../../src/engine/shifted-ecdsa.ts'
import { createStreams } from '../../src/sim/random.ts'
import { named, readVectorJson, vectorsAreMissing, type Wycheproof } from '../third-party.ts'

const portable = createPortableEngine()
const native = createNativeEngine()
const { Point } = secp256k1
const { Fn } = Point
const N = Fn.ORDER
const HASHED = sha256(bytesFromUtf8(SIGNATURE_CONTEXT))

const scalar = (value: bigint): Uint8Array => bytesFromHex(value.toString(16).padStart(64, '0'))
const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`)

/** What both engines say; fails where they differ. */
const bothSay = (key: Uint8Array, digest: Uint8Array, signature: Uint8Array): boolean => {
  const says = portable.verify('secp256k1-ecdsa', key, digest, signature)
  expect(native.verify('secp256k1-ecdsa', key, digest, signature)).toBe(says)
  return says
}

/** A signature with a nonce that is known, with low s. */
const signedWith = (d: bigint, k: bigint, digest: Uint8Array): Uint8Array => {
  const r = Fn.create(Point.BASE.multiply(k).toAffine().x)
  const s = Fn.mul(Fn.inv(k), Fn.add(Fn.create(numberOf(digest)), Fn.mul(r, d)))
  return concatBytes(scalar(r), scalar(s > N >> 1n ? N - s : s))
}

const keyOf = (d: bigint): Uint8Array => Point.BASE.multiply(d).toBytes(true)

type EcdsaFile = Wycheproof<
  { publicKey: { uncompressed: string } },
  { msg: string; sig: string; result: string }
>

describe.skipIf(vectorsAreMissing)(named('ECDSA by the runtime on third-party vectors'), () => {
  const cases = [
    ['wycheproof/ecdsa_secp256k1_sha256_bitcoin_test.json', 'der'],
    ['wycheproof/ecdsa_secp256k1_sha256_p1363_test.json', 'compact'],
  ] as const
  test.each(cases)('of %s gives the verdict of the portable code for each', (path, format) => {
    const file = readVectorJson<EcdsaFile>(path)
    let good = 0
    for (const { publicKey, tests } of file.testGroups) {
      const key = Point.fromBytes(bytesFromHex(publicKey.uncompressed)).toBytes(true)
      for (const { msg, sig } of tests) {
        const signature = compactFrom(sig, format)
        if (signature && bothSay(key, sha256(bytesFromHex(msg)), signature)) good += 1
      }
    }
    expect(good).toBeGreaterThan(90)
  })
})

const compactFrom = (hex: string, format: 'der' | 'compact'): Uint8Array | undefined => {
  if (format === 'compact') return bytesFromHex(hex)
  try {
    return secp256k1.Signature.fromBytes(bytesFromHex(hex), 'der').toBytes('compact')
  } catch {
    return undefined
  }
}

test('the runtime and the portable code agree on signatures, and on those changed in one place', () => {
  const random = createStreams(7)('ecdsa')
  const fresh = (): Uint8Array => Uint8Array.from({ length: 32 }, () => random.below(256))
  let good = 0
  for (let round = 0; round < 24; round += 1) {
    const secret = fresh()
    const digest = fresh()
    const { publicKey } = portable.fromSeed('secp256k1-ecdsa', secret)
    const signature = portable.sign('secp256k1-ecdsa', secret, digest)
    expect(bothSay(publicKey, digest, signature)).toBe(true)
    good += 1
    const at = random.below(64)
    const bit = 1 << random.below(8)
    const flip = (bytes: Uint8Array, place: number): Uint8Array =>
      bytes.map((byte, one) => (one === place ? byte ^ bit : byte))
    expect(bothSay(publicKey, digest, flip(signature, at))).toBe(false)
    expect(bothSay(publicKey, flip(digest, at % 32), signature)).toBe(false)
    expect(bothSay(flip(publicKey, at % 33), digest, signature)).toBe(false)
    const s = numberOf(signature.subarray(32))
    const twin = concatBytes(signature.subarray(0, 32), scalar(N - s))
    expect(bothSay(publicKey, digest, twin)).toBe(false)
  }
  expect(good).toBe(24)
})

test('they agree at the edges of r, s and the digest', () => {
  const key = keyOf(7n)
  const values = [0n, 1n, 2n, N >> 1n, (N >> 1n) + 1n, N - 1n, N, N + 1n, (1n << 256n) - 1n]
  for (const r of values) {
    for (const s of values) {
      for (const digest of [scalar(0n), scalar(N), HASHED]) {
        bothSay(key, digest, concatBytes(scalar(r), scalar(s)))
      }
    }
  }
  for (const digest of [0n, 1n, N - 1n, N, N + 1n, (1n << 256n) - 1n].map(scalar)) {
    expect(bothSay(key, digest, signedWith(7n, 99n, digest))).toBe(true)
  }
})

test('a digest that is the constant itself, where nothing is shifted, is checked as any other', () => {
  const signature = signedWith(5n, 1234n, HASHED)
  expect(bothSay(keyOf(5n), HASHED, signature)).toBe(true)
  expect(bothSay(keyOf(6n), HASHED, signature)).toBe(false)
})

test('a signature that brings the shifted key to infinity is decided by the portable code', () => {
  const shift = createKeyShift(HASHED)
  const [d, k] = [11n, 4242n]
  const r = Fn.create(Point.BASE.multiply(k).toAffine().x)
  const digest = scalar(Fn.sub(Fn.create(numberOf(HASHED)), Fn.mul(d, r)))
  const signature = signedWith(d, k, digest)
  expect(shift(keyOf(d), digest, signature)).toEqual({ is: 'none' })
  expect(bothSay(keyOf(d), digest, signature)).toBe(true)
  const other = signature.with(63, (signature[63] ?? 0) ^ 1)
  expect(shift(keyOf(d), digest, other)).toEqual({ is: 'none' })
  expect(bothSay(keyOf(d), digest, other)).toBe(false)
})

test('a signature out of range has no shifted key, and one in range has another for another r', () => {
  const shift = createKeyShift(HASHED)
  const digest = scalar(77n)
  const signature = signedWith(3n, 500n, digest)
  const shifted = shift(keyOf(3n), digest, signature)
  expect(shifted?.is).toBe('key')
  const s = numberOf(signature.subarray(32))
  expect(shift(keyOf(3n), digest, concatBytes(signature.subarray(0, 32), scalar(N - s)))).toBe(
    undefined,
  )
  const other = shift(keyOf(3n), digest, concatBytes(scalar(2n), signature.subarray(32)))
  if (shifted?.is !== 'key' || other?.is !== 'key') throw new Error('both have one')
  expect(equalBytes(shifted.point, other.point)).toBe(false)
  expect(() => shift(keyOf(3n).with(0, 5), digest, signature)).toThrow()
})
