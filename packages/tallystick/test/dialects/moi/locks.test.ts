import { describe, expect, test } from 'vitest'
import { idFromHex } from '../../../src/base/brand.ts'
import type { MoiId } from '../../../src/dialects/moi/identifier.ts'
import { admits, lanesOf, type Locks, mayBegin, shareOut } from '../../../src/dialects/moi/locks.ts'
import type { Lock } from '../../../src/dialects/moi/run/draft.ts'

const LOCKS: readonly Lock[] = ['mutate', 'read', 'none']

const account = (number: number): MoiId => idFromHex<'moi'>(String(number).padStart(64, '0'))

const locks = (of: Readonly<Record<number, Lock>>): Locks =>
  new Map(Object.entries(of).map(([number, lock]) => [account(Number(number)), lock]))

describe('the table of locks', () => {
  test.each([
    ['mutate', 'mutate', false],
    ['mutate', 'read', false],
    ['mutate', 'none', false],
    ['read', 'mutate', false],
    ['read', 'read', true],
    ['read', 'none', true],
    ['none', 'mutate', true],
    ['none', 'read', true],
    ['none', 'none', true],
  ] as const)('%s under way, %s asked for: %s', (active, asked, expected) => {
    expect(admits(active, asked)).toBe(expected)
    expect(mayBegin(locks({ 1: asked }), [locks({ 1: active })])).toBe(expected)
  })

  test('is asked for every account, of everything that is under way', () => {
    const active = [locks({ 1: 'read', 2: 'none' }), locks({ 3: 'mutate' })]
    expect(mayBegin(locks({ 1: 'read', 2: 'mutate' }), active)).toBe(true)
    expect(mayBegin(locks({ 1: 'read', 3: 'none' }), active)).toBe(false)
    expect(mayBegin(locks({ 4: 'mutate' }), active)).toBe(true)
    expect(mayBegin(locks({ 1: 'mutate' }), [])).toBe(true)
  })
})

describe('lanes', () => {
  test('a thousand transfers between disjoint pairs of one asset are a thousand lanes', () => {
    const asset = 9999
    const batch = Array.from({ length: 1000 }, (_, at) =>
      locks({ [2 * at]: 'mutate', [2 * at + 1]: 'mutate', [asset]: 'none' }),
    )
    expect(lanesOf(batch).length).toBe(1000)
  })

  test('mints of one asset follow each other, and so does who transfers it meanwhile', () => {
    const batch = [
      locks({ 1: 'mutate', 9: 'mutate' }),
      locks({ 2: 'mutate', 3: 'mutate', 9: 'none' }),
      locks({ 4: 'mutate', 9: 'mutate' }),
      locks({ 5: 'mutate' }),
    ]
    expect(lanesOf(batch)).toEqual([[0, 1, 2], [3]])
  })

  test('calls that only read a logic are apart, and together once one of them writes', () => {
    const reading = [locks({ 1: 'mutate', 9: 'read' }), locks({ 2: 'mutate', 9: 'read' })]
    expect(lanesOf(reading)).toEqual([[0], [1]])
    expect(lanesOf([...reading, locks({ 3: 'mutate', 9: 'mutate' })])).toEqual([[0, 1, 2]])
  })

  test('one that joins two lanes makes one of them, in the order of the batch', () => {
    const batch = [
      locks({ 1: 'mutate' }),
      locks({ 2: 'mutate' }),
      locks({ 3: 'mutate' }),
      locks({ 2: 'mutate', 3: 'mutate' }),
      locks({ 1: 'mutate' }),
    ]
    expect(lanesOf(batch)).toEqual([
      [0, 4],
      [1, 2, 3],
    ])
  })

  test('two interactions of different lanes may each begin while the other is under way', () => {
    let seed = 7
    const next = (below: number): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
      return (seed >>> 8) % below
    }
    for (let round = 0; round < 50; round++) {
      const batch = Array.from({ length: 12 }, () =>
        locks(
          Object.fromEntries(Array.from({ length: 3 }, () => [next(14), LOCKS[next(3)] ?? 'none'])),
        ),
      )
      const lanes = lanesOf(batch)
      expect(lanes.flat().toSorted((a, b) => a - b)).toEqual([...batch.keys()])
      for (const lane of lanes) {
        expect(lane).toEqual(lane.toSorted((a, b) => a - b))
        for (const other of lanes) {
          if (other === lane) continue
          for (const one of lane) {
            const asked = batch[one] ?? new Map()
            expect(
              mayBegin(
                asked,
                other.map((at) => batch[at] ?? new Map()),
              ),
            ).toBe(true)
          }
        }
      }
    }
  })

  test('are shared out evenly', () => {
    const lanes = [[0], [1], [2, 3, 4], [5], [6, 7]]
    const shares = shareOut(lanes, 2)
    expect(shares.map((one) => one.flat().length)).toEqual([4, 4])
    expect(shareOut(lanes, 1)[0]?.flat().toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    expect(shareOut([], 3)).toEqual([[], [], []])
  })
})
