/**
 * An operator's log: the append-only tree of RFC 6962 over SHA-256, kept whole in memory.
 *
 * Promise. The root at a size names every entry up to it and their order. `append` costs two hashes on average, a root or a
 * proof at any size at most one for each level, and an entry takes 64 bytes. A log restored from its tiles is the log that
 * made them, and nothing below the tiles is hashed again.
 *
 * Not promised. That stored tiles are undamaged: whoever restores a log compares its root with its own last checkpoint.
 *
 * A leaf is hashed behind the byte 00 and a node behind 01, so that neither can be shown as the other. Memory lies in
 * levels: level n holds the hashes of the complete subtrees of 2^n leaves, in pieces that are never moved.
 *
 * An entry has 112 bytes: machine 32, sequence u64, parent 32, child 32, time u64. A tile has 16,352: the hashes of 256
 * leaves that lie together, of the 128 nodes above them, and so on to the one at the top.
 */
import { assert } from '../../base/assert.ts'
import type { MachineId, TransitionId } from '../../base/brand.ts'
import { type Codec, id, struct, u64 } from '../../base/codec.ts'
import { Fault } from '../../base/fault.ts'
import { HASH_BYTES } from '../../base/hash.ts'
import { LOG_ENTRIES_MAX } from '../../base/limits.ts'
import { type Sha256, sha256 as portableSha256 } from '../../base/sha256.ts'
import { leafHash, nodeHash } from './log-proof.ts'

/** What an operator vowed for, and when. The parent stands under its machine and sequence minus one. */
export type LogEntry = {
  readonly machine: MachineId
  readonly sequence: bigint
  readonly parent: TransitionId
  readonly child: TransitionId
  /** Milliseconds since 1970, as in the receipt. */
  readonly time: bigint
}

export const LOG_ENTRY_BYTES = 112

export const logEntry: Codec<LogEntry> = struct<LogEntry>({
  machine: id<'machine'>(),
  sequence: u64,
  parent: id<'transition'>(),
  child: id<'transition'>(),
  time: u64,
})

export type OperatorLog = {
  readonly size: () => number
  /** Takes the bytes of the next entry. Raises `log/full`. */
  readonly append: (entry: Uint8Array) => void
  /** As `append`, of an entry whose leaf hash is known. */
  readonly appendHash: (leaf: Uint8Array) => void
  /**
   * Takes the hashes of the next 256 entries and of the nodes above them; the log ends with a whole tile, or is empty.
   * Raises `log/wrong-tile` for another size, and `log/full`.
   */
  readonly appendTile: (tile: Uint8Array) => void
  readonly leafAt: (index: number) => Uint8Array
  /** The root over the first `size` entries; over none, the hash of nothing. */
  readonly root: (size?: number) => Uint8Array
  /** The nodes beside an entry's path, from the leaf up, in the tree over the first `size` entries. */
  readonly inclusion: (index: number, size?: number) => readonly Uint8Array[]
  /**
   * That the first `from` entries begin the first `to`: RFC 6962's consistency proof with its first node always written
   * out, so that whoever checks it finds out which shorter tree is meant (`prefixRoots`). None where the sizes are equal.
   */
  readonly prefix: (from: number, to?: number) => readonly Uint8Array[]
  /** Tiles that are complete. */
  readonly tileCount: () => number
  readonly tile: (index: number) => Uint8Array
  readonly memoryBytes: () => number
}

export const LOG_TILE_ENTRIES = 256
const TILE_LEVELS = 9
export const LOG_TILE_BYTES: number = (2 * LOG_TILE_ENTRIES - 1) * HASH_BYTES

/** An empty log. `sha256` may be the runtime's own, which is quicker. */
export const createLog = (sha256: Sha256 = portableSha256): OperatorLog =>
  logOver({ sha256, size: 0, levels: [] })

/** The size and levels of a log; each level's hashes in pieces of one size. */
type Memory = {
  readonly sha256: Sha256
  size: number
  readonly levels: Uint8Array[][]
}

/** Hashes in one piece: a tile's never lie in two. */
const PIECE_HASHES = 2048

const logOver = (memory: Memory): OperatorLog => ({
  size: () => memory.size,
  append: (entry) => append(memory, leafHash(entry, memory.sha256)),
  appendHash: (leaf) => append(memory, leaf),
  appendTile: (tile) => putTile(memory, tile),
  leafAt: (index) => hashAt(memory, 0, index).slice(),
  root: (size = memory.size) => rootAt(memory, size),
  inclusion: (index, size = memory.size) => inclusion(memory, index, size),
  prefix: (from, to = memory.size) => prefix(memory, from, to),
  tileCount: () => Math.floor(memory.size / LOG_TILE_ENTRIES),
  tile: (index) => tileAt(memory, index),
  memoryBytes: () =>
    memory.levels.reduce((sum, pieces) => sum + pieces.length * PIECE_HASHES * HASH_BYTES, 0),
})

const append = (memory: Memory, leaf: Uint8Array): void => {
  assert(leaf.length === HASH_BYTES, 'a leaf is named by 32 bytes')
  checkRoom(memory, 1)
  put(memory, 0, memory.size, leaf)
  closeUp(memory, 0, memory.size)
  memory.size += 1
}

const checkRoom = (memory: Memory, count: number): void => {
  if (memory.size + count <= LOG_ENTRIES_MAX) return
  throw new Fault('log/full', `a log holds at most ${LOG_ENTRIES_MAX} entries`)
}

/** Hashes what became complete with the subtree `at` of a level: it and the one before, and so on upwards. */
const closeUp = (memory: Memory, level: number, at: number): void => {
  for (let above = level; (at & 1) === 1; at >>= 1, above++) {
    const pair = nodeHash(hashAt(memory, above, at - 1), hashAt(memory, above, at), memory.sha256)
    put(memory, above + 1, at >> 1, pair)
  }
}

const put = (memory: Memory, level: number, at: number, hashes: Uint8Array): void => {
  const pieces = (memory.levels[level] ??= [])
  const piece = (pieces[Math.floor(at / PIECE_HASHES)] ??= new Uint8Array(
    PIECE_HASHES * HASH_BYTES,
  ))
  piece.set(hashes, (at % PIECE_HASHES) * HASH_BYTES)
}

const hashAt = (memory: Memory, level: number, at: number): Uint8Array =>
  hashesAt(memory, level, at, 1)

const hashesAt = (memory: Memory, level: number, at: number, count: number): Uint8Array => {
  const piece = memory.levels[level]?.[Math.floor(at / PIECE_HASHES)]
  assert(piece !== undefined, 'only complete subtrees are looked up')
  const start = (at % PIECE_HASHES) * HASH_BYTES
  return piece.subarray(start, start + count * HASH_BYTES)
}

const putTile = (memory: Memory, tile: Uint8Array): void => {
  if (tile.length !== LOG_TILE_BYTES) {
    throw new Fault('log/wrong-tile', `${tile.length} bytes where a tile has ${LOG_TILE_BYTES}`)
  }
  assert(memory.size % LOG_TILE_ENTRIES === 0, 'a tile stands where whole tiles end')
  checkRoom(memory, LOG_TILE_ENTRIES)
  const index = memory.size / LOG_TILE_ENTRIES
  let start = 0
  for (let level = 0; level < TILE_LEVELS; level++) {
    const count = LOG_TILE_ENTRIES >> level
    const end = start + count * HASH_BYTES
    put(memory, level, index * count, tile.subarray(start, end))
    start = end
  }
  closeUp(memory, TILE_LEVELS - 1, index)
  memory.size += LOG_TILE_ENTRIES
}

const tileAt = (memory: Memory, index: number): Uint8Array => {
  assert((index + 1) * LOG_TILE_ENTRIES <= memory.size, 'only complete tiles are stored')
  const tile = new Uint8Array(LOG_TILE_BYTES)
  let start = 0
  for (let level = 0; level < TILE_LEVELS; level++) {
    const count = LOG_TILE_ENTRIES >> level
    tile.set(hashesAt(memory, level, index * count, count), start)
    start += count * HASH_BYTES
  }
  return tile
}

const rootAt = (memory: Memory, size: number): Uint8Array => {
  assert(size <= memory.size, 'no root is known of entries to come')
  return size === 0 ? memory.sha256(new Uint8Array(0)) : spanHash(memory, 0, size).slice()
}

/** The hash over the leaves from `from` to before `to`, where `from` is a multiple of the span's size rounded up to a power of two. */
const spanHash = (memory: Memory, from: number, to: number): Uint8Array => {
  const count = to - from
  const level = 31 - Math.clz32(count)
  if (count === 2 ** level) return hashAt(memory, level, from / count)
  const middle = from + splitOf(count)
  return nodeHash(spanHash(memory, from, middle), spanHash(memory, middle, to), memory.sha256)
}

/** Leaves on the left of a tree over `count`, two or more: the largest power of two below it. */
const splitOf = (count: number): number => 2 ** (31 - Math.clz32(count - 1))

const inclusion = (memory: Memory, index: number, size: number): readonly Uint8Array[] => {
  assert(index < size && size <= memory.size, 'only entries that are there are proven')
  const beside: Uint8Array[] = []
  for (let from = 0, to = size; to - from > 1;) {
    const middle = from + splitOf(to - from)
    if (index < middle) {
      beside.push(spanHash(memory, middle, to).slice())
      to = middle
    } else {
      beside.push(spanHash(memory, from, middle).slice())
      from = middle
    }
  }
  return beside.reverse()
}

const prefix = (memory: Memory, first: number, size: number): readonly Uint8Array[] => {
  assert(first > 0 && first <= size && size <= memory.size, 'a prefix is of what is there')
  if (first === size) return []
  const nodes: Uint8Array[] = []
  let [from, to] = [0, size]
  while (to !== first) {
    const middle = from + splitOf(to - from)
    if (first <= middle) {
      nodes.push(spanHash(memory, middle, to).slice())
      to = middle
    } else {
      nodes.push(spanHash(memory, from, middle).slice())
      from = middle
    }
  }
  return [...nodes, spanHash(memory, from, to).slice()].reverse()
}
