import { expect, test } from 'vitest'
import { createNativeEngine, nativeSchemes } from '../../src/engine/native.ts'
import { pairOf } from './engines.ts'

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
