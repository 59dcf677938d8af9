import { describe, expect, test } from 'vitest'
import { SCHEME_IDS } from '../../src/base/suite.ts'
import { createKeyPreparation, createNativeEngine, nativeSchemes } from '../../src/engine/native.ts'
import { createPortableEngine } from '../../src/engine/portable.ts'
import { createStreams } from '../../src/sim/random.ts'
import { named, vectorsAreMissing } from '../third-party.ts'
import { pairOf } from './engines.ts'
import { type Case, cctvCases, craftedCases, craftedOver, wycheproofEd25519 } from './verdicts.ts'

const major = Number(process.versions.node.split('.')[0])

test.skipIf(major < 24)('Node 24 and later do three schemes themselves', () => {
  expect(nativeSchemes()).toEqual(['ed25519', 'ml-dsa-44', 'slh-dsa-sha2-128s'])
})

test('signatures are hedged where the scheme can be: two of one message differ, and both are good', () => {
  const engine = createNativeEngine()
  const message = new Uint8Array(32).fill(1)
  for (const scheme of ['ml-dsa-44', 'bip340', 'secp256k1-ecdsa'] as const) {
    const { publicKey, secret } = pairOf(engine, scheme)
    const [one, two] = [engine.sign(scheme, secret, message), engine.sign(scheme, secret, message)]
    expect(one).not.toEqual(two)
    expect(engine.verify(scheme, publicKey, message, one)).toBe(true)
    expect(engine.verify(scheme, publicKey, message, two)).toBe(true)
  }
})

test('what it returns is plain bytes, not a Buffer over a shared pool', () => {
  const engine = createNativeEngine()
  for (const scheme of ['ed25519', 'ml-dsa-44'] as const) {
    const { publicKey, secret } = pairOf(engine, scheme)
    const signature = engine.sign(scheme, secret, new Uint8Array(32))
    for (const bytes of [publicKey, secret, signature]) {
      expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype)
      expect(bytes.buffer.byteLength).toBe(bytes.length)
    }
  }
})

test('Ed25519 of digests and of what is shorter or longer leaves its arrays where they are', () => {
  const engine = createNativeEngine()
  const portable = createPortableEngine()
  const { publicKey, secret } = pairOf(engine, 'ed25519')
  for (const size of [0, 31, 32, 33, 64, 1000]) {
    const message = new Uint8Array(size).fill(size)
    const signature = engine.sign('ed25519', secret, message)
    expect(portable.verify('ed25519', publicKey, message, signature)).toBe(true)
    expect(engine.verify('ed25519', publicKey, message, signature)).toBe(true)
    expect(message).toEqual(new Uint8Array(size).fill(size))
  }
  const good = engine.sign('ed25519', secret, new Uint8Array(32))
  const asked = Array.from({ length: 500 }, (_, at) => [new Uint8Array(32).fill(at), good.slice()])
  const before = process.memoryUsage().arrayBuffers
  for (const [digest = good, signature = good] of asked)
    engine.verify('ed25519', publicKey, digest, signature)
  // The runtime would have moved each of them into a buffer of its own.
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(500 * 32)
})

describe('a prepared key', () => {
  const engine = createNativeEngine()
  const prepare = createKeyPreparation(engine)
  const prepared = async (one: Case): Promise<boolean> =>
    (await prepare('ed25519', one.publicKey)?.verify(one.message, one.signature)) ?? false

  test.each(SCHEME_IDS)(
    'of %s says what the engine says, of a good signature and of bad ones',
    async (scheme) => {
      const { publicKey, secret } = pairOf(engine, scheme)
      const key = prepare(scheme, publicKey)
      const message = new Uint8Array(32).fill(7)
      const good = engine.sign(scheme, secret, message)
      const flipped = good.map((byte, at) => (at === 5 ? byte ^ 1 : byte))
      const asked = [
        [message, good],
        [message, flipped],
        [new Uint8Array(32), good],
        [message, good.subarray(1)],
        [message, new Uint8Array(0)],
        [new Uint8Array(0), good],
      ] as const
      const answers = asked.map(async ([text, signature]) => key?.verify(text, signature))
      expect(await Promise.all(answers)).toEqual(
        asked.map(([text, signature]) => engine.verify(scheme, publicKey, text, signature)),
      )
      expect(await answers[0]).toBe(true)
    },
  )

  test('is made of no key that the engine refuses', () => {
    for (const scheme of SCHEME_IDS) {
      expect(prepare(scheme, new Uint8Array(7))).toBeUndefined()
    }
    expect(prepare('ed25519', new Uint8Array(32))).toBeUndefined()
  })

  test('gives the engine’s answer to signatures that were crafted to tell engines apart', async () => {
    for (const one of craftedCases()) {
      expect(await prepared(one)).toBe(
        engine.verify('ed25519', one.publicKey, one.message, one.signature),
      )
    }
  })

  test('B10: gives many that are asked at once the answers that each gets alone', async () => {
    const random = createStreams(10)('batches')
    const makers = [1, 2, 3, 4].map((fill) => {
      const seed = new Uint8Array(32).fill(fill)
      // One good signature, and fifteen of which all but one hold where a batch is checked with the cofactor.
      return craftedOver(seed, new Uint8Array(32).fill(fill))
    })
    const all = makers.flat()
    const alone = new Map(
      all.map((one) => [one, engine.verify('ed25519', one.publicKey, one.message, one.signature)]),
    )
    expect([...alone.values()].filter(Boolean)).toHaveLength(makers.length)
    const goodOnes = makers.flatMap((cases) => cases.slice(0, 1))
    const pick = (from: readonly Case[]): Case => {
      const one = random.pick(from)
      if (!one) throw new Error('there are cases')
      return one
    }
    for (let round = 0; round < 40; round++) {
      // Sometimes all are good, and mostly one is odd, somewhere among more than fit between two turns.
      const batch = Array.from({ length: 1 + random.below(48) }, () => pick(goodOnes))
      if (random.chance(80)) batch[random.below(batch.length)] = pick(all)
      const answers = await Promise.all(batch.map(prepared))
      expect(answers).toEqual(batch.map((one) => alone.get(one)))
      expect(answers.every(Boolean)).toBe(batch.every((one) => goodOnes.includes(one)))
    }
  })

  test.skipIf(vectorsAreMissing)(
    named('gives the engine’s answer to the cases of CCTV and Wycheproof'),
    async () => {
      for (const one of [...cctvCases(), ...wycheproofEd25519()]) {
        const expected = engine.verify('ed25519', one.publicKey, one.message, one.signature)
        expect([one.name, await prepared(one)]).toEqual([one.name, expected])
      }
    },
  )
})
