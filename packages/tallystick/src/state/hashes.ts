/**
 * The four hashes of a state tree under one suite. Each has its own tag, so that no key, value, leaf or branch is
 * ever read as one of the others; leaves and branches hash exactly 64 bytes, one block of BLAKE3.
 */
import { HASH_BYTES, type TaggedHash, taggedHash } from '../base/hash.ts'
import { type HashName, type SuiteId, suiteRules } from '../base/suite.ts'
import { TAGS } from '../base/tags.ts'

export type StateHashes = {
  /** Of an encoded path (`keys.ts`). */
  readonly key: TaggedHash
  /** Of a value, of any length. */
  readonly value: TaggedHash
  readonly leaf: (key: Uint8Array, valueHash: Uint8Array) => Uint8Array
  readonly node: (left: Uint8Array, right: Uint8Array) => Uint8Array
}

/** The hash of a place under which nothing is. No bytes are known that hash to it. */
export const zeroHash: Uint8Array = new Uint8Array(HASH_BYTES)

/** Raises `suite/not-available` where nobody has brought the suite's hash. */
export const stateHashes = (suite: SuiteId): StateHashes => {
  const name = suiteRules(suite).hash
  return (made[name] ??= create(name))
}

const made: Partial<Record<HashName, StateHashes>> = {}

const create = (name: HashName): StateHashes => ({
  key: taggedHash(name, TAGS.stateKey),
  value: taggedHash(name, TAGS.stateValue),
  leaf: pairHash(taggedHash(name, TAGS.stateLeaf)),
  node: pairHash(taggedHash(name, TAGS.stateNode)),
})

/** Hashes two halves of 32 bytes each, joined in a block that is written anew for every call. */
const pairHash = (hash: TaggedHash): StateHashes['node'] => {
  const block = new Uint8Array(2 * HASH_BYTES)
  return (first, second) => {
    block.set(first)
    block.set(second, HASH_BYTES)
    return hash(block)
  }
}
