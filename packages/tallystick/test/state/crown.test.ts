import { describe, expect, test } from 'vitest'
import { bytesFromId } from '../../src/base/brand.ts'
import { crownLayers, crownPlace, grownCrown, noCrown } from '../../src/state/crown.ts'
import { keyWith } from './forge.ts'

const key = bytesFromId(keyWith('1010 0110 0001'))

describe('a crown', () => {
  test('has a place of its own for each of the first bits of a key', () => {
    const crown = { layers: 3, branches: new Int32Array(0) }
    // The top brick, the brick under its place 1010, and the brick under 0110 in that.
    expect([0, 1, 2, 3].map((depth) => crownPlace(crown, key, depth))).toEqual([1, 3, 6, 13])
    expect([4, 5, 7].map((depth) => crownPlace(crown, key, depth))).toEqual([177, 178, 187])
    expect(crownPlace(crown, key, 8)).toBe(16 * (16 * 11 + 1 + 6) + 1)
    expect(crownPlace(crown, key, 11)).toBeGreaterThan(0)
    expect(crownPlace(crown, key, 12)).toBe(-1)
    expect(crownPlace(noCrown, key, 0)).toBe(-1)
  })

  test('gives no two places one number', () => {
    const crown = { layers: 2, branches: new Int32Array(0) }
    const places = new Set<number>()
    for (let depth = 0; depth < 8; depth++) {
      for (let bits = 0; bits < 2 ** depth; bits++) {
        places.add(crownPlace(crown, Uint8Array.of(bits << (8 - depth)), depth))
      }
    }
    expect(places.size).toBe(255)
    expect(Math.max(...places)).toBeLessThan(grownCrown(new Int32Array(2), 2).branches.length)
  })

  test('grows a layer each time that the leaves have become sixteen times as many', () => {
    expect([0, 3, 4, 63, 64, 1023, 1024, 65_536, 1_048_576].map(crownLayers)).toEqual([
      0, 0, 1, 1, 2, 2, 3, 4, 5,
    ])
  })

  test('is read off a tree: branches only, and those of its levels only', () => {
    // Blocks 1 and 2 are branches: 1 at the top, 2 under its right half; the rest are leaves.
    const children = Int32Array.of(2, 0, 7, 4, 9, 11)
    const crown = grownCrown(children, 1)
    expect(crown.branches[1]).toBe(2)
    expect(crown.branches[3]).toBe(4)
    expect(crown.branches.filter((branch) => branch !== 0).length).toBe(2)
    expect(grownCrown(children, 0).branches.length).toBe(0)
  })
})
