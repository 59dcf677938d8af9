import { describe, expect, test } from 'vitest'
import { createTokenEngine } from '../../src/sim/token-engine.ts'

const seed = (byte: number): Uint8Array => new Uint8Array(32).fill(byte)
const message = Uint8Array.of(1, 2, 3)

describe('token signatures', () => {
  const engine = createTokenEngine(['ed25519', 'ml-dsa-44'])
  const pair = engine.fromSeed('ed25519', seed(1))
  const signature = engine.sign('ed25519', pair.secret, message)

  test('verify under the key that made them and over what was signed', () => {
    expect(engine.verify('ed25519', pair.publicKey, message, signature)).toBe(true)
    expect(engine.verify('ed25519', pair.publicKey, Uint8Array.of(1, 2, 4), signature)).toBe(false)
    const other = engine.fromSeed('ed25519', seed(2))
    expect(engine.verify('ed25519', other.publicKey, message, signature)).toBe(false)
    const changed = Uint8Array.from(signature)
    changed[63] = (changed[63] ?? 0) ^ 1
    expect(engine.verify('ed25519', pair.publicKey, message, changed)).toBe(false)
  })

  test('do not count under a key that was never handed out', () => {
    const stranger = createTokenEngine().fromSeed('ed25519', seed(3))
    const forged = createTokenEngine().sign('ed25519', stranger.secret, message)
    expect(engine.acceptsKey('ed25519', stranger.publicKey)).toBe(false)
    expect(engine.verify('ed25519', stranger.publicKey, message, forged)).toBe(false)
  })

  test('have the sizes of the schemes that they stand for', () => {
    expect(pair.publicKey).toHaveLength(32)
    expect(signature).toHaveLength(64)
    const large = engine.fromSeed('ml-dsa-44', seed(1))
    expect(large.publicKey).toHaveLength(1312)
    expect(engine.sign('ml-dsa-44', large.secret, message)).toHaveLength(2420)
  })

  test('refuse a seed of another size', () => {
    expect(() => engine.fromSeed('ed25519', new Uint8Array(31))).toThrow('31 bytes')
  })
})
