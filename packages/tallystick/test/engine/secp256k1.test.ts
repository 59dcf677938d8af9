import { schnorr, secp256k1 } from '@noble/curves/secp256k1.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { describe, expect, test } from 'vitest'
import { bytesFromHex, bytesFromUtf8, concatBytes } from '../../src/base/bytes.ts'
import { createEngine } from '../../src/engine/scheme-engine.ts'
import { createBip340, createEcdsa } from '../../src/engine/secp256k1.ts'
import {
  named,
  readVectorJson,
  readVectorText,
  vectorsAreMissing,
  type Wycheproof,
} from '../third-party.ts'

const engine = createEngine('secp256k1', [createBip340(), createEcdsa()])

type EcdsaFile = Wycheproof<
  { publicKey: { uncompressed: string } },
  { msg: string; sig: string; flags: readonly string[] }
>

const compressed = (hex: string): Uint8Array =>
  secp256k1.Point.fromBytes(bytesFromHex(hex)).toBytes(true)

/** The scheme has one signature format; the vectors of this set use DER, which the library reads strictly. */
const compactFromDer = (hex: string): Uint8Array | undefined => {
  try {
    return secp256k1.Signature.fromBytes(bytesFromHex(hex), 'der').toBytes('compact')
  } catch {
    return undefined
  }
}

describe.skipIf(vectorsAreMissing)(named('ECDSA on third-party vectors'), () => {
  test('agrees with all 463 verdicts of the Wycheproof set with low S', () => {
    const file = readVectorJson<EcdsaFile>('wycheproof/ecdsa_secp256k1_sha256_bitcoin_test.json')
    expect(file.numberOfTests).toBe(463)
    const wrong = file.testGroups.flatMap((group) =>
      group.tests
        .filter((entry) => {
          const signature = compactFromDer(entry.sig)
          const verdict =
            signature !== undefined &&
            engine.verify(
              'secp256k1-ecdsa',
              compressed(group.publicKey.uncompressed),
              sha256(bytesFromHex(entry.msg)),
              signature,
            )
          return verdict !== (entry.result === 'valid')
        })
        .map((entry) => entry.tcId),
    )
    expect(wrong).toEqual([])
  })

  test('agrees with the 252 verdicts of the 64-byte set but for a high S, which it refuses', () => {
    const file = readVectorJson<EcdsaFile>('wycheproof/ecdsa_secp256k1_sha256_p1363_test.json')
    expect(file.numberOfTests).toBe(252)
    let highS = 0
    const wrong = file.testGroups.flatMap((group) =>
      group.tests
        .filter((entry) => {
          const signature = bytesFromHex(entry.sig)
          const valid = entry.result === 'valid'
          const high = valid && secp256k1.Signature.fromBytes(signature).hasHighS()
          if (high) highS++
          const verdict = engine.verify(
            'secp256k1-ecdsa',
            compressed(group.publicKey.uncompressed),
            sha256(bytesFromHex(entry.msg)),
            signature,
          )
          return verdict !== (valid && !high)
        })
        .map((entry) => entry.tcId),
    )
    expect(wrong).toEqual([])
    expect(highS).toBeGreaterThan(0)
  })
})

describe.skipIf(vectorsAreMissing)(named('BIP-340 on its own vectors'), () => {
  const rows = vectorsAreMissing
    ? []
    : readVectorText('bip340/test-vectors.csv')
        .trim()
        .split(/\r?\n/)
        .slice(1)
        .map((line) => line.split(',').map((cell) => cell.toLowerCase()))

  test('agrees with every verdict on a 32-byte message and refuses other lengths', () => {
    expect(rows).toHaveLength(19)
    for (const row of rows) {
      const [index, , key = '', , message = '', signature = '', result] = row
      const verdict = engine.verify(
        'bip340',
        bytesFromHex(key),
        bytesFromHex(message),
        bytesFromHex(signature),
      )
      expect([index, verdict]).toEqual([index, result === 'true' && message.length === 64])
    }
  })

  test('makes the key and the signature of each row with a secret and no randomness', () => {
    let compared = 0
    for (const row of rows) {
      const [, secret = '', key = '', aux = '', message = '', signature = ''] = row
      if (secret === '' || message.length !== 64) continue
      expect(engine.fromSeed('bip340', bytesFromHex(secret)).publicKey).toEqual(bytesFromHex(key))
      const made = createBip340().sign(bytesFromHex(secret), bytesFromHex(message), () =>
        bytesFromHex(aux),
      )
      expect(made).toEqual(bytesFromHex(signature))
      compared++
    }
    expect(compared).toBe(4)
  })
})

const seed = new Uint8Array(32).fill(0x21)
const digest = sha256(bytesFromUtf8('message'))
const ORDER = secp256k1.Point.Fn.ORDER
const bytesFromScalar = (value: bigint): Uint8Array =>
  bytesFromHex(value.toString(16).padStart(64, '0'))

describe('ECDSA', () => {
  const { publicKey, secret } = engine.fromSeed('secp256k1-ecdsa', seed)
  const signature = engine.sign('secp256k1-ecdsa', secret, digest)

  test('refuses the second spelling (r, n − s) of a good signature', () => {
    expect(engine.verify('secp256k1-ecdsa', publicKey, digest, signature)).toBe(true)
    const { r, s } = secp256k1.Signature.fromBytes(signature)
    const twin = concatBytes(bytesFromScalar(r), bytesFromScalar(ORDER - s))
    expect(secp256k1.verify(twin, digest, publicKey, { prehash: false, lowS: false })).toBe(true)
    expect(engine.verify('secp256k1-ecdsa', publicKey, digest, twin)).toBe(false)
  })

  test('signs the digest as it is and hashes nothing', () => {
    expect(secp256k1.verify(signature, digest, publicKey, { prehash: false })).toBe(true)
    expect(secp256k1.verify(signature, digest, publicKey, { prehash: true })).toBe(false)
  })

  test('refuses zero and the order for r and for s', () => {
    const { r, s } = secp256k1.Signature.fromBytes(signature)
    for (const [badR, badS] of [
      [0n, s],
      [r, 0n],
      [ORDER, s],
      [r, ORDER],
      [0n, 0n],
    ] as const) {
      const bad = concatBytes(bytesFromScalar(badR), bytesFromScalar(badS))
      expect(engine.verify('secp256k1-ecdsa', publicKey, digest, bad)).toBe(false)
    }
  })

  test('refuses keys off the curve, with another prefix, or as the point at infinity', () => {
    expect(engine.acceptsKey('secp256k1-ecdsa', publicKey)).toBe(true)
    const offCurve = concatBytes(Uint8Array.of(2), bytesFromScalar(5n))
    for (const prefix of [0, 1, 4, 5, 6, 7]) {
      expect(engine.acceptsKey('secp256k1-ecdsa', publicKey.with(0, prefix))).toBe(false)
    }
    expect(engine.acceptsKey('secp256k1-ecdsa', offCurve)).toBe(false)
    expect(engine.acceptsKey('secp256k1-ecdsa', new Uint8Array(33))).toBe(false)
  })
})

describe('BIP-340', () => {
  const { publicKey, secret } = engine.fromSeed('bip340', seed)

  test('refuses keys off the curve and not below the field prime', () => {
    expect(engine.acceptsKey('bip340', publicKey)).toBe(true)
    expect(engine.acceptsKey('bip340', bytesFromScalar(5n))).toBe(false)
    expect(engine.acceptsKey('bip340', new Uint8Array(32))).toBe(false)
    expect(engine.acceptsKey('bip340', new Uint8Array(32).fill(255))).toBe(false)
  })

  test('refuses a zero s, which the written rule would leave to the library', () => {
    const signature = engine.sign('bip340', secret, digest)
    expect(engine.verify('bip340', publicKey, digest, signature)).toBe(true)
    expect(
      engine.verify(
        'bip340',
        publicKey,
        digest,
        concatBytes(signature.subarray(0, 32), new Uint8Array(32)),
      ),
    ).toBe(false)
  })

  test('is the library function for every good signature', () => {
    const signature = engine.sign('bip340', secret, digest)
    expect(schnorr.verify(signature, digest, publicKey)).toBe(true)
  })
})

test('a seed that is no scalar is refused, not reduced', () => {
  for (const bad of [0n, ORDER, ORDER + 1n, 2n ** 256n - 1n]) {
    for (const scheme of ['bip340', 'secp256k1-ecdsa'] as const) {
      expect(() => engine.fromSeed(scheme, bytesFromScalar(bad))).toThrow(/order of secp256k1/)
      expect(() => engine.sign(scheme, bytesFromScalar(bad), digest)).toThrow(/order of secp256k1/)
    }
  }
  expect(engine.fromSeed('bip340', bytesFromScalar(ORDER - 1n)).publicKey).toHaveLength(32)
})

/** Ten thousand in slow runs: each is two signatures. */
const NONCES = process.env['TALLYSTICK_SLOW'] === '1' ? 10_000 : 100

test('nonces differ for every message, and for one message under fresh randomness', () => {
  let count = 0
  const counting = (size: number): Uint8Array => {
    count++
    return Uint8Array.from({ length: size }, (_, at) => (count >> (8 * (at % 4))) & 255)
  }
  const hedged = createEngine('hedged', [createBip340(), createEcdsa()], counting)
  for (const scheme of ['bip340', 'secp256k1-ecdsa'] as const) {
    const seen = new Set<string>()
    for (let at = 0; at < NONCES; at++) {
      const message = sha256(Uint8Array.of(at & 255, at >> 8))
      seen.add(engine.sign(scheme, seed, message).subarray(0, 32).join())
      seen.add(hedged.sign(scheme, seed, digest).subarray(0, 32).join())
    }
    expect(seen.size).toBe(2 * NONCES)
    const again = engine.sign(scheme, seed, digest)
    expect(again).toEqual(engine.sign(scheme, seed, digest))
    expect(again).toEqual(hedged.sign(scheme, seed, digest, { deterministic: true }))
  }
})
