/**
 * A tree arena: the state tree (`tree.ts`) as one growing memory, for those who keep a large state or change it very
 * often, such as a directory or an import.
 *
 * Promise. The same roots and proofs as the immutable tree for the same content. A change costs the value's hash, the
 * leaf's and one for each level, in place and without allocation; nothing is kept of earlier content, so the cost does
 * not grow with the history.
 *
 * Not promised. Values: the arena keeps their hashes alone, since whoever has the values already stores them.
 *
 * Block 0 holds the root in its left half. A reference is twice a branch's block, or twice a leaf's block and one; 0 is
 * nothing. The reference of what hangs under a half has the half's own number.
 */
import { assert } from '../base/assert.ts'
import { type Blake3Path, defaultBlake3 } from '../base/blake3.ts'
import { idFromHex, type StateRoot } from '../base/brand.ts'
import { hexFromBytes } from '../base/bytes.ts'
import { Fault } from '../base/fault.ts'
import { HASH_BYTES } from '../base/hash.ts'
import { STATE_LEAVES_MAX, STATE_VALUE_BYTES_MAX, TREE_DEPTH } from '../base/limits.ts'
import type { SuiteId } from '../base/suite.ts'
import { type ArenaEntry, loadTree } from './arena-load.ts'
import { BLOCK_BYTES, type Blocks, createBlocks } from './blocks.ts'
import { type Crown, crownLayers, crownPlace, grownCrown, noCrown } from './crown.ts'
import type { Proof } from './proof.ts'

export type TreeArena = {
  /** Number of keys that have a value. */
  readonly size: () => number
  /** Gives a key, 32 bytes, a value. Raises `state/value-too-long` or `state/too-many-leaves`. */
  readonly set: (key: Uint8Array, value: Uint8Array) => void
  /**
   * Fills a fresh arena, several times quicker than key by key. Raises `state/key-twice`, `state/value-too-long` and
   * `state/too-many-leaves` before anything is written.
   */
  readonly load: (entries: Iterable<ArenaEntry>) => void
  /** Takes a key's value away; false if it had none. */
  readonly remove: (key: Uint8Array) => boolean
  /** The hash of a key's value, `undefined` where it has none. */
  readonly valueHash: (key: Uint8Array) => Uint8Array | undefined
  readonly root: () => StateRoot
  /** Copies the root, 32 bytes, to `at` in `target`. */
  readonly rootInto: (target: Uint8Array, at: number) => void
  readonly prove: (key: Uint8Array) => Proof
  /** Memory that the tree takes. It grows with the keys and is used again when they go. */
  readonly memoryBytes: () => number
}

/** An empty arena. `path` chooses the BLAKE3 kernel; by default the platform's fastest. */
export const createTreeArena = (
  suite: SuiteId,
  path: Blake3Path = defaultBlake3().path,
): TreeArena => {
  const blocks = createBlocks(suite, path)
  const arena: Arena = {
    blocks,
    children: new Int32Array(2),
    crown: noCrown,
    blockCount: 1,
    free: [],
    leafCount: 0,
    way: new Int32Array(2 * TREE_DEPTH),
    depth: 0,
    out: blocks.start,
    end: 0,
    touched: 0,
  }
  return {
    size: () => arena.leafCount,
    set: (key, value) => set(arena, key, value),
    load: (entries) => load(arena, entries),
    remove: (key) => remove(arena, key),
    valueHash: (key) => {
      walk(arena, key)
      return isAt(arena, key) ? hashAt(arena, leafAt(arena) + HASH_BYTES) : undefined
    },
    root: () => idFromHex(hexFromBytes(hashAt(arena, blocks.start))),
    rootInto: (target, at) => {
      // A loop, since a view to copy from would be an allocation for every step.
      const bytes = blocks.bytes()
      for (let byte = 0; byte < HASH_BYTES; byte++)
        target[at + byte] = bytes[blocks.start + byte] ?? 0
    },
    prove: (key) => prove(arena, key),
    memoryBytes: () =>
      arena.blockCount * BLOCK_BYTES + arena.children.byteLength + arena.crown.branches.byteLength,
  }
}

type Arena = {
  readonly blocks: Blocks
  /** What hangs under each half; under the left half of block 0, the whole tree. */
  children: Int32Array
  crown: Crown
  /** Blocks in use or given back. */
  blockCount: number
  readonly free: number[]
  leafCount: number
  /** Where the last walk passed (a branch's block and where its hash goes), how many branches, where it ended, at what. */
  readonly way: Int32Array
  depth: number
  out: number
  end: number
  touched: number
}

/**
 * Follows a key's bits down to a leaf or an empty half. Each block on the way is touched, so that it is on its way to
 * the cache while the walk goes on: the climb will want it.
 */
const walk = (arena: Arena, key: Uint8Array): void => {
  assert(key.length === HASH_BYTES, 'a state key has 32 bytes')
  const { children, way } = arena
  const { start } = arena.blocks
  const words = arena.blocks.words()
  walkCrown(arena, key)
  let { depth, out, touched } = arena
  let end = children[(out - start) >> 5] ?? 0
  while (end !== 0 && (end & 1) === 0) {
    const block = start + (end << 5)
    touched ^= words[block >> 2] ?? 0
    way[2 * depth] = block
    way[2 * depth + 1] = out
    const bit = bitOf(key, depth)
    out = block + (bit << 5)
    end = children[end + bit] ?? 0
    depth += 1
  }
  arena.depth = depth
  arena.out = out
  arena.end = end
  // Kept, so that no engine finds the touching useless.
  arena.touched = touched ^ (words[(start + (end << 5)) >> 2] ?? 0)
}

/** The part of a walk for which no reference need be followed. */
const walkCrown = (arena: Arena, key: Uint8Array): void => {
  const { crown, way } = arena
  const { layers, branches } = crown
  const { start } = arena.blocks
  const words = arena.blocks.words()
  let depth = 0
  let out = start
  let touched = 0
  let brick = 0
  for (let layer = 0; layer < layers; layer++) {
    const place = 16 | (((key[layer >> 1] ?? 0) >> (4 - 4 * (layer & 1))) & 15)
    for (let shift = 4; shift > 0; shift--) {
      const branch = branches[16 * brick + (place >> shift)] ?? 0
      // Then none stands in the bricks below either.
      if (branch === 0) break
      const block = start + (branch << 5)
      touched ^= words[block >> 2] ?? 0
      way[2 * depth] = block
      way[2 * depth + 1] = out
      out = block + (((place >> (shift - 1)) & 1) << 5)
      depth += 1
    }
    brick = 16 * brick + place - 15
  }
  arena.depth = depth
  arena.out = out
  arena.touched = touched
}

const set = (arena: Arena, key: Uint8Array, value: Uint8Array): void => {
  if (value.length > STATE_VALUE_BYTES_MAX) {
    throw new Fault(
      'state/value-too-long',
      `${value.length} bytes under a key where at most ${STATE_VALUE_BYTES_MAX} are allowed`,
    )
  }
  walk(arena, key)
  if (!isAt(arena, key)) addLeaf(arena, key)
  const leaf = leafAt(arena)
  arena.blocks.value(value, leaf + HASH_BYTES)
  arena.blocks.leaf(leaf, arena.out)
  arena.blocks.climb(arena.way, arena.depth)
}

const load = (arena: Arena, entries: Iterable<ArenaEntry>): void => {
  assert(arena.blockCount === 1, 'only a fresh arena is loaded')
  const { children, blockCount, leafCount } = loadTree(arena.blocks, entries)
  arena.children = children
  arena.blockCount = blockCount
  arena.leafCount = leafCount
  arena.crown = grownCrown(children, crownLayers(leafCount))
}

/** Puts a leaf for `key` where the walk ended, below new branches if another leaf stands there. */
const addLeaf = (arena: Arena, key: Uint8Array): void => {
  if (arena.leafCount >= STATE_LEAVES_MAX) {
    throw new Fault('state/too-many-leaves', `a state holds at most ${STATE_LEAVES_MAX} keys`)
  }
  const leaf = takeBlock(arena)
  if (arena.end !== 0) part(arena, key)
  arena.blocks.bytes().set(key, arena.blocks.start + leaf * BLOCK_BYTES)
  arena.end = 2 * leaf + 1
  setChild(arena, arena.out, arena.end)
  arena.leafCount += 1
  const layers = crownLayers(arena.leafCount)
  if (layers > arena.crown.layers) arena.crown = grownCrown(arena.children, layers)
}

/** Moves the leaf where the walk ended down to the first bit in which its key differs from `key`. */
const part = (arena: Arena, key: Uint8Array): void => {
  const other = arena.end
  const otherHash = hashAt(arena, arena.out)
  const otherKey = hashAt(arena, leafAt(arena))
  for (let isParted = false; !isParted; arena.depth++) {
    const index = takeBlock(arena)
    const block = arena.blocks.start + index * BLOCK_BYTES
    setBranch(arena, key, 2 * index)
    arena.way[2 * arena.depth] = block
    arena.way[2 * arena.depth + 1] = arena.out
    const bit = bitOf(key, arena.depth)
    arena.out = block + bit * HASH_BYTES
    isParted = bitOf(otherKey, arena.depth) !== bit
    if (isParted) {
      const far = block + (1 - bit) * HASH_BYTES
      arena.blocks.bytes().set(otherHash, far)
      setChild(arena, far, other)
    }
  }
}

/** Notes what branch stands at the end of the way, or with 0 that none does. */
const setBranch = (arena: Arena, key: Uint8Array, branch: number): void => {
  setChild(arena, arena.out, branch)
  const at = crownPlace(arena.crown, key, arena.depth)
  if (at >= 0) arena.crown.branches[at] = branch
}

const remove = (arena: Arena, key: Uint8Array): boolean => {
  walk(arena, key)
  if (!isAt(arena, key)) return false
  const bytes = arena.blocks.bytes()
  giveBlock(arena, leafAt(arena))
  setChild(arena, arena.out, 0)
  bytes.fill(0, arena.out, arena.out + HASH_BYTES)
  arena.leafCount -= 1
  while (arena.depth > 0) {
    const block = arena.way[2 * arena.depth - 2] ?? 0
    const [left, right] = [childAt(arena, block), childAt(arena, block + HASH_BYTES)]
    const lone = left === 0 ? right : left
    if ((left !== 0 && right !== 0) || (lone & 1) === 0) break
    // A leaf left alone moves up, and with it the hash that its half of the branch held.
    arena.depth -= 1
    arena.out = arena.way[2 * arena.depth + 1] ?? 0
    const half = left === 0 ? block + HASH_BYTES : block
    bytes.copyWithin(arena.out, half, half + HASH_BYTES)
    setBranch(arena, key, 0)
    setChild(arena, arena.out, lone)
    giveBlock(arena, block)
  }
  arena.blocks.climb(arena.way, arena.depth)
  return true
}

const prove = (arena: Arena, key: Uint8Array): Proof => {
  walk(arena, key)
  const siblings: (Uint8Array | undefined)[] = []
  let beside = 0
  for (let depth = 0; depth < arena.depth; depth++) {
    const far = (arena.way[2 * depth] ?? 0) + (1 - bitOf(key, depth)) * HASH_BYTES
    beside = childAt(arena, far)
    siblings.push(beside === 0 ? undefined : hashAt(arena, far))
  }
  if (isAt(arena, key)) return { siblings, terminal: { is: 'own' } }
  if (arena.end === 0 && arena.depth === 0) return { siblings, terminal: { is: 'void' } }
  const block = arena.end === 0 ? arena.blocks.start + (beside << 5) : leafAt(arena)
  const [first, second] = [hashAt(arena, block), hashAt(arena, block + HASH_BYTES)]
  if (arena.end === 0) return { siblings, terminal: { is: 'gap', left: first, right: second } }
  return {
    siblings,
    terminal: { is: 'other', key: idFromHex(hexFromBytes(first)), valueHash: second },
  }
}

/** Whether the last walk ended at the leaf of `key`. */
const isAt = (arena: Arena, key: Uint8Array): boolean => {
  if (arena.end === 0) return false
  const bytes = arena.blocks.bytes()
  const leaf = leafAt(arena)
  // The bits above are those of the way.
  for (let at = arena.depth >> 3; at < HASH_BYTES; at++) {
    if (bytes[leaf + at] !== key[at]) return false
  }
  return true
}

/** Address of the leaf where the last walk ended. */
const leafAt = (arena: Arena): number => arena.blocks.start + ((arena.end - 1) << 5)

const childAt = (arena: Arena, half: number): number =>
  arena.children[(half - arena.blocks.start) / HASH_BYTES] ?? 0

const setChild = (arena: Arena, half: number, child: number): void => {
  arena.children[(half - arena.blocks.start) / HASH_BYTES] = child
}

const hashAt = (arena: Arena, at: number): Uint8Array =>
  arena.blocks.bytes().slice(at, at + HASH_BYTES)

const bitOf = (key: Uint8Array, depth: number): number =>
  ((key[depth >> 3] ?? 0) >> (7 - (depth & 7))) & 1

/** The index of a block of zeros. */
const takeBlock = (arena: Arena): number => {
  const again = arena.free.pop()
  if (again !== undefined) return again
  const index = arena.blockCount
  arena.blockCount += 1
  arena.blocks.grow(arena.blockCount)
  if (2 * arena.blockCount > arena.children.length) {
    const grown = new Int32Array(2 * arena.children.length)
    grown.set(arena.children)
    arena.children = grown
  }
  return index
}

const giveBlock = (arena: Arena, block: number): void => {
  const index = (block - arena.blocks.start) / BLOCK_BYTES
  arena.blocks.bytes().fill(0, block, block + BLOCK_BYTES)
  arena.children.fill(0, 2 * index, 2 * index + 2)
  arena.free.push(index)
}
