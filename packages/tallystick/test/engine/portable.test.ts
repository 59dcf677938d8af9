import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SCHEME_IDS, schemeRules } from '../../src/base/suite.ts'
import { createPortableEngine } from '../../src/engine/portable.ts'
import { engines, flipped, pairOf, QUICK_SCHEMES } from './engines.ts'

const digest = new Uint8Array(32).fill(0x5a)

describe('both engines', () => {
  test('know the five schemes', () => {
    for (const engine of engines) expect([...engine.schemes].sort()).toEqual([...SCHEME_IDS].sort())
  })

  test('each signs and each verifies, with sizes as the scheme says', () => {
    for (const scheme of QUICK_SCHEMES) {
      for (const signer of engines) {
        const { publicKey, secret } = pairOf(signer, scheme)
        expect(publicKey).toHaveLength(schemeRules(scheme).publicKeyBytes)
        for (const deterministic of [true, false]) {
          const signature = signer.sign(scheme, secret, digest, { deterministic })
          expect(signature).toHaveLength(schemeRules(scheme).signatureBytes)
          for (const judge of engines) {
            expect(judge.acceptsKey(scheme, publicKey)).toBe(true)
            expect(judge.verify(scheme, publicKey, digest, signature)).toBe(true)
          }
        }
      }
    }
  })

  test('make the same key of a seed, and the same signature when asked for a deterministic one', () => {
    const [portable, native] = engines
    if (portable === undefined || native === undefined) throw new Error('two engines')
    for (const scheme of QUICK_SCHEMES) {
      const pair = pairOf(portable, scheme)
      expect(pairOf(native, scheme)).toEqual(pair)
      const sign = (engine: typeof portable): Uint8Array =>
        engine.sign(scheme, pair.secret, digest, { deterministic: true })
      expect(sign(native)).toEqual(sign(portable))
    }
  })

  test('give the same verdict, no, to every signature, message or key with one bit changed', () => {
    const cases = QUICK_SCHEMES.flatMap((scheme) =>
      engines.slice(0, 1).map((engine) => {
        const { publicKey, secret } = pairOf(engine, scheme)
        const signature = engine.sign(scheme, secret, digest, { deterministic: true })
        return { scheme, publicKey, signature }
      }),
    )
    fc.assert(
      fc.property(
        fc.constantFrom(...cases),
        fc.constantFrom('publicKey' as const, 'message' as const, 'signature' as const),
        fc.nat(20_000),
        (entry, part, bit) => {
          const { scheme, publicKey, signature } = entry
          const parts = { publicKey, message: digest, signature }
          const changed = { ...parts, [part]: flipped(parts[part], bit) }
          for (const engine of engines) {
            expect(
              engine.verify(scheme, changed.publicKey, changed.message, changed.signature),
            ).toBe(false)
          }
        },
      ),
      { numRuns: 250 },
    )
  })

  test('never throw and never accept random bytes of any length', () => {
    fc.assert(
      fc.property(
        fc.record({
          scheme: fc.constantFrom(...SCHEME_IDS),
          key: fc.uint8Array({ maxLength: 40 }),
          message: fc.uint8Array({ maxLength: 40 }),
          noise: fc.uint8Array({ maxLength: 80 }),
          fitted: fc.boolean(),
        }),
        ({ scheme, key, message, noise, fitted }) => {
          const rules = schemeRules(scheme)
          const fit = (bytes: Uint8Array, size: number | undefined): Uint8Array => {
            if (!fitted || size === undefined) return bytes
            return Uint8Array.from(
              { length: size },
              (_, at) => bytes[at % (bytes.length || 1)] ?? 0,
            )
          }
          for (const engine of engines) {
            expect(
              engine.verify(
                scheme,
                fit(key, rules.publicKeyBytes),
                fit(message, rules.messageBytes),
                fit(noise, rules.signatureBytes),
              ),
            ).toBe(false)
            expect(typeof engine.acceptsKey(scheme, fit(key, rules.publicKeyBytes))).toBe('boolean')
          }
        },
      ),
      { numRuns: 300 },
    )
  })

  test('give the same verdict on random key bytes', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...SCHEME_IDS),
        fc.uint8Array({ minLength: 33, maxLength: 33 }),
        (scheme, bytes) => {
          const size = schemeRules(scheme).publicKeyBytes
          const key = Uint8Array.from({ length: size }, (_, at) => bytes[at % 33] ?? 0)
          const [first, ...rest] = engines.map((engine) => engine.acceptsKey(scheme, key))
          for (const other of rest) expect(other).toBe(first)
        },
      ),
      { numRuns: 200 },
    )
  })

  test('refuse a key and its signature under every other scheme', () => {
    for (const engine of engines) {
      for (const scheme of QUICK_SCHEMES) {
        const { publicKey, secret } = pairOf(engine, scheme)
        const signature = engine.sign(scheme, secret, digest, { deterministic: true })
        for (const other of SCHEME_IDS) {
          expect(engine.verify(other, publicKey, digest, signature)).toBe(other === scheme)
        }
      }
    }
  })

  test('sign with the secret alone: the signature is good for its own key and for no other', () => {
    for (const engine of engines) {
      for (const scheme of QUICK_SCHEMES) {
        const mine = pairOf(engine, scheme, 0x11)
        const other = pairOf(engine, scheme, 0x22)
        const signature = engine.sign(scheme, mine.secret, digest)
        expect(engine.verify(scheme, mine.publicKey, digest, signature)).toBe(true)
        expect(engine.verify(scheme, other.publicKey, digest, signature)).toBe(false)
      }
    }
  })

  test("leave the caller's arrays as they were", () => {
    for (const engine of engines) {
      for (const scheme of QUICK_SCHEMES) {
        const { publicKey, secret } = pairOf(engine, scheme)
        const message = digest.slice()
        const signature = engine.sign(scheme, secret, message)
        const before = [publicKey, secret, message, signature].map((bytes) => bytes.slice())
        engine.verify(scheme, publicKey, message, signature)
        engine.sign(scheme, secret, message)
        expect([publicKey, secret, message, signature]).toEqual(before)
      }
    }
  })
})

test('without a generator the portable engine signs the same way every time', () => {
  const engine = createPortableEngine()
  for (const scheme of QUICK_SCHEMES) {
    const { secret } = pairOf(engine, scheme)
    expect(engine.sign(scheme, secret, digest)).toEqual(engine.sign(scheme, secret, digest))
  }
})
