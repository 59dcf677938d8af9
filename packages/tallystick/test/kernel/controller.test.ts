import { describe, expect, test } from 'vitest'
import {
  checkController,
  type Controller,
  controller,
  key,
  type Key,
  participant,
  reachesThreshold,
  signerOf,
  soleController,
} from '../../src/kernel/controller.ts'
import { alice, bob, carol, engine, participantOf, type Person } from './sample.ts'

const keyOf = (of: Person, weight = 1): Key => ({
  scheme: 'ed25519',
  publicKey: of.keys.publicKey,
  weight,
})
const twoOfThree: Controller = { keys: [alice, bob, carol].map((one) => keyOf(one)), threshold: 2 }

describe('threshold', () => {
  test('counts distinct keys: one that signs twice weighs once', () => {
    expect(reachesThreshold(twoOfThree, [0, 0])).toBe(false)
    expect(reachesThreshold(twoOfThree, [0, 2])).toBe(true)
  })

  test('adds weights and ignores keys that are not there', () => {
    const heavy = { keys: [keyOf(alice, 3), keyOf(bob), keyOf(carol)], threshold: 4 }
    expect(reachesThreshold(heavy, [1, 2])).toBe(false)
    expect(reachesThreshold(heavy, [0, 1])).toBe(true)
    expect(reachesThreshold(heavy, [0, 7])).toBe(false)
  })
})

describe('admission', () => {
  const codeOf = (changes: Partial<Controller>): string | undefined =>
    checkController('classic', { ...twoOfThree, ...changes }, engine)?.code

  test('takes a threshold that the keys can reach, up to all of them', () => {
    expect([1, 2, 3].map((threshold) => codeOf({ threshold }))).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    expect(codeOf({ threshold: 4 })).toBe('controller/no-quorum')
    expect(codeOf({ threshold: 0 })).toBe('controller/no-quorum')
    expect(codeOf({ keys: [] })).toBe('controller/no-quorum')
  })

  test('refuses a key listed twice, whatever its weights', () => {
    expect(codeOf({ keys: [keyOf(alice), keyOf(alice, 5)] })).toBe('controller/duplicate-key')
  })

  test('refuses malformed keys, and schemes that the suite does not take', () => {
    const bad = { ...keyOf(alice), publicKey: new Uint8Array(32) }
    expect(codeOf({ keys: [keyOf(alice), bad] })).toBe('controller/bad-key')
    const pair = engine.fromSeed('ml-dsa-44', new Uint8Array(32).fill(3))
    const foreign: Key = { scheme: 'ml-dsa-44', publicKey: pair.publicKey, weight: 1 }
    expect(codeOf({ keys: [foreign], threshold: 1 })).toBe('controller/wrong-scheme')
    expect(checkController('quantum', { keys: [foreign], threshold: 1 }, engine)).toBeUndefined()
  })
})

describe('bytes', () => {
  test('of keys, controllers and participants read back as they were written', () => {
    expect(key.decode(key.encode(keyOf(alice, 9)))).toEqual(keyOf(alice, 9))
    expect(controller.decode(controller.encode(twoOfThree))).toEqual(twoOfThree)
    expect(participant.decode(participant.encode(participantOf(bob)))).toEqual(participantOf(bob))
  })

  test('a sole controller is one key of weight one', () => {
    expect(soleController('ed25519', alice.keys.publicKey)).toEqual({
      keys: [keyOf(alice)],
      threshold: 1,
    })
  })

  test('a key under another scheme is another signer, under another weight the same', () => {
    const one = signerOf('classic', keyOf(alice))
    expect(signerOf('classic', keyOf(alice, 7))).toBe(one)
    expect(signerOf('classic', { ...keyOf(alice), scheme: 'bip340' })).not.toBe(one)
  })
})
