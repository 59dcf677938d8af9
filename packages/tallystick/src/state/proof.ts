/**
 * Proofs that a key has a value, or has none, under a state root.
 *
 * Promise. Under one root, a key has one answer: as far as the hash holds, nobody finds two proofs that are both
 * accepted and say different things about it. For a given root and key there is one accepted proof, and one
 * spelling of it. A missing proof is refused; it never means absence.
 *
 * Not promised. That the root is somebody's newest, or anybody's at all (`fact.ts` and the kernel do that).
 *
 * Why it holds. The key's bits alone choose the side at each level, so a proof speaks of one path. Along it every
 * place is a leaf, a branch or empty, and each of these is told apart by its tag or by being zero. Two proofs of
 * different depth would need one hash to be a leaf and a branch at once. Position and length are checked before
 * anything is hashed: the place proven must be the shallowest one possible, so its deepest sibling is not empty,
 * and an empty place must lie beside a branch, which the proof opens to show that it is no lone leaf.
 */
import { bytesFromId, type StateRoot } from '../base/brand.ts'
import { equalBytes } from '../base/bytes.ts'
import { Fault } from '../base/fault.ts'
import { HASH_BYTES } from '../base/hash.ts'
import { STATE_VALUE_BYTES_MAX, TREE_DEPTH } from '../base/limits.ts'
import type { SuiteId } from '../base/suite.ts'
import { type StateHashes, stateHashes, zeroHash } from './hashes.ts'
import { keyBit, sharedBits, type StateKey } from './keys.ts'
import { hashOf, valueHashOf } from './node.ts'
import type { Tree } from './tree.ts'

/** What stands at the place where a key's path ends. */
export type Terminal =
  /** The key's own leaf: the key has a value. */
  | { readonly is: 'own' }
  /** Another leaf, alone below the bits that it shares with the key. */
  | { readonly is: 'other'; readonly key: StateKey; readonly valueHash: Uint8Array }
  /** An empty half; the other half is a branch, whose two halves are shown. */
  | { readonly is: 'gap'; readonly left: Uint8Array; readonly right: Uint8Array }
  /** The whole tree is empty. */
  | { readonly is: 'void' }

export type Proof = {
  /** One for each level, from the root downwards; `undefined` where the sibling is empty. */
  readonly siblings: readonly (Uint8Array | undefined)[]
  readonly terminal: Terminal
}

/** What a proof is asked to show: that under `root`, `key` has `value`, or has none (`undefined`). */
export type Claim = {
  readonly root: StateRoot
  readonly key: StateKey
  readonly value: Uint8Array | undefined
}

/** A change of one key, with the one proof that serves both sides of it. */
export type Replacement = {
  readonly rootBefore: StateRoot
  readonly rootAfter: StateRoot
  readonly key: StateKey
  readonly valueBefore: Uint8Array | undefined
  readonly valueAfter: Uint8Array | undefined
}

/** The proof of what `tree` says about `key`. Raises `state/unknown-place` where the tree does not know. */
export const prove = (tree: Tree, key: StateKey): Proof => {
  const hashes = stateHashes(tree.suite)
  const siblings: (Uint8Array | undefined)[] = []
  let node = tree.top
  let far: Tree['top']
  while (node?.is === 'branch') {
    const right = keyBit(key, siblings.length) === 1
    far = right ? node.left : node.right
    node = right ? node.right : node.left
    siblings.push(far === undefined ? undefined : hashOf(hashes, far))
  }
  if (node === undefined) {
    if (far === undefined) return { siblings, terminal: { is: 'void' } }
    if (far.is !== 'branch') throw unknownPlace(key)
    const terminal: Terminal = {
      is: 'gap',
      left: hashOf(hashes, far.left),
      right: hashOf(hashes, far.right),
    }
    return { siblings, terminal }
  }
  if (node.is === 'stub') throw unknownPlace(key)
  if (node.key === key) return { siblings, terminal: { is: 'own' } }
  return {
    siblings,
    terminal: { is: 'other', key: node.key, valueHash: valueHashOf(hashes, node) },
  }
}

/**
 * Checks a proof against a claim: `undefined` when it holds, else why not. Never throws on anything that has the
 * types. Codes: `proof/missing`, `proof/too-deep`, `proof/wrong-sibling`, `proof/other-claim`,
 * `proof/not-shallowest`, `proof/wrong-leaf`, `proof/false-gap`, `proof/wrong-root`, `state/value-too-long`.
 */
export const proofFault = (
  suite: SuiteId,
  claim: Claim,
  proof: Proof | undefined,
): Fault | undefined => {
  const hashes = stateHashes(suite)
  const fault = formFault(hashes, claim.key, proof) ?? claimFault(claim, proof)
  if (fault !== undefined || proof === undefined) return fault
  const place = terminalHash(hashes, claim, proof.terminal)
  const root = climb(hashes, claim.key, place, proof.siblings)
  return equalBytes(root, bytesFromId(claim.root)) ? undefined : wrongRoot(claim.root)
}

/**
 * Checks that changing one key, and nothing else, leads from one root to the other: `undefined` when it does. The
 * same siblings serve both roots. Where the key has a value on one side only, `proof` is the proof of its absence
 * on the other side, so a removal brings the proof that belongs to `rootAfter`; else it belongs to `rootBefore`.
 *
 * For given `rootBefore`, `key` and `valueAfter` there is at most one `rootAfter` that passes. Codes as for
 * `proofFault`.
 */
export const replaceFault = (
  suite: SuiteId,
  change: Replacement,
  proof: Proof | undefined,
): Fault | undefined => {
  const { key, rootBefore, rootAfter, valueBefore, valueAfter } = change
  if (valueBefore !== undefined && valueAfter === undefined) {
    const back = {
      key,
      rootBefore: rootAfter,
      rootAfter: rootBefore,
      valueBefore: valueAfter,
      valueAfter: valueBefore,
    }
    return replaceFault(suite, back, proof)
  }
  const fault = proofFault(suite, { root: rootBefore, key, value: valueBefore }, proof)
  if (fault !== undefined || proof === undefined) return fault
  if (valueAfter === undefined) return rootAfter === rootBefore ? undefined : wrongRoot(rootAfter)
  if (valueAfter.length > STATE_VALUE_BYTES_MAX) return valueTooLong(key, valueAfter)
  const hashes = stateHashes(suite)
  const leaf = hashes.leaf(bytesFromId(key), hashes.value(valueAfter))
  const root = climb(hashes, key, leaf, siblingsAfter(hashes, key, proof))
  return equalBytes(root, bytesFromId(rootAfter)) ? undefined : wrongRoot(rootAfter)
}

/** What can be refused without knowing what is claimed. Cheap before dear; the gap's one hash comes last. */
const formFault = (
  hashes: StateHashes,
  key: StateKey,
  proof: Proof | undefined,
): Fault | undefined => {
  if (proof === undefined || proof === null) {
    return new Fault('proof/missing', `no proof for key ${key}; a missing proof shows nothing`)
  }
  const { siblings, terminal } = proof
  const depth = siblings.length
  if (depth > TREE_DEPTH) return tooDeep(depth)
  for (let level = 0; level < depth; level++) {
    const sibling = siblings[level]
    if (sibling === undefined) continue
    if (!isHash(sibling)) {
      return new Fault(
        'proof/wrong-sibling',
        `the sibling at level ${level} is not a hash of 32 bytes`,
      )
    }
  }
  const deepest = siblings[depth - 1]
  if (depth > 0 && deepest === undefined) {
    return new Fault('proof/not-shallowest', `nothing stands beside the place at depth ${depth}`)
  }
  switch (terminal.is) {
    case 'own':
      return undefined
    case 'other':
      return otherFault(key, depth, terminal)
    case 'gap':
      return gapFault(hashes, depth, deepest, terminal)
    case 'void':
      if (depth === 0) return undefined
      return new Fault('proof/false-gap', `a tree is not empty if it has ${depth} levels`)
  }
}

const otherFault = (
  key: StateKey,
  depth: number,
  terminal: Extract<Terminal, { is: 'other' }>,
): Fault | undefined => {
  if (terminal.key === key || sharedBits(terminal.key, key) < depth) {
    return new Fault(
      'proof/wrong-leaf',
      `the leaf of ${terminal.key} does not show the absence of ${key}`,
    )
  }
  if (isHash(terminal.valueHash)) return undefined
  return new Fault(
    'proof/wrong-leaf',
    'the value of the other leaf is not given by a hash of 32 bytes',
  )
}

const gapFault = (
  hashes: StateHashes,
  depth: number,
  beside: Uint8Array | undefined,
  { left, right }: Extract<Terminal, { is: 'gap' }>,
): Fault | undefined => {
  // A branch needs a bit below it, and the root has nothing beside it.
  if (depth === TREE_DEPTH) return tooDeep(depth + 1)
  if (beside === undefined || !isHalf(left) || !isHalf(right)) return falseGap(depth)
  // A branch over nothing is no branch, whatever it hashes to.
  if (equalBytes(left, zeroHash) && equalBytes(right, zeroHash)) return falseGap(depth)
  return equalBytes(hashes.node(left, right), beside) ? undefined : falseGap(depth)
}

const claimFault = ({ key, value }: Claim, proof: Proof | undefined): Fault | undefined => {
  if ((proof?.terminal.is === 'own') !== (value !== undefined)) {
    const shown = proof?.terminal.is === 'own' ? 'a value' : 'an absence'
    return new Fault(
      'proof/other-claim',
      `the proof shows ${shown} of key ${key}, not what is claimed`,
    )
  }
  return value !== undefined && value.length > STATE_VALUE_BYTES_MAX
    ? valueTooLong(key, value)
    : undefined
}

const terminalHash = (
  hashes: StateHashes,
  { key, value }: Claim,
  terminal: Terminal,
): Uint8Array => {
  switch (terminal.is) {
    case 'own':
      // `claimFault` has seen to it that an own leaf comes with a value.
      return hashes.leaf(bytesFromId(key), hashes.value(value ?? zeroHash))
    case 'other':
      return hashes.leaf(bytesFromId(terminal.key), terminal.valueHash)
    case 'gap':
    case 'void':
      return zeroHash
  }
}

/** What stands beside the key's path once the key has a value. */
const siblingsAfter = (
  hashes: StateHashes,
  key: StateKey,
  { siblings, terminal }: Proof,
): Proof['siblings'] => {
  if (terminal.is !== 'other') return siblings
  // The two leaves part at the first bit in which they differ; above it, up to the old place, nothing branches.
  const between = sharedBits(key, terminal.key) - siblings.length
  const other = hashes.leaf(bytesFromId(terminal.key), terminal.valueHash)
  return [...siblings, ...Array.from({ length: between }, () => undefined), other]
}

/** From the place below `siblings` up to the root. */
const climb = (
  hashes: StateHashes,
  key: StateKey,
  place: Uint8Array,
  siblings: Proof['siblings'],
): Uint8Array => {
  let hash = place
  for (let level = siblings.length - 1; level >= 0; level--) {
    const sibling = siblings[level] ?? zeroHash
    hash = keyBit(key, level) === 0 ? hashes.node(hash, sibling) : hashes.node(sibling, hash)
  }
  return hash
}

/** 32 bytes that are not all zero. */
const isHash = (bytes: Uint8Array): boolean =>
  bytes.length === HASH_BYTES && !equalBytes(bytes, zeroHash)

const isHalf = (bytes: Uint8Array): boolean => bytes.length === HASH_BYTES

const falseGap = (depth: number): Fault =>
  new Fault(
    'proof/false-gap',
    `what stands beside the empty place at depth ${depth} is not shown to be a branch`,
  )

const tooDeep = (depth: number): Fault =>
  new Fault('proof/too-deep', `${depth} levels where a key has ${TREE_DEPTH} bits`)

const wrongRoot = (root: StateRoot): Fault =>
  new Fault('proof/wrong-root', `the proof does not lead to the state root ${root}`)

const valueTooLong = (key: StateKey, value: Uint8Array): Fault =>
  new Fault(
    'state/value-too-long',
    `${value.length} bytes under key ${key} where at most ${STATE_VALUE_BYTES_MAX} are allowed`,
  )

const unknownPlace = (key: StateKey): Fault =>
  new Fault('state/unknown-place', `the tree does not know enough to prove what key ${key} has`)
