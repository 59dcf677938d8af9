import { describe, expect, test } from 'vitest'
import type { Verifier } from '../../src/base/verifier.ts'
import { createMemo } from '../../src/verify/memo.ts'

const key = Uint8Array.of(1)
const message = new Uint8Array(32)

/** Says yes to signatures that start with 1, and counts how often it was asked. */
const counting = (): Verifier & { readonly asked: () => number } => {
  let count = 0
  return {
    asked: () => count,
    acceptsKey: () => true,
    verify: (_scheme, _key, _message, signature) => {
      count += 1
      return signature[0] === 1
    },
  }
}

describe('a memo', () => {
  test('asks once for the same signature', () => {
    const inner = counting()
    const memo = createMemo(inner)
    for (let at = 0; at < 3; at++) {
      expect(memo.verify('ed25519', key, message, Uint8Array.of(1, 2))).toBe(true)
    }
    expect(inner.asked()).toBe(1)
  })

  test('asks again when anything differs', () => {
    const inner = counting()
    const memo = createMemo(inner)
    const good = Uint8Array.of(1, 2)
    memo.verify('ed25519', key, message, good)
    expect(memo.verify('bip340', key, message, good)).toBe(true)
    expect(memo.verify('ed25519', Uint8Array.of(2), message, good)).toBe(true)
    expect(memo.verify('ed25519', key, message.with(0, 1), good)).toBe(true)
    expect(memo.verify('ed25519', key, message, Uint8Array.of(0, 2))).toBe(false)
    expect(inner.asked()).toBe(5)
  })

  test('takes about as long for the last of many signatures over one message as for the first', () => {
    const memo = createMemo(counting())
    const ask = (at: number): void => {
      memo.verify('ed25519', key, message, Uint8Array.of(1, at & 255, (at >> 8) & 255, at >> 16))
    }
    const started = performance.now()
    for (let at = 0; at < 50_000; at++) ask(at)
    expect(performance.now() - started).toBeLessThan(5000)
  })

  test('is not misled by bytes that are changed after they were checked', () => {
    const memo = createMemo(counting())
    const signature = Uint8Array.of(1, 2)
    expect(memo.verify('ed25519', key, message, signature)).toBe(true)
    signature[0] = 0
    expect(memo.verify('ed25519', key, message, signature)).toBe(false)
  })
})
