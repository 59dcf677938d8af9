import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ROUNDS_MAX } from '../../src/base/limits.ts'
import { transitionId } from '../../src/kernel/transition.ts'
import {
  citationOf,
  NO_PERMISSION,
  type Permission,
  permits,
  permitsAt,
  type Pledge,
  type Vow,
  vowOf,
  type VowPhase,
  type Vows,
  vows,
  withPledge,
  withVow,
} from '../../src/kernel/vow.ts'
import { anId, aTransition, aVote } from './sample.ts'

const [A, B] = [anId<'transition'>('A'), anId<'transition'>('B')]

const vow = (
  round: number,
  phase: VowPhase,
  child = phase === 'abort' ? undefined : A,
  cited = 0,
): Vow => ({
  round,
  phase,
  child,
  cited,
})
const released = (...rounds: number[]): Permission => ({
  released: new Set(rounds),
  heldAt: undefined,
})
const held = (heldAt: number): Permission => ({ released: new Set(), heldAt })

describe('one child per round and phase', () => {
  test.each(['propose', 'hold', 'commit'] as const)('a second child to %s is refused', (phase) => {
    const taken = [vow(0, phase, A)]
    expect(permits(taken, vow(0, phase, A), NO_PERMISSION)).toBe(true)
    expect(permits(taken, vow(0, phase, B), NO_PERMISSION)).toBe(false)
  })

  test('holding one child and committing to another in the round is refused, either way round', () => {
    expect(permits([vow(0, 'hold', A)], vow(0, 'commit', A), NO_PERMISSION)).toBe(true)
    expect(permits([vow(0, 'hold', A)], vow(0, 'commit', B), NO_PERMISSION)).toBe(false)
    expect(permits([vow(0, 'commit', A)], vow(0, 'hold', B), NO_PERMISSION)).toBe(false)
  })

  test('proposing binds nobody to hold or commit', () => {
    expect(permits([vow(0, 'propose', A)], vow(0, 'commit', B), NO_PERMISSION)).toBe(true)
  })

  test('a vote repeated with another citation is no repeat', () => {
    const taken = [vow(2, 'hold', A, 2)]
    expect(permits(taken, vow(2, 'hold', A, 2), NO_PERMISSION)).toBe(true)
    expect(permits(taken, vow(2, 'hold', A, 0), NO_PERMISSION)).toBe(false)
  })
})

describe('abort', () => {
  test('excludes a commit in the round, whichever comes first', () => {
    expect(permits([vow(0, 'abort')], vow(0, 'commit'), NO_PERMISSION)).toBe(false)
    expect(permits([vow(0, 'commit')], vow(0, 'abort'), NO_PERMISSION)).toBe(false)
    expect(permits([vow(0, 'hold')], vow(0, 'abort'), NO_PERMISSION)).toBe(true)
    expect(permits([vow(0, 'abort')], vow(0, 'abort'), NO_PERMISSION)).toBe(true)
  })

  test('of a later round is free to who has committed before', () => {
    expect(permits([vow(0, 'commit')], vow(1, 'abort'), NO_PERMISSION)).toBe(true)
  })
})

describe('rounds', () => {
  test('do not go back', () => {
    for (const phase of ['propose', 'hold', 'commit', 'abort'] as const) {
      expect(permits([vow(1, 'abort')], vow(0, phase), NO_PERMISSION)).toBe(false)
    }
  })

  test('end at the limit', () => {
    expect(permits([], vow(ROUNDS_MAX - 1, 'commit'), NO_PERMISSION)).toBe(true)
    expect(permits([], vow(ROUNDS_MAX, 'commit'), NO_PERMISSION)).toBe(false)
  })
})

describe('the lock', () => {
  const locked: Vows = [vow(1, 'hold', A), vow(1, 'commit', A, 0)]

  test('keeps who committed from another child in a later round', () => {
    for (const phase of ['hold', 'commit'] as const) {
      expect(permits(locked, vow(2, phase, A), NO_PERMISSION)).toBe(true)
      expect(permits(locked, vow(2, phase, B), NO_PERMISSION)).toBe(false)
    }
    expect(permits([vow(1, 'hold', A)], vow(2, 'hold', B), NO_PERMISSION)).toBe(true)
  })

  test('opens for a child that a quorum held in the round of the commitment or later', () => {
    expect(permits(locked, vow(3, 'hold', B, 1), held(0))).toBe(false)
    expect(permits(locked, vow(3, 'hold', B, 2), held(1))).toBe(true)
    expect(permits(locked, vow(3, 'hold', B, 3), held(2))).toBe(true)
  })

  test('does not open for a vote that fails to cite its permission', () => {
    expect(permits(locked, vow(3, 'hold', B, 0), held(2))).toBe(false)
  })

  test('never lets a vote cite more than it may', () => {
    expect(permits([], vow(3, 'hold', B, 3), held(1))).toBe(false)
    expect(permits([], vow(3, 'hold', B, 1), NO_PERMISSION)).toBe(false)
  })

  test('opens when the rounds up to the commitment are released without a gap', () => {
    expect(permits(locked, vow(2, 'commit', B, 2), released(0, 1))).toBe(true)
    expect(permits(locked, vow(2, 'commit', B, 2), released(1))).toBe(false)
    expect(permits(locked, vow(2, 'commit', B, 1), released(0))).toBe(false)
  })

  test('a citation counts the held round and the released ones that follow it', () => {
    expect(citationOf(NO_PERMISSION)).toBe(0)
    expect(citationOf(held(4))).toBe(5)
    expect(citationOf({ released: new Set([0, 2, 3]), heldAt: 1 })).toBe(4)
  })
})

describe('across parents', () => {
  const at = (
    sequence: bigint,
    parent = anId<'transition'>('P'),
  ): Pick<Pledge, 'sequence' | 'parent'> => ({
    sequence,
    parent,
  })
  const pledge = withPledge(undefined, at(5n), vow(3, 'commit'))

  test('a second parent at one number is refused, and so is every lower number', () => {
    expect(permitsAt(pledge, at(5n), vow(3, 'commit'), NO_PERMISSION)).toBe(true)
    expect(permitsAt(pledge, at(5n, anId('Q')), vow(4, 'commit'), NO_PERMISSION)).toBe(false)
    expect(permitsAt(pledge, at(4n), vow(4, 'commit'), NO_PERMISSION)).toBe(false)
  })

  test('a higher number starts afresh and lets the old vows go', () => {
    expect(permitsAt(pledge, at(6n, anId('Q')), vow(0, 'commit', B), NO_PERMISSION)).toBe(true)
    const next = withPledge(pledge, at(6n, anId('Q')), vow(0, 'commit', B))
    expect(next.vows).toEqual([vow(0, 'commit', B)])
    expect(withPledge(next, at(6n, anId('Q')), vow(0, 'commit', B))).toEqual(next)
  })
})

describe('vows', () => {
  test('taking one twice changes nothing', () => {
    const once = withVow([], vow(0, 'commit'))
    expect(withVow(once, vow(0, 'commit'))).toBe(once)
  })

  test('are made of the statement they precede', () => {
    const vote = aVote({ round: 2, phase: 'hold', cited: 1 })
    const child = transitionId('classic', vote.transition)
    expect(vowOf('classic', vote)).toEqual({ round: 2, phase: 'hold', child, cited: 1 })
    const { machine, parent, sequence } = aTransition()
    expect(vowOf('classic', { is: 'abort', machine, parent, sequence, round: 2 })).toEqual(
      vow(2, 'abort'),
    )
  })

  test('read back as they were written', () => {
    const one = fc.record({
      round: fc.nat(ROUNDS_MAX),
      phase: fc.constantFrom<VowPhase>('propose', 'hold', 'commit', 'abort'),
      child: fc.constantFrom(undefined, A, B),
      cited: fc.nat(ROUNDS_MAX),
    })
    fc.assert(
      fc.property(fc.array(one), (some) => {
        expect(vows.decode(vows.encode(some))).toEqual(some)
      }),
    )
  })
})
