/**
 * Keys of a machine's state: 32 bytes, made by hashing a path.
 *
 * Promise. Two different paths give two different keys, as far as the suite's hash holds: the owner's id has a
 * fixed size, the number of parts is written down, and each part carries its kind and its length.
 *
 * | bytes | what |
 * |---|---|
 * | 32 | id of the owner: the logic (or machine) that alone may write below this path |
 * | u32 | number of parts |
 * | u8, u32, … | for each part: 0 for bytes or 1 for text, its length, its bytes (text as UTF-8) |
 *
 * A key is the tagged hash of that under `tallystick/1 state key`.
 */
import { type Id, idFromBytes, type LogicId, type MachineId } from '../base/brand.ts'
import { bytes, type Codec, text, usingWritten, type Writer } from '../base/codec.ts'
import { Fault } from '../base/fault.ts'
import { STATE_KEY_PART_BYTES_MAX, STATE_KEY_PARTS_MAX, TREE_DEPTH } from '../base/limits.ts'
import type { SuiteId } from '../base/suite.ts'
import { stateHashes } from './hashes.ts'

/** Where a value lives in a machine's state. */
export type StateKey = Id<'state-key'>

/** One part of a path. A text and the bytes of its UTF-8 are two different parts. */
export type KeyPart = string | Uint8Array

const bytesPart: Codec<Uint8Array> = bytes(STATE_KEY_PART_BYTES_MAX)
const textPart: Codec<string> = text(STATE_KEY_PART_BYTES_MAX)

/**
 * The key of a path below `owner`. Raises `state/too-many-parts`, `codec/too-long` for a part that is too long and
 * `text/control-character` for a text that two strings could share.
 */
export const stateKey = (
  suite: SuiteId,
  owner: LogicId | MachineId,
  ...parts: readonly KeyPart[]
): StateKey => {
  if (parts.length > STATE_KEY_PARTS_MAX) {
    throw new Fault(
      'state/too-many-parts',
      `a path of ${parts.length} parts where at most ${STATE_KEY_PARTS_MAX} are allowed`,
    )
  }
  const write = (writer: Writer): void => {
    writer.id(owner)
    writer.u32(parts.length)
    for (const part of parts) {
      if (typeof part === 'string') {
        writer.u8(1)
        textPart.write(writer, part)
      } else {
        writer.u8(0)
        bytesPart.write(writer, part)
      }
    }
  }
  return idFromBytes(usingWritten(write, stateHashes(suite).key))
}

/** Bit `depth` of a key, the most significant first: bit 0 decides at the root. */
export const keyBit = (key: StateKey, depth: number): 0 | 1 =>
  ((nibbleAt(key, depth >> 2) >> (3 - (depth & 3))) & 1) === 0 ? 0 : 1

/** Number of leading bits that two keys have in common: 256 when they are the same. */
export const sharedBits = (a: StateKey, b: StateKey): number => {
  for (let at = 0; at < TREE_DEPTH / 4; at++) {
    const difference = nibbleAt(a, at) ^ nibbleAt(b, at)
    if (difference !== 0) return 4 * at + (Math.clz32(difference) - 28)
  }
  return TREE_DEPTH
}

const nibbleAt = (key: StateKey, at: number): number => {
  const code = key.charCodeAt(at)
  return code < 58 ? code - 48 : code - 87
}
