/**
 * Witnesses: the part of a state that one step reads and changes, cut out so that the step can be replayed under the
 * state's root without the rest. One witness replaces many proofs (`proof.ts`) and shares their siblings.
 *
 * Promise. A tree read from a witness has the given root, and it answers as the whole tree would or raises
 * `state/unknown-place`; what it does not know is never taken for absence. Replaying the changes that the witness was
 * cut for gives the whole tree's new root.
 *
 * Not promised. That a witness is the smallest, or the only one, for a purpose: never hash its bytes into an id. Nor
 * that a step which a witness replays keeps within the number of keys a state may hold: only the whole tree knows it.
 *
 * The bytes are the nodes from the top, a branch before its left half before its right half:
 *
 * | u8 | node | then |
 * |---|---|---|
 * | 0 | nothing | – |
 * | 1 | stub | its hash, 32 bytes |
 * | 2 | leaf | its key 32, u32 length and its value |
 * | 3 | leaf by hash | its key 32, the hash of its value 32 |
 * | 4 | branch | its two halves |
 *
 * As in a proof, nothing stands deeper than it must: beside an empty half there is a branch, never a leaf, and never a
 * stub, which could be one.
 */
import { bytesFromId, type StateRoot } from '../base/brand.ts'
import { equalBytes } from '../base/bytes.ts'
import {
  bytes,
  type Codec,
  createReader,
  createWriter,
  fixedBytes,
  id,
  type Reader,
  type Writer,
} from '../base/codec.ts'
import { Fault } from '../base/fault.ts'
import { HASH_BYTES } from '../base/hash.ts'
import { STATE_VALUE_BYTES_MAX, TREE_DEPTH } from '../base/limits.ts'
import type { SuiteId } from '../base/suite.ts'
import { type StateHashes, stateHashes, zeroHash } from './hashes.ts'
import { keyBit, type StateKey } from './keys.ts'
import {
  type Branch,
  createBranch,
  createLeaf,
  endsOf,
  hashOf,
  type Leaf,
  type Node,
  valueHashOf,
  withoutKey,
} from './node.ts'
import { type Change, replace, type Tree } from './tree.ts'

/** What a step does to a state: the keys that it reads, and its changes. */
export type Footprint = {
  readonly reads: readonly StateKey[]
  readonly changes: readonly Change[]
}

const NOTHING = 0
const STUB = 1
const LEAF = 2
const LEAF_BY_HASH = 3
const BRANCH = 4

const keyBytes: Codec<StateKey> = id<'state-key'>()
const hashBytes: Codec<Uint8Array> = fixedBytes(HASH_BYTES)
const valueBytes: Codec<Uint8Array> = bytes(STATE_VALUE_BYTES_MAX)

/** The witness for a step on `tree`. Raises what `replace` raises for the changes. */
export const witnessOf = (tree: Tree, footprint: Footprint): Uint8Array => {
  const keys = new Set([...footprint.reads, ...footprint.changes.map(({ key }) => key)])
  const shown = new Set<Node>()
  for (const key of keys) for (const node of pathOf(tree.top, key)) shown.add(node)
  for (const node of lookedAt(tree, footprint.changes)) shown.add(node)
  const writer = createWriter(4096)
  writeNode(writer, tree.top, { hashes: stateHashes(tree.suite), keys, shown })
  return writer.finish().slice()
}

/**
 * The part of a state that a witness shows. Raises `witness/not-shallowest`, `witness/misplaced-leaf`,
 * `witness/too-deep`, `witness/empty-stub`, `witness/unknown-node`, `proof/wrong-root` and the faults of `codec.ts`.
 */
export const treeFromWitness = (suite: SuiteId, root: StateRoot, witness: Uint8Array): Tree => {
  const reader = createReader(witness)
  const top = readNode(reader, [])
  reader.finish()
  if (!equalBytes(hashOf(stateHashes(suite), top), bytesFromId(root))) {
    throw new Fault('proof/wrong-root', `the witness does not lead to the state root ${root}`)
  }
  let [size, bytes] = [0, 0]
  for (const end of endsOf(top)) {
    if (end.is !== 'leaf') continue
    size += 1
    bytes += end.value?.length ?? 0
  }
  return { suite, size, bytes, top }
}

/** The nodes on a key's path, from the top. */
function* pathOf(top: Node, key: StateKey): Generator<Node> {
  let node = top
  for (let depth = 0; node !== undefined; depth++) {
    yield node
    if (node.is !== 'branch') return
    node = keyBit(key, depth) === 0 ? node.left : node.right
  }
}

/** The nodes beside the keys that go: whether such a node moves up depends on what it is. */
function* lookedAt(tree: Tree, changes: readonly Change[]): Generator<Node> {
  const { top } = replace(
    tree,
    changes.filter(({ value }) => value !== undefined),
  )
  let node = top
  for (const { key, value } of changes) {
    if (value !== undefined) continue
    let depth = -1
    let last: Branch | undefined
    for (const step of pathOf(node, key)) {
      if (step?.is === 'branch') last = step
      depth += 1
    }
    if (last !== undefined) yield keyBit(key, depth - 1) === 0 ? last.right : last.left
    node = withoutKey(node, key, 0)
  }
}

type Cut = {
  readonly hashes: StateHashes
  readonly keys: ReadonlySet<StateKey>
  readonly shown: ReadonlySet<Node>
}

const writeNode = (writer: Writer, node: Node, cut: Cut, mustShow = false): void => {
  if (node === undefined) {
    writer.u8(NOTHING)
  } else if (node.is === 'stub' || !(mustShow || cut.shown.has(node))) {
    writer.u8(STUB)
    writer.raw(hashOf(cut.hashes, node))
  } else if (node.is === 'branch') {
    writer.u8(BRANCH)
    writeNode(writer, node.left, cut, node.right === undefined)
    writeNode(writer, node.right, cut, node.left === undefined)
  } else {
    const isValueShown = cut.keys.has(node.key) && node.value !== undefined
    writer.u8(isValueShown ? LEAF : LEAF_BY_HASH)
    keyBytes.write(writer, node.key)
    if (isValueShown && node.value !== undefined) valueBytes.write(writer, node.value)
    else writer.raw(valueHashOf(cut.hashes, node))
  }
}

/** Reads the node at the place that `path` leads to, one bit for each level. */
const readNode = (reader: Reader, path: (0 | 1)[]): Node => {
  const tag = reader.u8()
  switch (tag) {
    case NOTHING:
      return undefined
    case STUB:
      return readStub(reader)
    case LEAF: {
      const key = keyBytes.read(reader)
      return placed(createLeaf(key, valueBytes.read(reader)), path)
    }
    case LEAF_BY_HASH: {
      const key = keyBytes.read(reader)
      const valueHash = hashBytes.read(reader)
      return placed({ is: 'leaf', key, value: undefined, valueHash, hash: undefined }, path)
    }
    case BRANCH:
      return readBranch(reader, path)
    default:
      throw new Fault('witness/unknown-node', `a witness has no node of kind ${tag}`)
  }
}

const readStub = (reader: Reader): Node => {
  const hash = hashBytes.read(reader)
  if (equalBytes(hash, zeroHash))
    throw new Fault('witness/empty-stub', 'an empty place is listed as a stub')
  return { is: 'stub', hash }
}

const readBranch = (reader: Reader, path: (0 | 1)[]): Branch => {
  if (path.length === TREE_DEPTH) {
    throw new Fault('witness/too-deep', `a branch below the ${TREE_DEPTH} bits of a key`)
  }
  path.push(0)
  const left = readNode(reader, path)
  path[path.length - 1] = 1
  const right = readNode(reader, path)
  path.pop()
  if (
    (left === undefined && right?.is !== 'branch') ||
    (right === undefined && left?.is !== 'branch')
  ) {
    throw new Fault(
      'witness/not-shallowest',
      `an empty half at depth ${path.length} has no branch beside it`,
    )
  }
  return createBranch(left, right)
}

const placed = (leaf: Leaf, path: readonly (0 | 1)[]): Leaf => {
  for (const [depth, bit] of path.entries()) {
    if (keyBit(leaf.key, depth) !== bit) {
      throw new Fault('witness/misplaced-leaf', `key ${leaf.key} stands on another key's path`)
    }
  }
  return leaf
}
