import { describe, expect, test } from 'vitest'
import { faultFrom } from '../../src/base/fault.ts'
import {
  createEngine,
  rememberPerKey,
  rememberPerSecret,
  type SchemeEngine,
} from '../../src/engine/scheme-engine.ts'

/** A scheme that says yes to everything it is asked, to see what never reaches it. */
const willing: SchemeEngine = {
  scheme: 'bip340',
  acceptsKey: () => true,
  verify: () => true,
  publicKey: () => new Uint8Array(32),
  sign: (_seed, _message, random) => (random === undefined ? new Uint8Array(64) : random(64)),
}

const failing: SchemeEngine = {
  ...willing,
  acceptsKey: () => {
    throw new RangeError('from a library')
  },
  verify: () => {
    throw new RangeError('from a library')
  },
}

const sized = (size: number): Uint8Array => new Uint8Array(size)

describe('an assembled engine', () => {
  test('asks the scheme only with the lengths that the scheme has', () => {
    const engine = createEngine('test', [willing])
    const ask = (key: number, message: number, signature: number): boolean =>
      engine.verify('bip340', sized(key), sized(message), sized(signature))
    expect(ask(32, 32, 64)).toBe(true)
    for (const size of [0, 31, 33, 64]) {
      expect(ask(size, 32, 64)).toBe(false)
      expect(ask(32, size, 64)).toBe(false)
      expect(engine.acceptsKey('bip340', sized(size))).toBe(false)
    }
    for (const size of [0, 63, 65]) expect(ask(32, 32, size)).toBe(false)
  })

  test('asks the scheme only with bytes, whatever a caller without types hands in', () => {
    const engine = createEngine('test', [willing])
    const odd: readonly unknown[] = [
      undefined,
      null,
      7,
      'x'.repeat(32),
      Array(32).fill(0),
      { length: 32 },
      new Uint16Array(32),
      new DataView(new ArrayBuffer(32)),
    ]
    for (const value of odd) {
      const bytes = value as Uint8Array
      expect(engine.acceptsKey('bip340', bytes)).toBe(false)
      expect(engine.verify('bip340', bytes, sized(32), sized(64))).toBe(false)
      expect(engine.verify('bip340', sized(32), bytes, sized(64))).toBe(false)
      expect(engine.verify('bip340', sized(32), sized(32), bytes)).toBe(false)
    }
  })

  test('turns what a library throws into false', () => {
    const engine = createEngine('test', [failing])
    expect(engine.acceptsKey('bip340', sized(32))).toBe(false)
    expect(engine.verify('bip340', sized(32), sized(32), sized(64))).toBe(false)
  })

  test('refuses a scheme that it was made without', () => {
    const engine = createEngine('test', [willing])
    expect(engine.schemes).toEqual(['bip340'])
    expect(engine.acceptsKey('ed25519', sized(32))).toBe(false)
    expect(engine.verify('ed25519', sized(32), sized(32), sized(64))).toBe(false)
    const wanted = { code: 'scheme/not-available' }
    expect(faultFrom(() => engine.fromSeed('ed25519', sized(32)))).toMatchObject(wanted)
    expect(faultFrom(() => engine.sign('ed25519', sized(32), sized(32)))).toMatchObject(wanted)
  })

  test('an engine without schemes accepts nothing', () => {
    const engine = createEngine('empty', [])
    expect(engine.verify('bip340', sized(32), sized(32), sized(64))).toBe(false)
  })

  test('refuses secrets and messages of another length', () => {
    const engine = createEngine('test', [willing])
    for (const size of [0, 31, 33, 64]) {
      const key = { code: 'key/wrong-size' }
      expect(faultFrom(() => engine.fromSeed('bip340', sized(size)))).toMatchObject(key)
      expect(faultFrom(() => engine.sign('bip340', sized(size), sized(32)))).toMatchObject(key)
      expect(faultFrom(() => engine.sign('bip340', sized(32), sized(size)))).toMatchObject({
        code: 'message/wrong-size',
      })
    }
  })

  test('hands out randomness unless the caller wants the same signature every time', () => {
    const ones = (size: number): Uint8Array => sized(size).fill(1)
    const engine = createEngine('test', [willing], ones)
    const sign = (deterministic?: boolean): number | undefined =>
      engine.sign(
        'bip340',
        sized(32),
        sized(32),
        deterministic === undefined ? {} : { deterministic },
      )[0]
    expect([sign(), sign(false), sign(true)]).toEqual([1, 1, 0])
    expect(createEngine('test', [willing]).sign('bip340', sized(32), sized(32))[0]).toBe(0)
  })

  test('the secret of a pair is a copy', () => {
    const seed = sized(32)
    const { secret } = createEngine('test', [willing]).fromSeed('bip340', seed)
    seed.fill(9)
    expect(secret).toEqual(sized(32))
  })
})

describe('what is remembered', () => {
  test('of a secret lasts until the secret is overwritten', () => {
    let made = 0
    const of = rememberPerSecret((seed) => [++made, seed[0]])
    const seed = sized(32)
    expect(of(seed)).toEqual([1, 0])
    expect(of(seed)).toEqual([1, 0])
    expect(of(sized(32))).toEqual([2, 0])
    seed.fill(5)
    expect(of(seed)).toEqual([3, 5])
  })

  test('of a key is found again, is bounded, and no failure is kept', () => {
    const made: number[] = []
    const of = rememberPerKey(2, (key) => {
      made.push(key[0] ?? 0)
      return key[0] === 0 ? undefined : { first: key[0] }
    })
    for (const first of [1, 2, 1, 2, 0, 0]) of(Uint8Array.of(first))
    expect(made).toEqual([1, 2, 0, 0])
    // 3 and 4 fill the young half; 1 and 2 are in the old one and come back when asked for.
    for (const first of [3, 1, 2]) of(Uint8Array.of(first))
    expect(made).toEqual([1, 2, 0, 0, 3])
    for (const first of [5, 6, 7, 8, 9]) of(Uint8Array.of(first))
    expect(of(Uint8Array.of(1))).toEqual({ first: 1 })
    expect(made.at(-1)).toBe(1)
  })
})
