/**
 * Proofs about an operator's log, checked strictly: that an entry is in it, and that one log begins another.
 *
 * Promise. As far as SHA-256 holds, a proof that passes is true of every list of entries with that size and root. Sizes and
 * indexes are compared before anything is hashed, and a proof has exactly the nodes that its sizes call for (attack: an
 * index outside the tree, for which the path leads past the leaf; nodes left over, which bind nothing).
 *
 * Not promised. That a root is anybody's, or of that size: the paths of neighbouring sizes have one shape, and it is the
 * checkpoint that binds a root to its size.
 *
 * Two forms of consistency proof. RFC 6962 leaves out the first node where the shorter size is a power of two, since it is
 * the shorter root. Ours always has it (`prefixRoots`): then the nodes alone say which shorter tree begins the longer
 * one, and an answer that belongs to another log is evidence and not merely a proof that fails.
 */
import { equalBytes } from '../../base/bytes.ts'
import { type Codec, fixedBytes, list, U64_MAX } from '../../base/codec.ts'
import { Fault, isFault } from '../../base/fault.ts'
import { HASH_BYTES } from '../../base/hash.ts'
import { LOG_PROOF_NODES_MAX } from '../../base/limits.ts'
import { type Sha256, sha256 as portableSha256 } from '../../base/sha256.ts'

export type LogNodes = readonly Uint8Array[]

export const logNodes: Codec<LogNodes> = list(fixedBytes(HASH_BYTES), LOG_PROOF_NODES_MAX)

export const leafHash = (entry: Uint8Array, sha256: Sha256 = portableSha256): Uint8Array => {
  const bytes = new Uint8Array(1 + entry.length)
  bytes.set(entry, 1)
  return sha256(bytes)
}

export const nodeHash = (
  left: Uint8Array,
  right: Uint8Array,
  sha256: Sha256 = portableSha256,
): Uint8Array => {
  const bytes = new Uint8Array(1 + 2 * HASH_BYTES)
  bytes[0] = 1
  bytes.set(left, 1)
  bytes.set(right, 1 + HASH_BYTES)
  return sha256(bytes)
}

export type Inclusion = {
  readonly index: bigint
  readonly size: bigint
  readonly root: Uint8Array
  /** Hash of the entry's leaf. */
  readonly leaf: Uint8Array
  readonly nodes: LogNodes
}

/** `undefined` if the entry is in the log; else `log/out-of-range`, `log/wrong-length`, `log/no-hash` or `log/wrong-root`. */
export const inclusionFault = (of: Inclusion): Fault | undefined => {
  const { index, size, nodes } = of
  if (!isCount(size) || index < 0n || index >= size) {
    return new Fault('log/out-of-range', `no entry ${index} in a log of ${size}`)
  }
  const { inner, border } = pathOf(index, size)
  const fault = nodesFault(nodes, inner + border) ?? hashesFault([of.leaf, of.root])
  if (fault) return fault
  const below = climb(of.leaf, nodes.slice(0, inner), index)
  return equalBytes(climbRight(below, nodes.slice(inner)), of.root)
    ? undefined
    : new Fault('log/wrong-root', `the path does not lead to the root of size ${size}`)
}

/** Two sizes and their roots. */
export type Growth = {
  readonly from: bigint
  readonly to: bigint
  readonly fromRoot: Uint8Array
  readonly toRoot: Uint8Array
}

/** Whether a log of `to` entries begins with that of `from`, by our form of proof. Codes as for `inclusionFault`. */
export const growthFault = (of: Growth, nodes: LogNodes): Fault | undefined => {
  if (of.from === of.to) return sameFault(of, nodes)
  const roots = prefixRoots(of.from, of.to, nodes)
  if (isFault(roots)) return roots
  return equalBytes(roots.from, of.fromRoot) && equalBytes(roots.to, of.toRoot)
    ? undefined
    : new Fault('log/wrong-root', `the nodes do not lead from size ${of.from} to ${of.to}`)
}

/** The same by RFC 6962's form, as other logs write it. */
export const consistencyFault = (of: Growth, nodes: LogNodes): Fault | undefined => {
  if (of.from === of.to) return sameFault(of, nodes)
  if (of.from > 0n && nodes.length === 0) {
    return new Fault('log/wrong-length', 'a proof without nodes shows nothing')
  }
  const isWhole = of.from > 0n && (of.from & (of.from - 1n)) === 0n
  return growthFault(of, isWhole ? [of.fromRoot, ...nodes] : nodes)
}

/**
 * The roots that the nodes of our form lead to, of the first `from` entries and of the first `to`. If the root of `to` is the
 * right one, then so is that of `from`: each of the nodes is one of that tree's.
 */
export const prefixRoots = (
  from: bigint,
  to: bigint,
  nodes: LogNodes,
): { readonly from: Uint8Array; readonly to: Uint8Array } | Fault => {
  if (!isCount(from) || !isCount(to) || from >= to) {
    return new Fault('log/out-of-range', `a log of ${to} entries does not go on from ${from}`)
  }
  const path = pathOf(from - 1n, to)
  const zeros = trailingZeros(from)
  const inner = path.inner - zeros
  const fault = nodesFault(nodes, 1 + inner + path.border)
  const [seed] = nodes
  if (fault || !seed) return fault ?? new Fault('log/wrong-length', 'no nodes')
  const index = (from - 1n) >> BigInt(zeros)
  const [middle, rest] = [nodes.slice(1, 1 + inner), nodes.slice(1 + inner)]
  const leftOnly = middle.filter((_, level) => bitAt(index, level))
  return {
    from: climbRight(climbRight(seed, leftOnly), rest),
    to: climbRight(climb(seed, middle, index), rest),
  }
}

/** Entries of a log: 1 to 2^64 − 1. An empty log has nothing to prove. */
const isCount = (size: bigint): boolean => size > 0n && size <= U64_MAX

const sameFault = (of: Growth, nodes: LogNodes): Fault | undefined => {
  if (!isCount(of.from)) return new Fault('log/out-of-range', 'an empty log proves nothing')
  const fault = nodesFault(nodes, 0)
  if (fault) return fault
  return equalBytes(of.fromRoot, of.toRoot)
    ? undefined
    : new Fault('log/wrong-root', `two roots of one size, ${of.from}`)
}

/** Nodes beside a leaf's path: up to where it meets the right edge of the tree, and left of it from there on. */
const pathOf = (
  index: bigint,
  size: bigint,
): { readonly inner: number; readonly border: number } => {
  const inner = bitLength(index ^ (size - 1n))
  return { inner, border: bitsSet(index >> BigInt(inner)) }
}

const nodesFault = (nodes: LogNodes, count: number): Fault | undefined => {
  if (nodes.length !== count) {
    return new Fault('log/wrong-length', `${nodes.length} nodes where ${count} belong`)
  }
  return hashesFault(nodes)
}

const hashesFault = (hashes: readonly Uint8Array[]): Fault | undefined =>
  hashes.every((one) => one.length === HASH_BYTES)
    ? undefined
    : new Fault('log/no-hash', 'a root, leaf or node has 32 bytes')

const climb = (start: Uint8Array, nodes: LogNodes, index: bigint): Uint8Array =>
  nodes.reduce(
    (hash, node, level) => (bitAt(index, level) ? nodeHash(node, hash) : nodeHash(hash, node)),
    start,
  )

const climbRight = (start: Uint8Array, nodes: LogNodes): Uint8Array =>
  nodes.reduce((hash, node) => nodeHash(node, hash), start)

const bitAt = (number: bigint, level: number): boolean => ((number >> BigInt(level)) & 1n) === 1n

const bitLength = (number: bigint): number => (number === 0n ? 0 : number.toString(2).length)

const bitsSet = (number: bigint): number => number.toString(2).replaceAll('0', '').length

const trailingZeros = (number: bigint): number => bitLength(number & -number) - 1
