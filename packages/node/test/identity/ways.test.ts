import { describe, expect, test } from 'vitest'
import { isFault } from 'tallystick/base'
import { createNativeEngine } from 'tallystick/engine-native'
import { type KeyState, nextKeyId, recoverySigner } from 'tallystick/kernel'
import { findWays, reserveAfter, type WayInHand } from '../../src/identity/ways.ts'
import { authority, deviceOf, extended, stateOf } from '../identity-sample.ts'

const engine = createNativeEngine()
const words: WayInHand = { way: 'words', secret: new Uint8Array(32).fill(1) }
const guardians: WayInHand = { way: 'guardians', secret: new Uint8Array(32).fill(2) }
const others: WayInHand = { way: 'words', secret: new Uint8Array(32).fill(3) }

const codeOf = (state: KeyState, ...inHand: readonly WayInHand[]): string => {
  try {
    return findWays(engine, state, inHand)
      .map((one) => one.way)
      .join(' ')
  } catch (error) {
    if (isFault(error)) return error.code
    throw error
  }
}

// An identity without anybody who may recover it names its own id in none of its keys, so a rule can follow it.
const begun = extended(
  [],
  { is: 'incept', ...authority('ann 1', 'ann 2', 'none'), recovery: undefined },
  { add: [deviceOf('phone')] },
  'ann 1',
)
const fresh = stateOf(begun)
const named = extended(
  begun,
  {
    is: 'rotate',
    ...authority('ann 2', 'ann 3', 'none'),
    recovery: reserveAfter(engine, fresh, { used: [], fresh: [words, guardians] }),
  },
  {},
  'ann 2',
)
const state = stateOf(named)

describe('ways to recover', () => {
  test('are found by their secrets, and no others are', () => {
    expect(codeOf(state, words)).toBe('words')
    expect(codeOf(state, guardians)).toBe('guardians')
    expect(codeOf(state, words, guardians)).toBe('words guardians')
    expect(codeOf(state, others)).toBe('recovery/not-named')
    expect(codeOf(state, { ...words, way: 'guardians' })).toBe('recovery/not-named')
    expect(codeOf(state)).toBe('recovery/not-enough')
    expect(codeOf(fresh, words)).toBe('recovery/not-named')
  })

  test('serve again after a recovery, the used one with its next key, the other with its own', () => {
    const [used] = findWays(engine, state, [words])
    if (!used) throw new Error('the words are named')
    const recovery = reserveAfter(engine, state, { used: [used] })
    const by = { keys: [{ ...used.signer.key, weight: 1 }], threshold: 1 }
    const after: KeyState = { ...state, recovery, recoveries: 1 }
    expect(by.keys).toHaveLength(1)
    expect(codeOf(after, words)).toBe('words')
    expect(codeOf(after, guardians)).toBe('guardians')
    expect(recovery.keys).toHaveLength(2)
    expect(recovery.keys.some((one) => one.id === nextKeyId('classic', used.signer.key))).toBe(
      false,
    )
    const [next] = findWays(engine, after, [words])
    expect(next?.signer.key).toEqual(
      recoverySigner(engine, 'classic', { ...words, identity: state.identity, turn: 1 }).key,
    )
  })

  test('that are not in hand end where that is wanted, and new ones come in', () => {
    const used = findWays(engine, state, [guardians])
    const recovery = reserveAfter(engine, state, { used, fresh: [others], dropOthers: true })
    const after: KeyState = { ...state, recovery, recoveries: 1 }
    expect(codeOf(after, words)).toBe('recovery/not-named')
    expect(codeOf(after, guardians)).toBe('guardians')
    expect(codeOf(after, others)).toBe('words')
  })
})
