/**
 * Tagged hashing: the only way that anything of ours is hashed, always to 32 bytes, always under a tag of `tags.ts`.
 * (`sha256.ts` is for formats of others.)
 *
 * - `blake3`: derive-key mode, the tag is the context.
 * - `sha256`: sha256(sha256(tag) ‖ sha256(tag) ‖ bytes), the construction of BIP-340.
 * - `keccak256`: keccak256(keccak256(tag) ‖ bytes).
 * - `blake2b`: BLAKE2b-256 with the tag as its key. Programs that work with MOI bring it (`moi-suite.ts`); others do without,
 *   so that a verifier in a page does not carry it.
 *
 * Promise. One byte string in, framed by the caller's codec: there is no variadic form, because joining parts
 * without lengths would let two different values hash alike. The state after the tag is
 * computed once and copied, so a tag costs nothing per call.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { defaultBlake3 } from './blake3.ts'
import { type Id, idFromBytes } from './brand.ts'
import { bytesFromUtf8, concatBytes } from './bytes.ts'
import { type Codec, usingWritten } from './codec.ts'
import { Fault } from './fault.ts'
import { type HashName, type SuiteId, suiteRules } from './suite.ts'
import type { Tag } from './tags.ts'

export const HASH_BYTES = 32

/** Hashes under a tag fixed beforehand. The result is a fresh array of 32 bytes. */
export type TaggedHash = (bytes: Uint8Array) => Uint8Array

/**
 * The hash function of a suite, or one named directly, under `tag`; made once and remembered.
 *
 * Raises `suite/not-available` where nobody has brought the hash.
 */
export const taggedHash = (name: SuiteId | HashName, tag: Tag): TaggedHash => {
  const hashName = hashNameFrom(name)
  const known = made[hashName].get(tag)
  if (known !== undefined) return known
  const fresh = createTaggedHash[hashName](tag)
  made[hashName].set(tag, fresh)
  return fresh
}

/** The 32-byte hash of `bytes` under `tag`. */
export const hash = (name: SuiteId | HashName, tag: Tag, bytes: Uint8Array): Uint8Array =>
  taggedHash(name, tag)(bytes)

/** The hash of a value's encoding, of which no array is made. */
export const hashValue = <T>(
  name: SuiteId | HashName,
  tag: Tag,
  codec: Pick<Codec<T>, 'write'>,
  value: T,
): Uint8Array => usingWritten((writer) => codec.write(writer, value), taggedHash(name, tag))

/** An id that is the hash of a value's encoding. */
export const hashValueId = <Name extends string, T = unknown>(
  name: SuiteId | HashName,
  tag: Tag,
  codec: Pick<Codec<T>, 'write'>,
  value: T,
): Id<Name> => idFromBytes<Name>(hashValue(name, tag, codec, value))

/** Mints an id by hashing. The brand's name says what the tag says. */
export const hashId = <Name extends string>(
  name: SuiteId | HashName,
  tag: Tag,
  bytes: Uint8Array,
): Id<Name> => idFromBytes<Name>(taggedHash(name, tag)(bytes))

const hashNameFrom = (name: SuiteId | HashName): HashName =>
  isHashName(name) ? name : suiteRules(name).hash

const isHashName = (name: SuiteId | HashName): name is HashName => name in made

/**
 * Brings a hash that is not there by itself. It is one function whoever brings it, so the second time changes nothing, and
 * no result depends on the order in which modules are loaded but that there is one at all.
 */
export const bringHash = (name: 'blake2b', create: (tag: Tag) => TaggedHash): void => {
  if (createTaggedHash[name] === missing) createTaggedHash[name] = create
}

const missing = (): never => {
  throw new Fault('suite/not-available', 'moi has no hash')
}

// Bounded: the keys are the tags of a closed list.
const made: Readonly<Record<HashName, Map<Tag, TaggedHash>>> = {
  blake3: new Map(),
  sha256: new Map(),
  keccak256: new Map(),
  blake2b: new Map(),
}

const createTaggedHash: Record<HashName, (tag: Tag) => TaggedHash> = {
  blake3: (tag) => defaultBlake3().deriveKey(tag),
  sha256: (tag) => {
    const digest = sha256(bytesFromUtf8(tag))
    const start = sha256.create().update(concatBytes(digest, digest))
    return (bytes) => start.clone().update(bytes).digest()
  },
  keccak256: (tag) => {
    // The prefix is shorter than a block, so a prepared state would save nothing.
    const digest = keccak_256(bytesFromUtf8(tag))
    return (bytes) => keccak_256.create().update(digest).update(bytes).digest()
  },
  blake2b: missing,
}
