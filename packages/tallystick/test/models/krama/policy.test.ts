import { describe, expect, test } from 'vitest'
import type { Terms } from '../../../src/kernel/charter.ts'
import { reachesQuorum } from '../../../src/kernel/quorum.ts'
import {
  admitKrama,
  type KramaPolicy,
  kramaPolicy,
  loneGuardian,
  quorumOf,
} from '../../../src/models/krama/policy.ts'
import { engine, guardian, keysOf, policy, terms } from './town.ts'

const admit = (of: KramaPolicy, more: Partial<Terms> = {}): string | undefined =>
  admitKrama({ ...terms, ...more }, of, engine)?.code

const second = { ...guardian, name: 'second', publicKey: keysOf('second').publicKey }

describe('the policy of KRAMA', () => {
  test('admits one guardian that is every set', () => {
    expect(admit(policy)).toBeUndefined()
    expect(policy.sets.map((one) => one.name)).toEqual(['behaviour', 'random'])
  })

  test('admits no second guardian before there are rounds, in whatever sets', () => {
    const guardians = [guardian, second]
    const sets = policy.sets.map((one) => ({ ...one, seats: [0, 1], threshold: 2 }))
    expect(admit({ ...policy, guardians })).toBe('krama/no-rounds')
    expect(admit({ guardians, sets })).toBe('krama/no-rounds')
  })

  test('is for machines on which anyone may propose', () => {
    expect(admit(policy, { turn: { is: 'owner', party: 0 } })).toBe('krama/wrong-turn')
    expect(admit(policy, { turn: { is: 'alternate' } })).toBe('krama/wrong-turn')
  })

  test('refuses a key that is none, a set out of reach, a seat of nobody, and no sets at all', () => {
    const [set] = policy.sets
    if (!set) throw new Error('there are two sets')
    const wrong = { ...guardian, publicKey: new Uint8Array(33) }
    expect(admit(loneGuardian(wrong))).toBe('quorum/bad-key')
    expect(admit({ ...policy, sets: [set, { ...set, threshold: 2 }] })).toBe('quorum/out-of-reach')
    expect(admit({ ...policy, sets: [{ ...set, faulty: 1 }] })).toBe('quorum/too-weak')
    expect(admit({ ...policy, sets: [{ ...set, seats: [1] }] })).toBe('quorum/unknown-signer')
    expect(admit({ ...policy, sets: [] })).toBe('quorum/no-signers')
  })

  test('asks for a quorum in every set', () => {
    const sets = [
      { name: 'behaviour', seats: [0, 1, 2, 3], threshold: 3, faulty: 1 },
      { name: 'random', seats: [3, 4, 5], threshold: 3, faulty: 1 },
    ]
    const guardians = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => ({ ...guardian, name }))
    const quorum = quorumOf({ guardians, sets })
    expect(reachesQuorum(quorum, [0, 1, 2])).toBe(false)
    expect(reachesQuorum(quorum, [3, 4, 5])).toBe(false)
    expect(reachesQuorum(quorum, [1, 2, 3, 4, 5])).toBe(true)
    expect(reachesQuorum(quorum, [0, 1, 3, 4])).toBe(false)
  })

  test('reads back as it was written', () => {
    expect(kramaPolicy.decode(kramaPolicy.encode(policy))).toEqual(policy)
  })
})
