import { describe, expect, test } from 'vitest'
import type { Verifier } from 'tallystick/base'
import { rememberingVerifier } from '../../src/custodian/known-signatures.ts'
import { alice, bob, engine } from '../relay/people.ts'

const message = new Uint8Array(32).fill(7)
const signature = alice.sign(message)

const counted = (): { readonly verifier: Verifier; readonly count: () => number } => {
  let count = 0
  const verifier = rememberingVerifier({
    ...engine,
    verify: (...asked) => {
      count += 1
      return engine.verify(...asked)
    },
  })
  return { verifier, count: () => count }
}

describe('a verifier that remembers', () => {
  test('asks once about a signature that holds', () => {
    const { verifier, count } = counted()
    for (let at = 0; at < 3; at++) {
      expect(verifier.verify('bip340', alice.publicKey, message, signature)).toBe(true)
    }
    expect(count()).toBe(1)
  })

  test('takes nothing for known of which one part is another', () => {
    const { verifier } = counted()
    expect(verifier.verify('bip340', alice.publicKey, message, signature)).toBe(true)
    const other = message.with(0, 8)
    expect(verifier.verify('bip340', bob.publicKey, message, signature)).toBe(false)
    expect(verifier.verify('bip340', alice.publicKey, other, signature)).toBe(false)
    expect(verifier.verify('bip340', alice.publicKey, message, bob.sign(message))).toBe(false)
    expect(verifier.verify('ed25519', alice.publicKey, message, signature)).toBe(false)
  })

  test('asks again about what does not hold', () => {
    const { verifier, count } = counted()
    expect(verifier.verify('bip340', bob.publicKey, message, signature)).toBe(false)
    expect(verifier.verify('bip340', bob.publicKey, message, signature)).toBe(false)
    expect(count()).toBe(2)
  })
})
