/**
 * A machine's state as an immutable sparse Merkle tree: values under keys, with one root.
 *
 * Promise. The root depends on the keys and values alone, never on the order or the history of the changes that
 * led there: undoing a change restores the earlier root. `replace` copies one path for each change and leaves the
 * older tree as it was; the two share the rest. A hash is computed when it is first asked for, and once.
 *
 * Not promised. A root says nothing about which machine or step it belongs to; that binding is the transition's.
 *
 * | place | its hash |
 * |---|---|
 * | no leaf below | 32 zero bytes |
 * | exactly one leaf below | H('tallystick/1 state leaf', key 32, H('tallystick/1 state value', value) 32) |
 * | more leaves | H('tallystick/1 state node', left half 32, right half 32) |
 */
import { idFromBytes, type StateRoot } from '../base/brand.ts'
import { Fault } from '../base/fault.ts'
import { STATE_LEAVES_MAX, STATE_VALUE_BYTES_MAX } from '../base/limits.ts'
import type { SuiteId } from '../base/suite.ts'
import { stateHashes } from './hashes.ts'
import { keyBit, type StateKey } from './keys.ts'
import {
  createBranch,
  createLeaf,
  endsOf,
  hashOf,
  leafOf,
  type Leaf,
  type Node,
  withLeaf,
  withoutKey,
} from './node.ts'

/** A state at one moment. Never changes. */
export type Tree = {
  readonly suite: SuiteId
  /** Number of keys that have a value, as far as the tree is known. */
  readonly size: number
  /** Of the values that are known. */
  readonly bytes: number
  readonly top: Node
}

/** A new value for a key, or its removal. */
export type Change = { readonly key: StateKey; readonly value: Uint8Array | undefined }

export type Entry = readonly [key: StateKey, value: Uint8Array]

export const emptyTree = (suite: SuiteId): Tree => ({
  suite,
  size: 0,
  bytes: 0,
  top: undefined,
})

/** The tree that holds exactly `entries`. Raises `state/key-twice`, `state/value-too-long`, `state/too-many-leaves`. */
export const treeFrom = (suite: SuiteId, entries: Iterable<Entry>): Tree => {
  const all: Entry[] = []
  for (const entry of entries) {
    checkedSize(all.length + 1)
    all.push(entry)
  }
  const leaves = all.map(([key, value]) => createLeaf(key, checkedValue(key, value)))
  leaves.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
  for (let at = 1; at < leaves.length; at++) {
    const key = leaves[at]?.key
    if (key !== undefined && key === leaves[at - 1]?.key) throw keyTwice(key)
  }
  const bytes = leaves.reduce((sum, { value }) => sum + (value?.length ?? 0), 0)
  return { suite, size: leaves.length, bytes, top: grown(leaves, 0, leaves.length, 0) }
}

/** The root of a tree: 32 zero bytes when it holds nothing. */
export const rootOf = (tree: Tree): StateRoot =>
  idFromBytes(hashOf(stateHashes(tree.suite), tree.top))

/**
 * A key's value, or `undefined` for its absence. Raises `state/unknown-place` in a tree built from proofs that say
 * nothing about the key, so that not knowing is never taken for absence.
 */
export const read = (tree: Tree, key: StateKey): Uint8Array | undefined => {
  const leaf = leafOf(tree.top, key)
  if (leaf === undefined) return undefined
  if (leaf.value === undefined) {
    throw new Fault('state/unknown-place', `the value of key ${key} is known by its hash alone`)
  }
  return leaf.value.slice()
}

/**
 * The tree after `changes`. Their order does not matter, so a key that appears twice is refused. Raises
 * `state/key-twice`, `state/value-too-long`, `state/too-many-leaves` and, in a tree built from proofs,
 * `state/unknown-place` and `state/unknown-neighbour`.
 */
export const replace = (tree: Tree, changes: readonly Change[]): Tree => {
  let { size, bytes, top } = tree
  const keys = new Set<StateKey>()
  for (const { key } of changes) {
    if (keys.has(key)) throw keyTwice(key)
    keys.add(key)
  }
  // What comes is set before what goes is removed: a neighbour then moves up only where it stays moved.
  for (const { key, value } of changes) {
    if (value === undefined) continue
    const leaf = leafOf(top, key)
    if (leaf === undefined) size += 1
    bytes += value.length - (leaf?.value?.length ?? 0)
    top = withLeaf(top, createLeaf(key, checkedValue(key, value)), 0)
  }
  for (const { key, value } of changes) {
    if (value !== undefined) continue
    const leaf = leafOf(top, key)
    if (leaf === undefined) continue
    bytes -= leaf.value?.length ?? 0
    top = withoutKey(top, key, 0)
    size -= 1
  }
  return { suite: tree.suite, size: checkedSize(size), bytes, top }
}

/**
 * Everything a tree holds, in the order of keys. Raises `state/unknown-place` in a tree of which only a part is known:
 * a list that leaves out what it does not know would say that the rest is absent.
 */
export const entriesOf = (tree: Tree): readonly Entry[] =>
  endsOf(tree.top).map((end): Entry => {
    if (end.is === 'leaf' && end.value !== undefined) return [end.key, end.value.slice()]
    throw new Fault('state/unknown-place', 'only a part of the state is known')
  })

/** The subtree over a run of sorted leaves that share their first `depth` bits. */
const grown = (leaves: readonly Leaf[], from: number, to: number, depth: number): Node => {
  if (to - from < 2) return to === from ? undefined : leaves[from]
  let low = from
  let high = to
  while (low < high) {
    const middle = (low + high) >> 1
    const leaf = leaves[middle]
    if (leaf !== undefined && keyBit(leaf.key, depth) === 0) low = middle + 1
    else high = middle
  }
  return createBranch(grown(leaves, from, low, depth + 1), grown(leaves, low, to, depth + 1))
}

/** A copy, so that a caller who goes on writing to its bytes does not change the tree. */
const checkedValue = (key: StateKey, value: Uint8Array): Uint8Array => {
  if (value.length > STATE_VALUE_BYTES_MAX) {
    throw new Fault(
      'state/value-too-long',
      `${value.length} bytes under key ${key} where at most ${STATE_VALUE_BYTES_MAX} are allowed`,
    )
  }
  return value.slice()
}

const checkedSize = (size: number): number => {
  if (size > STATE_LEAVES_MAX) {
    throw new Fault(
      'state/too-many-leaves',
      `${size} keys where at most ${STATE_LEAVES_MAX} are allowed`,
    )
  }
  return size
}

const keyTwice = (key: StateKey): Fault => new Fault('state/key-twice', `key ${key} appears twice`)
