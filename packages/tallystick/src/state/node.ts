/**
 * The nodes of a state tree, immutable but for their remembered hashes.
 *
 * Shape. A place in the tree is a number of leading key bits, most significant first. A place under which there
 * is no leaf is empty (`undefined`, hash 32 zero bytes). A place under which there is exactly one leaf *is* that
 * leaf. Any other place is a branch. So the shape follows from the set of keys alone, and with it the root.
 *
 * A stub stands for a part of the tree of which only the hash is known (`witness.ts`). What would need to look
 * into a stub raises `state/unknown-place`; it never guesses.
 */
import { bytesFromId } from '../base/brand.ts'
import { Fault } from '../base/fault.ts'
import { type StateHashes, zeroHash } from './hashes.ts'
import { keyBit, sharedBits, type StateKey } from './keys.ts'

export type Leaf = {
  readonly is: 'leaf'
  readonly key: StateKey
  /** Unknown in a leaf that a proof of absence has shown: there only the hash of the value is known. */
  readonly value: Uint8Array | undefined
  valueHash: Uint8Array | undefined
  hash: Uint8Array | undefined
}

export type Branch = {
  readonly is: 'branch'
  readonly left: Node
  readonly right: Node
  hash: Uint8Array | undefined
}

export type Stub = { readonly is: 'stub'; readonly hash: Uint8Array }

export type Node = Leaf | Branch | Stub | undefined

export const createLeaf = (key: StateKey, value: Uint8Array): Leaf => ({
  is: 'leaf',
  key,
  value,
  valueHash: undefined,
  hash: undefined,
})

export const createBranch = (left: Node, right: Node): Branch => ({
  is: 'branch',
  left,
  right,
  hash: undefined,
})

/** A branch whose half on the side of `bit` is `near`, and whose other half is `far`. */
const branchOn = (bit: 0 | 1, near: Node, far: Node): Branch =>
  bit === 0 ? createBranch(near, far) : createBranch(far, near)

export const valueHashOf = (hashes: StateHashes, leaf: Leaf): Uint8Array => {
  if (leaf.valueHash === undefined) {
    if (leaf.value === undefined)
      throw new Error('assertion failed: a leaf has a value or its hash')
    leaf.valueHash = hashes.value(leaf.value)
  }
  return leaf.valueHash
}

/** The hash of a place, computed once for each node. */
export const hashOf = (hashes: StateHashes, node: Node): Uint8Array => {
  if (node === undefined) return zeroHash
  switch (node.is) {
    case 'leaf':
      return (node.hash ??= hashes.leaf(bytesFromId(node.key), valueHashOf(hashes, node)))
    case 'branch':
      return (node.hash ??= hashes.node(hashOf(hashes, node.left), hashOf(hashes, node.right)))
    case 'stub':
      return node.hash
  }
}

/** The tree with `leaf` in it, whether or not its key had a value before. */
export const withLeaf = (node: Node, leaf: Leaf, depth: number): Node => {
  if (node === undefined) return leaf
  switch (node.is) {
    case 'leaf':
      return node.key === leaf.key ? leaf : split(node, leaf, depth)
    case 'stub':
      throw unknownPlace(leaf.key, depth)
    case 'branch':
      return keyBit(leaf.key, depth) === 0
        ? createBranch(withLeaf(node.left, leaf, depth + 1), node.right)
        : createBranch(node.left, withLeaf(node.right, leaf, depth + 1))
  }
}

/** Two leaves that share a place at `depth`: branches with one empty half, down to the bit that parts them. */
const split = (old: Leaf, added: Leaf, depth: number): Branch => {
  const parting = sharedBits(old.key, added.key)
  let node = branchOn(keyBit(added.key, parting), added, old)
  for (let level = parting - 1; level >= depth; level--) {
    node = branchOn(keyBit(added.key, level), node, undefined)
  }
  return node
}

/** The tree without `key`; the same object when the key has no value. */
export const withoutKey = (node: Node, key: StateKey, depth: number): Node => {
  if (node === undefined) return undefined
  switch (node.is) {
    case 'leaf':
      return node.key === key ? undefined : node
    case 'stub':
      throw unknownPlace(key, depth)
    case 'branch': {
      const bit = keyBit(key, depth)
      const near = bit === 0 ? node.left : node.right
      const far = bit === 0 ? node.right : node.left
      const rest = withoutKey(near, key, depth + 1)
      if (rest === near) return node
      return lifted(bit, rest, far) ?? branchOn(bit, rest, far)
    }
  }
}

/** A leaf that is now alone under its branch, to stand where the branch stood. */
const lifted = (bit: 0 | 1, near: Node, far: Node): Leaf | undefined => {
  if (near === undefined && far?.is === 'leaf') return far
  if (far === undefined && near?.is === 'leaf') return near
  // Whether the neighbour moves up depends on its being a leaf, which its hash does not tell.
  if (near === undefined && far?.is === 'stub') {
    throw new Fault(
      'state/unknown-neighbour',
      `only the hash of the ${bit === 0 ? 'right' : 'left'} half is known`,
    )
  }
  return undefined
}

/** The leaf of `key`, `undefined` when the tree shows that there is none. Raises `state/unknown-place`. */
export const leafOf = (top: Node, key: StateKey): Leaf | undefined => {
  let node = top
  for (let depth = 0; node !== undefined; depth++) {
    if (node.is === 'stub') throw unknownPlace(key, depth)
    if (node.is === 'leaf') return node.key === key ? node : undefined
    node = keyBit(key, depth) === 0 ? node.left : node.right
  }
  return undefined
}

/** Where the branches end, left to right: every leaf that is known, in the order of keys, and every stub. */
export const endsOf = (top: Node): readonly (Leaf | Stub)[] => {
  const ends: (Leaf | Stub)[] = []
  const visit = (node: Node): void => {
    if (node === undefined) return
    if (node.is === 'branch') {
      visit(node.left)
      visit(node.right)
    } else {
      ends.push(node)
    }
  }
  visit(top)
  return ends
}

const unknownPlace = (key: StateKey, depth: number): Fault =>
  new Fault(
    'state/unknown-place',
    `nothing is known about key ${key} below its first ${depth} bits`,
  )
