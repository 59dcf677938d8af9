import { describe, expect, test } from 'vitest'
import type { Terms, Turn } from '../../../src/kernel/charter.ts'
import type { Key, Participant } from '../../../src/kernel/controller.ts'
import {
  admitBilateral,
  BILATERAL_TERMS,
  bilateralPolicy,
} from '../../../src/models/bilateral/policy.ts'
import { alice, aTerms, bob, carol, participantOf, type Person } from '../../kernel/sample.ts'

const key = (of: Person, weight: number): Key => ({
  scheme: 'ed25519',
  publicKey: of.keys.publicKey,
  weight,
})

const termsOf = (participants: readonly Participant[], turn: Turn = { is: 'alternate' }): Terms =>
  aTerms({ participants, turn, policy: BILATERAL_TERMS })

const withKeys = (keys: readonly Key[], threshold: number): Participant => ({
  name: 'alice',
  controller: { keys, threshold },
})

const codeOf = (terms: Terms): string => admitBilateral(terms)?.code ?? 'none'

describe('bilateral terms', () => {
  test('take two parties or more, and say who proposes', () => {
    const two = [alice, bob].map(participantOf)
    expect(codeOf(termsOf(two))).toBe('none')
    expect(codeOf(termsOf(two, { is: 'leader', party: 1 }))).toBe('none')
    expect(codeOf(termsOf([...two, participantOf(carol)]))).toBe('none')
    expect(codeOf(termsOf(two.slice(0, 1)))).toBe('bilateral/too-few-parties')
    expect(codeOf(termsOf(two, { is: 'owner', party: 0 }))).toBe('bilateral/wrong-turn')
    expect(codeOf(termsOf(two, { is: 'anyone' }))).toBe('bilateral/wrong-turn')
  })

  test('refuse a party that two groups of its keys could speak for', () => {
    const other = participantOf(bob)
    const split = [key(alice, 1), key(carol, 1)]
    expect(codeOf(termsOf([withKeys(split, 1), other]))).toBe('bilateral/divided-controller')
    expect(codeOf(termsOf([withKeys(split, 2), other]))).toBe('none')
    const heavy = [key(alice, 3), key(carol, 2)]
    expect(codeOf(termsOf([withKeys(heavy, 2), other]))).toBe('bilateral/divided-controller')
    expect(codeOf(termsOf([withKeys(heavy, 3), other]))).toBe('none')
  })

  test('refuse a key that speaks for both', () => {
    const shared = { ...participantOf(alice), name: 'bob' }
    expect(codeOf(termsOf([participantOf(alice), shared]))).toBe('bilateral/shared-key')
  })

  test('have a policy without parameters, and nothing behind it', () => {
    expect(bilateralPolicy.encode({})).toHaveLength(0)
    expect(() => bilateralPolicy.decode(Uint8Array.of(0))).toThrow(
      expect.objectContaining({ code: 'codec/extended' }) as Error,
    )
  })
})
