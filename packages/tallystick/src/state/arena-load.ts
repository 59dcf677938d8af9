/**
 * Building a whole tree in fresh blocks: as if every key had been set alone, but each branch is hashed once, several
 * at a time, and what lies below one branch lies together in memory.
 */
import { assert } from '../base/assert.ts'
import { compareBytes } from '../base/bytes.ts'
import { Fault } from '../base/fault.ts'
import { HASH_BYTES } from '../base/hash.ts'
import { STATE_LEAVES_MAX, STATE_VALUE_BYTES_MAX } from '../base/limits.ts'
import { BLOCK_BYTES, type Blocks } from './blocks.ts'

/** A key, 32 bytes, and its value. */
export type ArenaEntry = readonly [key: Uint8Array, value: Uint8Array]

/** A tree in blocks, with references as `arena.ts` describes them. */
export type Loaded = {
  readonly children: Int32Array
  readonly blockCount: number
  readonly leafCount: number
}

/**
 * Fills fresh blocks: each branch comes before what is below it, and the leaves stand among the branches, because a
 * change visits them together. Raises `state/key-twice`, `state/value-too-long` and `state/too-many-leaves`, and leaves the blocks as they were.
 */
export const loadTree = (blocks: Blocks, entries: Iterable<ArenaEntry>): Loaded => {
  try {
    const leafCount = writeLeaves(blocks, entries)
    const order = sortedLeaves(blocks, leafCount)
    const plan: Plan = {
      blocks,
      order,
      apart: leafCount,
      children: new Int32Array(4 * (1 + leafCount)),
      next: 1,
      leaves: [],
      branches: [],
    }
    growHashed(plan, { from: 0, to: leafCount, depth: 0, slot: 0 })
    closeUp(plan)
    return { children: plan.children, blockCount: plan.next, leafCount }
  } catch (error) {
    blocks.bytes().fill(0, blocks.start)
    throw error
  }
}

/** Leaves in the order of their keys: the first 32 bits of each key, and its block. */
type Order = { readonly firsts: Uint32Array; readonly leaves: Uint32Array }

type Plan = {
  readonly blocks: Blocks
  readonly order: Order
  /** Blocks that the unsorted leaves take while the tree grows behind them; block `n` is then `n + apart`. */
  readonly apart: number
  children: Int32Array
  next: number
  /** Pairs of a block and where its hash goes, those of the branches for each depth. */
  readonly leaves: number[]
  readonly branches: number[][]
}

/** A run of leaves that share their first `depth` bits, and the number of the half that their place hangs under. */
type Run = {
  readonly from: number
  readonly to: number
  readonly depth: number
  readonly slot: number
}

const addressOf = ({ blocks, apart }: Plan, index: number): number =>
  blocks.start + (index === 0 ? 0 : index + apart) * BLOCK_BYTES

const halfOf = (plan: Plan, slot: number): number =>
  addressOf(plan, slot >> 1) + (slot & 1) * HASH_BYTES

/** Keys and hashes of values, from block 1 on in the order of the entries. */
const writeLeaves = (blocks: Blocks, entries: Iterable<ArenaEntry>): number => {
  let count = 0
  let values: Uint8Array[] = []
  let outs: number[] = []
  const hashValues = (): void => {
    blocks.valuesApart(values, outs)
    values = []
    outs = []
  }
  for (const [key, value] of entries) {
    assert(key.length === HASH_BYTES, 'a state key has 32 bytes')
    if (count === STATE_LEAVES_MAX) {
      throw new Fault('state/too-many-leaves', `a state holds at most ${STATE_LEAVES_MAX} keys`)
    }
    if (value.length > STATE_VALUE_BYTES_MAX) {
      throw new Fault(
        'state/value-too-long',
        `${value.length} bytes under a key where at most ${STATE_VALUE_BYTES_MAX} are allowed`,
      )
    }
    count += 1
    blocks.grow(1 + count)
    const leaf = blocks.start + count * BLOCK_BYTES
    blocks.bytes().set(key, leaf)
    values.push(value)
    outs.push(leaf + HASH_BYTES)
    if (values.length === 1024) hashValues()
  }
  hashValues()
  return count
}

const sortedLeaves = (blocks: Blocks, count: number): Order => {
  const bytes = blocks.bytes()
  const at = (leaf: number): number => blocks.start + leaf * BLOCK_BYTES
  // One number for each key, its first bits and then its block: far quicker to sort than the keys.
  const numbers = new Float64Array(count)
  const view = new DataView(bytes.buffer)
  for (let leaf = 1; leaf <= count; leaf++) {
    numbers[leaf - 1] = view.getUint32(at(leaf)) * BLOCK_SPAN + leaf
  }
  numbers.sort()
  const firsts = new Uint32Array(count)
  const leaves = new Uint32Array(count)
  for (let rank = 0; rank < count; rank++) {
    const number = numbers[rank] ?? 0
    const first = Math.floor(number / BLOCK_SPAN)
    firsts[rank] = first
    leaves[rank] = number - first * BLOCK_SPAN
  }
  const keyOf = (leaf: number): Uint8Array => bytes.subarray(at(leaf), at(leaf) + HASH_BYTES)
  for (let from = 0, to = 0; from < count; from = to) {
    for (to = from + 1; to < count && firsts[to] === firsts[from];) to += 1
    if (to - from === 1) continue
    const run = leaves.subarray(from, to)
    run.sort((a, b) => {
      const order = compareBytes(keyOf(a), keyOf(b))
      if (order === 0) throw new Fault('state/key-twice', 'a key appears twice among the entries')
      return order
    })
  }
  return { firsts, leaves }
}

/** Above the number of any leaf's block; with 32 bits before it, still a whole number in 53 bits. */
const BLOCK_SPAN: number = 2 * STATE_LEAVES_MAX

/** Leaves below which a subtree is grown and then hashed while the processor's cache still holds it. */
const SUBTREE_LEAVES = 2048

const growHashed = (plan: Plan, run: Run): void => {
  const { blocks, leaves, branches } = plan
  if (run.to - run.from > SUBTREE_LEAVES) {
    const [block, left, right] = branched(plan, run)
    growHashed(plan, left)
    growHashed(plan, right)
    blocks.climb([block, halfOf(plan, run.slot)], 1)
    return
  }
  grow(plan, run)
  blocks.leavesApart(leaves, leaves.length / 2)
  leaves.length = 0
  for (let depth = branches.length - 1; depth >= run.depth; depth--) {
    const pairs = branches[depth] ?? []
    blocks.branchesApart(pairs, pairs.length / 2)
    pairs.length = 0
  }
}

/** Lays out the place of a run, to be hashed later. */
const grow = (plan: Plan, run: Run): void => {
  const { from, to, depth, slot } = run
  if (from === to) return
  if (to - from === 1) {
    const leaf = addressOf(plan, taken(plan, slot, 1))
    const at = plan.blocks.start + (plan.order.leaves[from] ?? 0) * BLOCK_BYTES
    plan.blocks.bytes().copyWithin(leaf, at, at + BLOCK_BYTES)
    plan.leaves.push(leaf, halfOf(plan, slot))
    return
  }
  const [block, left, right] = branched(plan, run)
  const pairs = (plan.branches[depth] ??= [])
  pairs.push(block, halfOf(plan, slot))
  grow(plan, left)
  grow(plan, right)
}

/** Address of a new branch for a run of two leaves or more, and the runs of its halves. */
const branched = (plan: Plan, run: Run): readonly [block: number, left: Run, right: Run] => {
  const { from, to, depth, slot } = run
  const index = taken(plan, slot, 0)
  const middle = firstRight(plan, run)
  return [
    addressOf(plan, index),
    { from, to: middle, depth: depth + 1, slot: 2 * index },
    { from: middle, to, depth: depth + 1, slot: 2 * index + 1 },
  ]
}

/** The next block, for a branch or with 1 for a leaf, to hang under a half. */
const taken = (plan: Plan, slot: number, isLeaf: 0 | 1): number => {
  const index = plan.next
  plan.next += 1
  plan.blocks.grow(plan.apart + plan.next)
  if (plan.children.length < 2 * plan.next) {
    const grown = new Int32Array(2 * plan.children.length)
    grown.set(plan.children)
    plan.children = grown
  }
  plan.children[slot] = 2 * index + isLeaf
  return index
}

/** Moves the tree to where the unsorted leaves were, and leaves zeros behind. */
const closeUp = ({ blocks, apart, next }: Plan): void => {
  const bytes = blocks.bytes()
  const from = blocks.start + BLOCK_BYTES
  const size = (next - 1) * BLOCK_BYTES
  bytes.copyWithin(from, from + apart * BLOCK_BYTES, from + apart * BLOCK_BYTES + size)
  bytes.fill(0, from + size, from + apart * BLOCK_BYTES + size)
}

/** Where in a run the leaves begin whose next bit is 1. */
const firstRight = ({ blocks, order }: Plan, { from, to, depth }: Run): number => {
  const bytes = blocks.bytes()
  const isRight = (rank: number): boolean => {
    if (depth < 32) return (((order.firsts[rank] ?? 0) >>> (31 - depth)) & 1) === 1
    const at = blocks.start + (order.leaves[rank] ?? 0) * BLOCK_BYTES + (depth >> 3)
    return (((bytes[at] ?? 0) >> (7 - (depth & 7))) & 1) === 1
  }
  let low = from
  let high = to
  while (low < high) {
    const middle = (low + high) >> 1
    if (isRight(middle)) high = middle
    else low = middle + 1
  }
  return low
}
