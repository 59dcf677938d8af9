import { describe, expect, test } from 'vitest'
import { bytesFromId, idFromHex } from '../../src/base/brand.ts'
import { hexFromBytes } from '../../src/base/bytes.ts'
import { faultFrom } from '../../src/base/fault.ts'
import { STATE_LEAVES_MAX } from '../../src/base/limits.ts'
import { type ArenaEntry, type Loaded, loadTree } from '../../src/state/arena-load.ts'
import { createBlocks } from '../../src/state/blocks.ts'
import { rootOf, treeFrom } from '../../src/state/tree.ts'
import { keyPool, numberedKey, TEST_SUITES, type TestSuite, valueOf } from './forge.ts'

const loaded = (suite: TestSuite, entries: readonly ArenaEntry[]): Loaded & { root: string } => {
  const blocks = createBlocks(suite, 'wasm')
  const tree = loadTree(blocks, entries)
  const root = blocks.bytes().slice(blocks.start, blocks.start + 32)
  return { ...tree, root: idFromHex<'state-root'>(hexFromBytes(root)) }
}

describe.each(TEST_SUITES)('a loaded tree under %s', (suite) => {
  test('has the root of its content, in any order of the entries', () => {
    const entries = [...keyPool.entries()].map(([n, key]) => [key, valueOf(n)] as const)
    const asBytes = entries.map(([key, value]) => [bytesFromId(key), value] as const)
    const root = rootOf(treeFrom(suite, entries))
    expect(loaded(suite, asBytes)).toMatchObject({ root, leafCount: keyPool.length })
    expect(loaded(suite, asBytes.toReversed()).root).toBe(root)
  })

  test('is right above the size at which subtrees are hashed on their own', () => {
    const count = suite === 'quantum' ? 5000 : 2200
    const entries = Array.from({ length: count }, (_, n) => [numberedKey(n), valueOf(n)] as const)
    const tree = loaded(
      suite,
      entries.map(([key, value]) => [bytesFromId(key), value]),
    )
    expect(tree.root).toBe(rootOf(treeFrom(suite, entries)))
  })
})

describe('loading', () => {
  test('uses each block once, and refers to all of them but the root', () => {
    const entries = Array.from(
      { length: 40 },
      (_, n) => [bytesFromId(numberedKey(n)), valueOf(n)] as const,
    )
    const { children, blockCount, leafCount } = loaded('quantum', entries)
    const references = [...children].filter((child) => child !== 0)
    expect(new Set(references.map((child) => child >> 1)).size).toBe(blockCount - 1)
    expect(references.length).toBe(blockCount - 1)
    expect(references.filter((child) => (child & 1) === 1).length).toBe(leafCount)
  })

  test('stops at the limit however long the entries go on', () => {
    const entry = [bytesFromId(numberedKey(0)), new Uint8Array(0)] as const
    function* many(count: number): Generator<ArenaEntry> {
      for (let at = 0; at < count; at++) yield entry
    }
    const codeOf = (count: number): unknown =>
      faultFrom(() => loadTree(createBlocks('quantum', 'wasm'), many(count)))
    expect(codeOf(2)).toMatchObject({ code: 'state/key-twice' })
    expect(codeOf(STATE_LEAVES_MAX + 1)).toMatchObject({ code: 'state/too-many-leaves' })
  })
})
