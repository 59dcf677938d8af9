/** The check of Ed25519 keys by X25519 has the verdict of the portable one. */
import { ed25519 } from '@noble/curves/ed25519.js'
import { describe, expect, test } from 'vitest'
import { bytesFromHex } from '../../src/base/bytes.ts'
import { ed25519PointFromKey } from '../../src/engine/ed25519.ts'
import { nativeX25519 } from '../../src/engine/native.ts'
import { isOfPrimeOrder, PRIME_ORDER_SCALAR } from '../../src/engine/prime-order.ts'

const { Point } = ed25519
const x25519 = nativeX25519(PRIME_ORDER_SCALAR)
const PRIME = 2n ** 255n - 19n

const littleEndian = (value: bigint): Uint8Array =>
  Uint8Array.from({ length: 32 }, (_, at) => Number((value >> BigInt(8 * at)) & 255n))

const numberFrom = (bytes: Uint8Array): bigint =>
  bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n)

const withSign = (key: Uint8Array): Uint8Array => {
  const signed = Uint8Array.from(key)
  signed[31] = (signed[31] ?? 0) | 128
  return signed
}

/** Of order 8. */
const small = Point.fromBytes(
  bytesFromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'),
)

const verdicts = (key: Uint8Array): readonly boolean[] => [
  isOfPrimeOrder(key, x25519),
  ed25519PointFromKey(key) !== undefined,
]

describe('an Ed25519 key', () => {
  test('of the prime-order group is accepted, and by no other of the eight that differ by a small order', () => {
    for (let scalar = 1n; scalar < 40n; scalar++) {
      let point = Point.BASE.multiply(scalar ** 40n)
      for (let at = 0; at < 8; at++) {
        expect(verdicts(point.toBytes())).toEqual([at === 0, at === 0])
        point = point.add(small)
      }
      expect(point.equals(Point.BASE.multiply(scalar ** 40n))).toBe(true)
    }
  })

  test('of small order is refused, the identity too', () => {
    let point = small
    for (let at = 0; at < 8; at++) {
      expect(verdicts(point.toBytes())).toEqual([false, false])
      expect(verdicts(withSign(point.toBytes()))).toEqual([false, false])
      point = point.add(small)
    }
  })

  test('at the edges of y, in second spellings and with both signs has the verdict of the portable check', () => {
    const seen = new Set<boolean>()
    for (let distance = 0n; distance < 60n; distance++) {
      for (const y of [distance, PRIME + (distance % 19n), PRIME - 1n - distance]) {
        for (const key of [littleEndian(y), withSign(littleEndian(y))]) {
          const [quick, portable] = verdicts(key)
          expect(quick).toBe(portable)
          seen.add(quick === true)
        }
      }
    }
    // Some of them are keys, and some are no points.
    expect(seen.size).toBe(2)
  })

  test('is accepted in no spelling of 32 equal bytes that the portable check refuses', () => {
    for (let byte = 0; byte < 256; byte++) {
      const [quick, portable] = verdicts(new Uint8Array(32).fill(byte))
      expect(quick).toBe(portable)
    }
  })
})

test('the scalar is one of X25519, and neither 1 nor −1 on the twist', () => {
  const scalar = numberFrom(PRIME_ORDER_SCALAR)
  const order = Point.Fn.ORDER
  expect(scalar % 8n).toBe(0n)
  expect(scalar >= 2n ** 254n && scalar < 2n ** 255n).toBe(true)
  expect(scalar % order).toBe(order - 1n)
  const twist = (2n * PRIME + 2n - 8n * order) / 4n
  expect([1n, twist - 1n]).not.toContain(scalar % twist)
})

test('where X25519 gives nothing, no key is accepted', () => {
  expect(isOfPrimeOrder(Point.BASE.toBytes(), () => undefined)).toBe(false)
})
