import { describe, expect, test } from 'vitest'
import { type Blocks, createBlocks } from '../../src/state/blocks.ts'
import { stateHashes } from '../../src/state/hashes.ts'
import { TEST_SUITES } from './forge.ts'

const KINDS = [
  ...TEST_SUITES.map((suite) => [suite, 'wasm'] as const),
  ['quantum', 'plain'] as const,
]
const COUNT = 300

describe.each(KINDS)('blocks under %s (%s)', (suite, path) => {
  const hashes = stateHashes(suite)
  const made = (): { blocks: Blocks; at: (block: number) => Uint8Array } => {
    const blocks = createBlocks(suite, path)
    blocks.grow(2 * COUNT)
    for (let byte = 0; byte < 64 * COUNT; byte++)
      blocks.bytes()[blocks.start + byte] = byte * 7 + (byte >> 6)
    return { blocks, at: (address) => blocks.bytes().slice(address, address + 32) }
  }

  test('hash a value, a leaf and a branch as the suite does', () => {
    const { blocks, at } = made()
    const from = blocks.start + 64
    const out = blocks.start + 64 * COUNT
    for (const size of [0, 1, 63, 64, 65, 2000]) {
      const value = new Uint8Array(size).fill(size)
      blocks.value(value, out)
      expect(at(out)).toEqual(hashes.value(value))
    }
    blocks.leaf(from, out + 32)
    expect(at(out + 32)).toEqual(hashes.leaf(at(from), at(from + 32)))
    blocks.climb([from, out], 1)
    expect(at(out)).toEqual(hashes.node(at(from), at(from + 32)))
  })

  test('climb from the last pair to the first', () => {
    const { blocks, at } = made()
    const [top, middle, low] = [blocks.start + 64, blocks.start + 128, blocks.start + 192]
    const far = at(middle + 32)
    const below = hashes.node(at(low), at(low + 32))
    blocks.climb([top, blocks.start, middle, top + 32, low, middle], 3)
    expect(at(middle)).toEqual(below)
    expect(at(top + 32)).toEqual(hashes.node(below, far))
    expect(at(blocks.start)).toEqual(hashes.node(at(top), at(top + 32)))
  })

  test('hash many apart, more than the desk holds, each to its own place', () => {
    const { blocks, at } = made()
    const numbers = Array.from({ length: COUNT }, (_, n) => n)
    const outOf = (n: number): number => blocks.start + 64 * COUNT + 32 * ((n * 7) % COUNT)
    const pairs = numbers.flatMap((n) => [blocks.start + 64 * n, outOf(n)])
    const halves = (n: number): [Uint8Array, Uint8Array] => [
      at(pairs[2 * n] ?? 0),
      at((pairs[2 * n] ?? 0) + 32),
    ]
    blocks.leavesApart(pairs, COUNT)
    for (const n of numbers) expect(at(outOf(n))).toEqual(hashes.leaf(...halves(n)))
    blocks.branchesApart(pairs, COUNT)
    for (const n of numbers) expect(at(outOf(n))).toEqual(hashes.node(...halves(n)))
    const values = numbers.map((n) => new Uint8Array(n % 70).fill(n))
    blocks.valuesApart(values, numbers.map(outOf))
    for (const n of numbers)
      expect(at(outOf(n))).toEqual(hashes.value(values[n] ?? new Uint8Array(0)))
  })

  test('of two values for one place leave the later, long or short', () => {
    const { blocks, at } = made()
    const [short, long] = [new Uint8Array(3).fill(1), new Uint8Array(90).fill(2)]
    blocks.valuesApart([short, long], [blocks.start, blocks.start])
    expect(at(blocks.start)).toEqual(hashes.value(long))
    blocks.valuesApart([long, short], [blocks.start, blocks.start])
    expect(at(blocks.start)).toEqual(hashes.value(short))
  })

  test('keep their content and addresses when they grow, and come zeroed', () => {
    const blocks = createBlocks(suite, path)
    blocks.bytes().fill(5, blocks.start, blocks.start + 64)
    const { start } = blocks
    blocks.grow(5000)
    expect(blocks.start).toBe(start)
    expect(blocks.bytes().slice(start, start + 64)).toEqual(new Uint8Array(64).fill(5))
    expect(
      blocks
        .bytes()
        .slice(start + 64, start + 64 * 5000)
        .every((byte) => byte === 0),
    ).toBe(true)
    expect(blocks.words()[start >> 2]).toBe(0x05050505)
  })
})
