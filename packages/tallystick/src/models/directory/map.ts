/**
 * An operator's map: for each machine and parent the one child that it vowed for.
 *
 * Promise. Under one root a parent of a machine has one child or none, and either can be proven (`state/proof.ts`). The
 * root follows from the entries alone, in whatever order they came. A change costs one path; a million entries load at
 * once and take about 190 bytes each.
 *
 * Not promised. Earlier contents: a map that is kept in memory proves what it holds now. An operator puts entries into it
 * when it signs a checkpoint, so that what it can prove is what it has signed.
 *
 * A key is the parent's id: the tagged hash of a header that names its machine, so it stands for both, and an operator vows
 * for no child whose parent's header it has not seen. Its value is the child's id. Entries are spread over sixteen state
 * trees by the last four bits of their keys, because one tree in memory has its limit. The root is a tagged hash of the
 * sixteen roots, which a proof therefore begins with.
 */
import type { Blake3Path } from '../../base/blake3.ts'
import {
  bytesFromId,
  type Id,
  idFromBytes,
  idFromHex,
  type StateRoot,
  type TransitionId,
} from '../../base/brand.ts'
import { concatBytes } from '../../base/bytes.ts'
import { type Codec, fixedBytes, struct } from '../../base/codec.ts'
import { Fault } from '../../base/fault.ts'
import { HASH_BYTES, hashId } from '../../base/hash.ts'
import type { SuiteId } from '../../base/suite.ts'
import { TAGS } from '../../base/tags.ts'
import { createTreeArena, type TreeArena } from '../../state/arena.ts'
import type { StateKey } from '../../state/keys.ts'
import { type Proof, proofFault, prove } from '../../state/proof.ts'
import { proof } from '../../state/proof-codec.ts'
import { emptyTree, replace, rootOf, type Tree } from '../../state/tree.ts'
import { LOG_ENTRY_BYTES, type LogEntry } from './log.ts'

export type MapRoot = Id<'map-root'>

/** Where a child stands: under its parent. */
export type MapPlace = Pick<LogEntry, 'parent'>

export type MapProof = {
  /** The roots of all sixteen trees, one behind the other. */
  readonly roots: Uint8Array
  readonly proof: Proof
}

const TREES = 16

export const mapProof: Codec<MapProof> = struct<MapProof>({
  roots: fixedBytes(TREES * HASH_BYTES),
  proof,
})

/** What a map is said to hold: `child` under a parent, or nothing. */
export type MapClaim = MapPlace & {
  readonly root: MapRoot
  readonly child: TransitionId | undefined
}

/** `undefined` if the map with that root says so; else `map/wrong-root` or a fault of `state/proof.ts`. */
export const mapFault = (suite: SuiteId, of: MapClaim, by: MapProof): Fault | undefined => {
  if (by.roots.length !== TREES * HASH_BYTES || rootOfTrees(suite, by.roots) !== of.root) {
    return new Fault('map/wrong-root', 'the sixteen roots are not those of this map')
  }
  const key = mapKey(of)
  const start = treeOf(bytesFromId(key)) * HASH_BYTES
  const root: StateRoot = idFromBytes(by.roots.subarray(start, start + HASH_BYTES))
  const value = of.child === undefined ? undefined : bytesFromId(of.child)
  return proofFault(suite, { root, key, value }, by.proof)
}

const rootOfTrees = (suite: SuiteId, roots: Uint8Array): MapRoot =>
  hashId<'map-root'>(suite, TAGS.mapRoot, roots)

const treeOf = (key: Uint8Array): number => (key[HASH_BYTES - 1] ?? 0) & (TREES - 1)

const mapKey = (of: MapPlace): StateKey => idFromHex<'state-key'>(of.parent)

/** A map that never changes, for roles; adding to it makes another one and shares the rest. */
export type ChildTrees = { readonly suite: SuiteId; readonly trees: readonly Tree[] }

export const emptyChildTrees = (suite: SuiteId): ChildTrees => ({
  suite,
  trees: Array.from({ length: TREES }, () => emptyTree(suite)),
})

export const withChildren = (
  { suite, trees }: ChildTrees,
  entries: readonly (MapPlace & Pick<LogEntry, 'child'>)[],
): ChildTrees => {
  const changed = [...trees]
  for (const one of entries) {
    const key = mapKey(one)
    const at = treeOf(bytesFromId(key))
    const tree = changed[at] ?? emptyTree(suite)
    changed[at] = replace(tree, [{ key, value: bytesFromId(one.child) }])
  }
  return { suite, trees: changed }
}

export const childTreesRoot = ({ suite, trees }: ChildTrees): MapRoot =>
  rootOfTrees(suite, rootsOf(trees.map(rootOf)))

export const proveInChildTrees = ({ suite, trees }: ChildTrees, of: MapPlace): MapProof => {
  const key = mapKey(of)
  const tree = trees[treeOf(bytesFromId(key))] ?? emptyTree(suite)
  return { roots: rootsOf(trees.map(rootOf)), proof: prove(tree, key) }
}

const rootsOf = (roots: readonly StateRoot[]): Uint8Array =>
  concatBytes(...roots.map((one) => bytesFromId(one)))

/** A map as growing memory, for those who keep a million entries. */
export type ChildMap = {
  readonly size: () => number
  /** The child that the map holds under a parent is known by its hash alone, so nothing gives it back. */
  readonly add: (entry: MapPlace & Pick<LogEntry, 'child'>) => void
  /** Fills a fresh map, several times quicker than one by one. */
  readonly fill: (count: number) => MapFilling
  readonly root: () => MapRoot
  readonly prove: (of: MapPlace) => MapProof
  readonly memoryBytes: () => number
}

/** A map on its way to many entries: all are taken first, and then its trees are built, one at a time. */
export type MapFilling = {
  /** Takes the bytes of log entries that lie one behind the other. Raises `log/wrong-entry`. */
  readonly take: (entries: Uint8Array) => void
  /** Builds the next tree; false if there was none left. Raises `state/key-twice` for two children of one parent. */
  readonly build: () => boolean
}

/** An empty map. `path` chooses the BLAKE3 kernel; by default the platform's fastest. */
export const createChildMap = (suite: SuiteId, path?: Blake3Path): ChildMap => {
  // Made when the first entry comes: most maps in tests have few.
  const arenas: (TreeArena | undefined)[] = Array.from({ length: TREES }, () => undefined)
  const arenaAt = (at: number): TreeArena => (arenas[at] ??= createTreeArena(suite, path))
  const roots = (): Uint8Array => {
    const all = new Uint8Array(TREES * HASH_BYTES)
    for (const [at, arena] of arenas.entries()) arena?.rootInto(all, at * HASH_BYTES)
    return all
  }
  const sum = (of: (arena: TreeArena) => number): number =>
    arenas.reduce((total, arena) => total + (arena ? of(arena) : 0), 0)
  return {
    size: () => sum((arena) => arena.size()),
    add: (entry) => {
      const key = bytesFromId(entry.parent)
      arenaAt(treeOf(key)).set(key, bytesFromId(entry.child))
    },
    fill: (count) => {
      const piles = Array.from({ length: TREES }, () => createPile(count))
      let next = 0
      return {
        take: (entries) => takeRows(entries, piles),
        build: () => {
          const pile = piles[next]
          if (!pile) return false
          if (pile.count > 0) arenaAt(next).load(rowsOf(pile))
          pile.rows = new Uint8Array(0)
          next += 1
          return true
        },
      }
    },
    root: () => rootOfTrees(suite, roots()),
    prove: (of) => {
      const key = bytesFromId(of.parent)
      return { roots: roots(), proof: arenaAt(treeOf(key)).prove(key) }
    },
    memoryBytes: () => sum((arena) => arena.memoryBytes()),
  }
}

/** Keys and values that wait for their tree, 64 bytes a row. */
type Pile = { rows: Uint8Array; count: number }

const ROW_BYTES = 2 * HASH_BYTES

/** Somewhat larger than a tree's even share of all entries: keys are hashes, so most piles never grow. */
const createPile = (count: number): Pile => {
  const share = Math.ceil((count / TREES) * PILE_SPARE) + 1
  return { rows: new Uint8Array(share * ROW_BYTES), count: 0 }
}

const PILE_SPARE = 1.05

/** Puts each entry on the pile of its tree: parent and child lie side by side in its bytes. */
const takeRows = (entries: Uint8Array, piles: readonly Pile[]): void => {
  if (entries.length % LOG_ENTRY_BYTES !== 0) {
    throw new Fault(
      'log/wrong-entry',
      `${entries.length} bytes are no entries of ${LOG_ENTRY_BYTES}`,
    )
  }
  for (let at = PARENT_AT; at < entries.length; at += LOG_ENTRY_BYTES) {
    const pile = piles[(entries[at + HASH_BYTES - 1] ?? 0) & (TREES - 1)]
    if (!pile) continue
    const start = pile.count * ROW_BYTES
    if (start === pile.rows.length) {
      const grown = new Uint8Array(2 * start)
      grown.set(pile.rows)
      pile.rows = grown
    }
    pile.rows.set(entries.subarray(at, at + ROW_BYTES), start)
    pile.count += 1
  }
}

/** Behind machine and sequence. */
const PARENT_AT = 40

function* rowsOf({ rows, count }: Pile): Generator<readonly [Uint8Array, Uint8Array]> {
  for (let start = 0; start < count * ROW_BYTES; start += ROW_BYTES) {
    yield [rows.subarray(start, start + HASH_BYTES), rows.subarray(start + HASH_BYTES, start + 64)]
  }
}
