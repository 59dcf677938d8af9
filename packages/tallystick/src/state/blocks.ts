/**
 * The memory of a tree arena: blocks of 64 bytes, side by side, each hashed where it lies.
 *
 * A block is what a leaf or a branch hashes: a key and the hash of its value, or the hashes of two halves. So a
 * branch's block is also the place where its halves' hashes are kept, one line of the processor's cache, and a climb
 * from a leaf to the root copies nothing: it hashes a block into one half of the block above.
 *
 * Under BLAKE3 the blocks lie in a kernel's memory of their own; under the other suites in an array.
 */
import { assert } from '../base/assert.ts'
import * as layout from '../base/blake3/layout.ts'
import { type Blake3, type Blake3Path, createBlake3 } from '../base/blake3.ts'
import { HASH_BYTES } from '../base/hash.ts'
import { type SuiteId, suiteRules } from '../base/suite.ts'
import { TAGS, type Tag } from '../base/tags.ts'
import { stateHashes } from './hashes.ts'

export const BLOCK_BYTES = 64

/** Pairs of addresses: a block, and the 32 bytes where its hash goes. */
export type Pairs = { readonly [at: number]: number }

export type Blocks = {
  /** Address of block 0; block `n` lies `64 × n` behind it. */
  readonly start: number
  /** Both are renewed when the memory grows: never keep them. */
  readonly words: () => Int32Array
  readonly bytes: () => Uint8Array
  /** Makes room for blocks 0 to `count` − 1; fresh ones are zero. */
  readonly grow: (count: number) => void
  /** Puts the hash of a value at `out`. */
  readonly value: (value: Uint8Array, out: number) => void
  readonly leaf: (block: number, out: number) => void
  /** Hashes `count` branches, the last pair first, so that each may be hashed into the one before it. */
  readonly climb: (pairs: Pairs, count: number) => void
  /** The same for values, leaves or branches that do not depend on one another: several at a time. */
  readonly valuesApart: (values: readonly Uint8Array[], outs: Pairs) => void
  readonly leavesApart: (pairs: Pairs, count: number) => void
  readonly branchesApart: (pairs: Pairs, count: number) => void
}

/** Blocks with room for one. `path` chooses the BLAKE3 kernel and means nothing to the other suites. */
export const createBlocks = (suite: SuiteId, path: Blake3Path): Blocks =>
  suiteRules(suite).hash === 'blake3' ? kernelBlocks(createBlake3(path)) : arrayBlocks(suite)

const kernelBlocks = (blake3: Blake3): Blocks => {
  const { kernel } = blake3
  const desk = createDesk(blake3)
  const value = createTask(blake3, TAGS.stateValue, desk)
  const leaf = createTask(blake3, TAGS.stateLeaf, desk)
  const branch = createTask(blake3, TAGS.stateNode, desk)
  const longValue = blake3.deriveKey(TAGS.stateValue)
  const start = blake3.reserve(BLOCK_BYTES)
  let end = start + BLOCK_BYTES
  return {
    start,
    words: () => kernel.words,
    bytes: () => kernel.bytes,
    grow: (count) => {
      if (start + count * BLOCK_BYTES <= end) return
      const more = count * BLOCK_BYTES
      // Nobody else reserves here, so what is handed out follows what was handed out before.
      assert(blake3.reserve(more) === end, 'the blocks of an arena are contiguous')
      end += more
    },
    value: (bytes, out) => {
      if (bytes.length > BLOCK_BYTES) {
        kernel.bytes.set(longValue(bytes), out)
        return
      }
      kernel.bytes.set(bytes, desk.blocks)
      value.one(desk.blocks, out, bytes.length)
    },
    leaf: (block, out) => leaf.one(block, out, BLOCK_BYTES),
    climb: branch.climb,
    valuesApart: (values, outs) => {
      for (const [at, bytes] of values.entries()) {
        const out = outs[at] ?? 0
        if (bytes.length <= BLOCK_BYTES) {
          value.put(bytes, out)
        } else {
          // What waits may be an earlier value of the same key.
          value.finish()
          kernel.bytes.set(longValue(bytes), out)
        }
      }
      value.finish()
    },
    leavesApart: leaf.apart,
    branchesApart: branch.apart,
  }
}

/** Where blocks wait until a row of them is hashed, and where their hashes come out. */
type Desk = { readonly blocks: number; readonly hashes: number; readonly outs: Int32Array }

const DESK_SIZE = 128

const createDesk = (blake3: Blake3): Desk => ({
  blocks: blake3.reserve(DESK_SIZE * BLOCK_BYTES),
  hashes: blake3.reserve(DESK_SIZE * HASH_BYTES),
  outs: new Int32Array(DESK_SIZE),
})

/** Hashing under one tag. */
type Task = {
  readonly one: (block: number, out: number, length: number) => void
  readonly climb: (pairs: Pairs, count: number) => void
  readonly apart: (pairs: Pairs, count: number) => void
  /** Lays bytes on the desk and hashes what lies there when it is full or of another length. */
  readonly put: (bytes: Uint8Array, out: number) => void
  readonly finish: () => void
}

const createTask = (blake3: Blake3, tag: Tag, desk: Desk): Task => {
  const { kernel } = blake3
  const cv = blake3.keyAt(tag)
  const flags = layout.CHUNK_START | layout.CHUNK_END | layout.ROOT | layout.DERIVE_KEY_MATERIAL
  const item = { cv, block: desk.blocks, out: desk.hashes, length: BLOCK_BYTES, flags }
  const single = blake3.job(item)
  const row = blake3.job({ ...item, blockStride: BLOCK_BYTES, outStride: HASH_BYTES })
  const [block, out] = [(single >>> 2) + 2, (single >>> 2) + 4]
  const [length, rowLength] = [(single >>> 2) + 10, (row >>> 2) + 10]
  let laid = 0
  const finish = (): void => {
    if (laid > 0) blake3.each(row, laid)
    const { words } = kernel
    for (let at = 0, from = desk.hashes >>> 2; at < laid; at++) {
      const to = (desk.outs[at] ?? 0) >>> 2
      for (let end = from + 8, word = to; from < end; from++, word++) words[word] = words[from] ?? 0
    }
    laid = 0
  }
  return {
    one: (from, to, size) => {
      const { words } = kernel
      words[block] = from
      words[out] = to
      words[length] = size
      kernel.row(single, 1)
    },
    climb: (pairs, count) => {
      const { words } = kernel
      for (let at = 2 * count - 2; at >= 0; at -= 2) {
        words[block] = pairs[at] ?? 0
        words[out] = pairs[at + 1] ?? 0
        kernel.row(single, 1)
      }
    },
    apart: (pairs, count) => {
      const { words } = kernel
      for (let at = 0; at < count; at++) {
        let from = (pairs[2 * at] ?? 0) >>> 2
        let to = (desk.blocks + laid * BLOCK_BYTES) >>> 2
        for (const end = from + 16; from < end; from++, to++) words[to] = words[from] ?? 0
        desk.outs[laid] = pairs[2 * at + 1] ?? 0
        laid += 1
        if (laid === DESK_SIZE) finish()
      }
      finish()
    },
    put: (bytes, to) => {
      const { words } = kernel
      if (laid === DESK_SIZE || (laid > 0 && words[rowLength] !== bytes.length)) finish()
      words[rowLength] = bytes.length
      kernel.bytes.set(bytes, desk.blocks + laid * BLOCK_BYTES)
      desk.outs[laid] = to
      laid += 1
    },
    finish,
  }
}

const arrayBlocks = (suite: SuiteId): Blocks => {
  const hashes = stateHashes(suite)
  let words = new Int32Array(BLOCK_BYTES / 4)
  let bytes = new Uint8Array(words.buffer)
  const half = (at: number): Uint8Array => bytes.subarray(at, at + HASH_BYTES)
  const leaf = (block: number, out: number): void =>
    bytes.set(hashes.leaf(half(block), half(block + HASH_BYTES)), out)
  const value: Blocks['value'] = (of, out) => bytes.set(hashes.value(of), out)
  const climb: Blocks['climb'] = (pairs, count) => {
    for (let at = 2 * count - 2; at >= 0; at -= 2) {
      const block = pairs[at] ?? 0
      bytes.set(hashes.node(half(block), half(block + HASH_BYTES)), pairs[at + 1] ?? 0)
    }
  }
  return {
    start: 0,
    words: () => words,
    bytes: () => bytes,
    grow: (count) => {
      if (count * BLOCK_BYTES <= bytes.length) return
      const grown = new Int32Array(Math.max(count * BLOCK_BYTES, 2 * bytes.length) / 4)
      grown.set(words)
      words = grown
      bytes = new Uint8Array(words.buffer)
    },
    value,
    leaf,
    climb,
    valuesApart: (values, outs) => {
      for (const [at, of] of values.entries()) value(of, outs[at] ?? 0)
    },
    leavesApart: (pairs, count) => {
      for (let at = 0; at < 2 * count; at += 2) leaf(pairs[at] ?? 0, pairs[at + 1] ?? 0)
    },
    branchesApart: climb,
  }
}
