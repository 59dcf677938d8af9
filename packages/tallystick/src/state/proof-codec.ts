/**
 * The bytes of a state proof (`proof.ts`).
 *
 * Promise. Every proof has one spelling: a sibling is listed exactly where its bit is set, none is listed as zeros,
 * unused bits are zero, and the depth is exact.
 *
 * | bytes | what |
 * |---|---|
 * | u16 | depth: levels between the root and the proven place, 0 to 256, little-endian |
 * | ⌈depth / 8⌉ | one bit for each level from the root, most significant first: 1 if the sibling there is not empty; unused bits are 0 |
 * | 32 each | those siblings, from the root downwards |
 * | u8 | what stands at the proven place: 0 the key's own leaf, 1 another leaf, 2 a gap, 3 nothing at all |
 * | 64 | for 1: the other leaf's key and the hash of its value; for 2: both halves of the branch beside the gap |
 */
import { equalBytes } from '../base/bytes.ts'
import {
  type Codec,
  codecFrom,
  fixedBytes,
  id,
  literal,
  mapped,
  struct,
  union,
} from '../base/codec.ts'
import { Fault } from '../base/fault.ts'
import { HASH_BYTES } from '../base/hash.ts'
import { TREE_DEPTH } from '../base/limits.ts'
import { zeroHash } from './hashes.ts'
import type { Proof, Terminal } from './proof.ts'

const anyHash: Codec<Uint8Array> = fixedBytes(HASH_BYTES)

const sibling: Codec<Uint8Array> = mapped(anyHash, refuseZero, refuseZero)

const terminal: Codec<Terminal> = union<Terminal>({
  own: struct({ is: literal('own') }),
  other: struct({ is: literal('other'), key: id(), valueHash: anyHash }),
  gap: struct({ is: literal('gap'), left: anyHash, right: anyHash }),
  void: struct({ is: literal('void') }),
})

/**
 * A proof as bytes: at most 8,323. Raises `proof/too-deep`, `proof/stray-bit`, `proof/wrong-sibling` and the
 * faults of `codec.ts`.
 */
export const proof: Codec<Proof> = codecFrom(
  (writer, value) => {
    const depth = checkedDepth(value.siblings.length)
    writer.u8(depth & 0xff)
    writer.u8(depth >> 8)
    const present = new Uint8Array((depth + 7) >> 3)
    for (const [level, hash] of value.siblings.entries()) {
      if (hash !== undefined)
        present[level >> 3] = (present[level >> 3] ?? 0) | (0x80 >> (level & 7))
    }
    writer.raw(present)
    for (const hash of value.siblings) if (hash !== undefined) sibling.write(writer, hash)
    terminal.write(writer, value.terminal)
  },
  (reader) => {
    const depth = checkedDepth(reader.u8() + 256 * reader.u8())
    const present = reader.raw((depth + 7) >> 3)
    const isPresent = (level: number): boolean =>
      ((present[level >> 3] ?? 0) & (0x80 >> (level & 7))) !== 0
    for (let level = depth; level < 8 * present.length; level++) {
      if (isPresent(level))
        throw new Fault('proof/stray-bit', `bit ${level} is set in a proof of ${depth} levels`)
    }
    const siblings: (Uint8Array | undefined)[] = []
    for (let level = 0; level < depth; level++) {
      siblings.push(isPresent(level) ? sibling.read(reader) : undefined)
    }
    return { siblings, terminal: terminal.read(reader) }
  },
)

function refuseZero(hash: Uint8Array): Uint8Array {
  if (equalBytes(hash, zeroHash))
    throw new Fault('proof/wrong-sibling', 'an empty sibling is listed as if it were one')
  return hash
}

const checkedDepth = (depth: number): number => {
  if (depth > TREE_DEPTH) {
    throw new Fault('proof/too-deep', `${depth} levels where a key has ${TREE_DEPTH} bits`)
  }
  return depth
}
