/** The pool by itself: numbers, order, bounds. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KMOI_ASSET, type MoiInteraction } from 'tallystick/moi'
import { GUARDIAN_LIMITS } from '../../src/guardian/limits.ts'
import { createPool, type Pool, type Pooled } from '../../src/guardian/pool.ts'
import { partyAt } from './town.ts'

const [alice, bob] = [partyAt(0).id, partyAt(1).id]

const pooled = (id: typeof alice, sequence: bigint, more: Partial<Pooled> = {}): Pooled => ({
  hash: `${id.slice(0, 8)}${id.slice(8, 16)}-${sequence}-${more.sinceMs ?? 0}`,
  args: new Uint8Array(10),
  signatures: new Uint8Array(10),
  sinceMs: 0,
  good: [],
  read: { sender: { id, sequence, keyId: 0 }, fuelLimit: 10n } as MoiInteraction,
  ...more,
})

const poolWith = (limits: Partial<typeof GUARDIAN_LIMITS> = {}): Pool =>
  createPool({ ...GUARDIAN_LIMITS, ...limits })
const numbers = (of: readonly Pooled[]): readonly bigint[] =>
  of.map((one) => one.read.sender.sequence)
const reasonOf = (run: () => void): string => {
  try {
    run()
  } catch (error) {
    return (error as { reason: string }).reason
  }
  return 'none'
}

describe('A pool', () => {
  test('gives out what follows without a gap, in the order of numbers', () => {
    const pool = poolWith()
    for (const at of [2n, 0n, 1n, 4n]) pool.add(pooled(alice, at), 0n)
    expect(pool.counts()).toMatchObject({ pending: 3, queued: 1 })
    expect(pool.nextOf(alice, 0, 0n)).toBe(3n)
    expect(numbers(pool.take(10))).toEqual([0n, 1n, 2n])
    expect(pool.take(10)).toEqual([])
  })

  test('gives out the next once those before it are settled', () => {
    const pool = poolWith()
    for (const at of [0n, 1n, 2n]) pool.add(pooled(alice, at), 0n)
    const first = pool.take(2)
    expect(numbers(first)).toEqual([0n, 1n])
    pool.settle(first, () => 2n)
    expect(numbers(pool.take(2))).toEqual([2n])
  })

  test('that is full of long queues says so at once', () => {
    const pool = poolWith({ poolItems: 12_000, poolEach: 6000, poolAhead: 6000 })
    for (let at = 0n; at < 6000n; at++) {
      pool.add(pooled(alice, at), 0n)
      pool.add(pooled(bob, at), 0n)
    }
    const startedMs = performance.now()
    for (let at = 0; at < 20; at++) {
      expect(reasonOf(() => pool.add(pooled(partyAt(2).id, 0n), 0n))).toBe('full-pool')
    }
    // Walking along a queue for each of its items takes minutes.
    expect(performance.now() - startedMs).toBeLessThan(5000)
  })

  test('tells the number after those without a gap, whatever came and went', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(5), fc.nat(12)), { maxLength: 60 }),
        fc.integer({ min: 2, max: 20 }),
        (steps, poolItems) => {
          const pool = poolWith({ poolItems })
          let committed = 0n
          let nowMs = 0
          for (const [what, number] of steps) {
            nowMs += 20_000
            if (what < 3) {
              const one = pooled(alice, committed + BigInt(number), { sinceMs: nowMs })
              reasonOf(() => pool.add(one, committed))
            } else if (what === 3) pool.expire(nowMs)
            else {
              const taken = pool.take(number + 1)
              // Some are executed, and the one after them is refused.
              const done = Math.min(number, taken.length)
              committed += BigInt(done)
              pool.settle(taken, () => committed)
            }
            let free = committed
            const held = pool.queues().flatMap((one) => [...one.pending, ...one.queued])
            while (numbers(held).includes(free)) free += 1n
            expect(pool.nextOf(alice, 0, committed)).toBe(free)
            for (const { pending } of pool.queues()) {
              expect(pending).toHaveLength(Number(free - committed))
            }
          }
        },
      ),
      { numRuns: 300 },
    )
  })

  test('lets another key go on while one has a gap', () => {
    const pool = poolWith()
    pool.add(pooled(alice, 1n), 0n)
    pool.add(pooled(bob, 0n), 0n)
    expect(numbers(pool.take(10))).toEqual([0n])
    expect(pool.queues()).toHaveLength(2)
  })

  test('keeps those behind one that was refused, for its number to come again', () => {
    const pool = poolWith()
    for (const at of [0n, 1n]) pool.add(pooled(alice, at), 0n)
    const taken = pool.take(1)
    pool.settle(taken, () => 0n)
    expect(pool.take(10)).toEqual([])
    pool.add(pooled(alice, 0n, { sinceMs: 1 }), 0n)
    expect(numbers(pool.take(10))).toEqual([0n, 1n])
  })

  test('takes a number once, and none that was used', () => {
    const pool = poolWith()
    const one = pooled(alice, 3n)
    pool.add(one, 3n)
    expect(reasonOf(() => pool.add(one, 3n))).toBe('known-interaction')
    expect(reasonOf(() => pool.add(pooled(alice, 3n, { sinceMs: 1 }), 3n))).toBe(
      'other-interaction',
    )
    expect(reasonOf(() => pool.add(pooled(alice, 2n), 3n))).toBe('refused')
  })

  test('is bounded in each direction, at the last that fits', () => {
    const ahead = poolWith({ poolAhead: 2 })
    expect(reasonOf(() => ahead.add(pooled(alice, 2n), 0n))).toBe('none')
    expect(reasonOf(() => ahead.add(pooled(alice, 3n), 0n))).toBe('too-far-ahead')
    const each = poolWith({ poolEach: 1 })
    each.add(pooled(alice, 0n), 0n)
    expect(reasonOf(() => each.add(pooled(alice, 1n), 0n))).toBe('sender-limit')
    expect(reasonOf(() => each.add(pooled(bob, 0n), 0n))).toBe('none')
    const items = poolWith({ poolItems: 1 })
    items.add(pooled(alice, 0n), 0n)
    expect(reasonOf(() => items.add(pooled(bob, 0n), 0n))).toBe('full-pool')
    const bytes = poolWith({ poolBytes: 39 })
    bytes.add(pooled(alice, 0n), 0n)
    expect(reasonOf(() => bytes.add(pooled(bob, 0n), 0n))).toBe('full-pool')
    bytes.settle(bytes.take(1), () => 1n)
    expect(reasonOf(() => bytes.add(pooled(bob, 0n), 0n))).toBe('none')
  })

  test('pushes out who waits behind a gap for one whose turn it is, and never the other way', () => {
    const pool = poolWith({ poolItems: 2 })
    pool.add(pooled(alice, 5n), 0n)
    pool.add(pooled(alice, 6n), 0n)
    expect(reasonOf(() => pool.add(pooled(bob, 3n), 0n))).toBe('full-pool')
    expect(numbers(pool.add(pooled(bob, 0n), 0n))).toEqual([5n])
    expect(numbers(pool.add(pooled(bob, 1n), 0n))).toEqual([6n])
    expect(reasonOf(() => pool.add(pooled(alice, 0n), 0n))).toBe('full-pool')
    expect(numbers(pool.take(10))).toEqual([0n, 1n])
  })

  test('gives out no more at once than may be burnt, but always one', () => {
    const pool = poolWith({ batchFuel: 25n })
    for (const at of [0n, 1n, 2n]) pool.add(pooled(alice, at), 0n)
    const first = pool.take(10)
    expect(numbers(first)).toEqual([0n, 1n])
    pool.settle(first, () => 2n)
    const dear = poolWith({ batchFuel: 5n })
    dear.add(pooled(alice, 0n), 0n)
    expect(numbers(dear.take(10))).toEqual([0n])
  })

  test('gives up what waited too long, but not what is being worked on', () => {
    const pool = poolWith({ poolMs: 100 })
    pool.add(pooled(alice, 0n), 0n)
    pool.add(pooled(alice, 5n), 0n)
    pool.take(1)
    expect(pool.expire(100)).toEqual([])
    expect(numbers(pool.expire(101))).toEqual([5n])
    expect(pool.counts()).toMatchObject({ pending: 1, queued: 0, bytes: 20 })
    expect(pool.has(KMOI_ASSET)).toBe(false)
  })
})
