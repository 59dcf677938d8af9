/**
 * Batches: one signature for many steps, by the root of a Merkle tree over their ids.
 *
 * | place | its hash |
 * |---|---|
 * | leaf | H('tallystick/1 batch leaf', id 32) |
 * | node | H('tallystick/1 batch node', left 32, right 32) |
 * | root | H('tallystick/1 batch root', size u64, top 32) |
 *
 * The tree has the shape of RFC 6962: the left part is the largest power of two that is smaller than the whole, and
 * nothing is doubled to fill a gap. So neither a leaf passes for a node (attack: a 64-byte "id"), nor does a batch have
 * the root of a longer one that repeats its end. The size is under the root, so a path fits one place in one size.
 *
 * Promise. Under one root, one place of one size holds one id. Not promised: that the steps follow from one another, or
 * belong to one machine; that is in the steps.
 */
import { type Blake3, defaultBlake3, onceFor } from '../base/blake3.ts'
import {
  BLOCK_BYTES,
  CHUNK_END,
  CHUNK_START,
  DERIVE_KEY_MATERIAL,
  ROOT,
} from '../base/blake3/layout.ts'
import { concatBytes } from '../base/bytes.ts'
import { type Codec, fixedBytes, list, struct, u32, u64 } from '../base/codec.ts'
import { Fault } from '../base/fault.ts'
import { HASH_BYTES, hash, taggedHash } from '../base/hash.ts'
import { BATCH_LEVELS_MAX } from '../base/limits.ts'
import { type SuiteId, suiteRules } from '../base/suite.ts'
import { type Tag, TAGS } from '../base/tags.ts'

/** Where a step is in its batch, and what its leaf is joined with on the way up. */
export type BatchPath = {
  readonly size: number
  readonly index: number
  /** From the leaf to the top, 32 bytes each. */
  readonly siblings: readonly Uint8Array[]
}

export const batchPath: Codec<BatchPath> = struct<BatchPath>({
  size: u32,
  index: u32,
  siblings: list(fixedBytes(HASH_BYTES), BATCH_LEVELS_MAX),
})

/**
 * The 32 bytes to sign for a batch: `ids` holds the steps' ids one after the other. Raises `batch/wrong-size` for a
 * batch without steps, with too many, or with part of an id.
 */
export const batchRoot = (suite: SuiteId, ids: Uint8Array, blake3?: Blake3): Uint8Array => {
  const size = sizeOf(ids)
  const joins = joinsOf(suite, blake3)
  let level = joins.leaves(ids)
  while (level.length > HASH_BYTES) level = levelAbove(joins, level)
  return rootFromTop(suite, size, level)
}

/** The path of one step of a batch. Raises what `batchRoot` raises, and `batch/wrong-place`. */
export const pathInBatch = (suite: SuiteId, ids: Uint8Array, index: number): BatchPath => {
  const size = sizeOf(ids)
  if (!Number.isInteger(index) || index < 0 || index >= size) throw wrongPlace(index, size)
  const joins = joinsOf(suite)
  const siblings: Uint8Array[] = []
  let level = joins.leaves(ids)
  for (let at = index; level.length > HASH_BYTES; at >>>= 1) {
    const sibling = (at ^ 1) * HASH_BYTES
    // The last of an odd level goes up alone.
    if (sibling < level.length) siblings.push(level.slice(sibling, sibling + HASH_BYTES))
    level = levelAbove(joins, level)
  }
  return { size, index, siblings }
}

/**
 * The root that a path leads to from a step's id, to be compared with the one that was signed. Raises
 * `batch/wrong-place` for a place that no batch of the size has, `batch/wrong-path` for too few or too many siblings.
 */
export const rootFromPath = (suite: SuiteId, path: BatchPath, id: Uint8Array): Uint8Array => {
  const { size, index, siblings } = path
  if (!Number.isInteger(index) || index < 0 || index >= size) throw wrongPlace(index, size)
  let node = hash(suite, TAGS.batchLeaf, fixedBytes(HASH_BYTES).encode(id))
  let used = 0
  let at = index
  for (let width = size; width > 1; width = Math.ceil(width / 2)) {
    const alone = at === width - 1 && at % 2 === 0
    if (!alone) {
      const sibling = siblings[used++]
      if (sibling === undefined) throw wrongPath(path)
      const pair = at % 2 === 0 ? concatBytes(node, sibling) : concatBytes(sibling, node)
      node = hash(suite, TAGS.batchNode, fixedBytes(BLOCK_BYTES).encode(pair))
    }
    at = Math.floor(at / 2)
  }
  if (used !== siblings.length) throw wrongPath(path)
  return rootFromTop(suite, size, node)
}

const rootFromTop = (suite: SuiteId, size: number, top: Uint8Array): Uint8Array =>
  hash(suite, TAGS.batchRoot, concatBytes(u64.encode(BigInt(size)), top))

const sizeOf = (ids: Uint8Array): number => {
  const size = ids.length / HASH_BYTES
  if (Number.isInteger(size) && size > 0 && size <= 2 ** BATCH_LEVELS_MAX) return size
  throw new Fault('batch/wrong-size', `${ids.length} bytes are no ids of a batch`)
}

const wrongPlace = (index: number, size: number): Fault =>
  new Fault('batch/wrong-place', `place ${index} in a batch of ${size}`)

const wrongPath = ({ size, index, siblings }: BatchPath): Fault =>
  new Fault('batch/wrong-path', `${siblings.length} siblings for place ${index} of ${size}`)

/** Hashes whole levels at once. */
type Joins = {
  readonly leaves: (ids: Uint8Array) => Uint8Array
  /** An even number of hashes, each two joined. */
  readonly nodes: (pairs: Uint8Array) => Uint8Array
}

const levelAbove = (joins: Joins, level: Uint8Array): Uint8Array => {
  const paired = level.length - (level.length % BLOCK_BYTES)
  const above = joins.nodes(level.subarray(0, paired))
  return paired === level.length ? above : concatBytes(above, level.subarray(paired))
}

const joinsOf = (suite: SuiteId, blake3?: Blake3): Joins => {
  if (suiteRules(suite).hash === 'blake3') return laneJoinsOf(blake3 ?? defaultBlake3())
  return {
    leaves: joinOneByOne(suite, TAGS.batchLeaf, HASH_BYTES),
    nodes: joinOneByOne(suite, TAGS.batchNode, BLOCK_BYTES),
  }
}

const joinOneByOne =
  (suite: SuiteId, tag: Tag, size: number): Joins['nodes'] =>
  (parts) => {
    const join = taggedHash(suite, tag)
    const level = new Uint8Array((parts.length / size) * HASH_BYTES)
    for (let from = 0, to = 0; from < parts.length; from += size, to += HASH_BYTES) {
      level.set(join(parts.subarray(from, from + size)), to)
    }
    return level
  }

/** Parts hashed in one go. */
const PIECE = 256

const laneJoinsOf: (blake3: Blake3) => Joins = onceFor((blake3) => {
  const { each, job, keyAt, kernel, reserve } = blake3
  const [desk, out] = [reserve(PIECE * BLOCK_BYTES), reserve(PIECE * HASH_BYTES)]
  const flags = DERIVE_KEY_MATERIAL | CHUNK_START | CHUNK_END | ROOT
  const join = (tag: Tag, size: number): Joins['nodes'] => {
    const places = { cv: keyAt(tag), block: desk, blockStride: size, out, outStride: HASH_BYTES }
    const address = job({ ...places, length: size, flags })
    return (parts) => {
      const count = parts.length / size
      const level = new Uint8Array(count * HASH_BYTES)
      for (let from = 0; from < count; from += PIECE) {
        const some = Math.min(PIECE, count - from)
        kernel.bytes.set(parts.subarray(from * size, (from + some) * size), desk)
        each(address, some)
        level.set(kernel.bytes.subarray(out, out + some * HASH_BYTES), from * HASH_BYTES)
      }
      return level
    }
  }
  return { leaves: join(TAGS.batchLeaf, HASH_BYTES), nodes: join(TAGS.batchNode, BLOCK_BYTES) }
})
