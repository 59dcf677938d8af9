/**
 * Where a logic's values lie in state: 32-byte keys, computed as MOI's client computes them.
 *
 * | what | key |
 * |---|---|
 * | field of the state | the number of its slot, big-endian |
 * | entry of a map | BLAKE2b-256 of the map's key, `2e`, BLAKE2b-256 of the entry's key in POLO |
 * | item of an array, field of an object | BLAKE2b-256 of the container's key, plus the index |
 * | length of an array or a map | the container's own key |
 *
 * Parts of parts follow by doing the same again. Two places have different keys unless BLAKE2b collides or a chain of
 * hashes comes within an index of another.
 */
import { blake2b256 } from '../../base/blake2b.ts'

export const STORAGE_KEY_BYTES = 32

/** Key of a field of the state itself. */
export const slotKey = (slot: number): Uint8Array => {
  const key = new Uint8Array(STORAGE_KEY_BYTES)
  new DataView(key.buffer).setUint32(STORAGE_KEY_BYTES - 4, slot)
  return key
}

const SEPARATOR = 0x2e

/** Key of the entry of a map whose own key in the map is `entry`, as a whole POLO message. */
export const entryKey = (map: Uint8Array, entry: Uint8Array): Uint8Array => {
  const joined = new Uint8Array(2 * STORAGE_KEY_BYTES + 1)
  joined.set(map)
  joined[STORAGE_KEY_BYTES] = SEPARATOR
  joined.set(blake2b256(entry), STORAGE_KEY_BYTES + 1)
  return blake2b256(joined)
}

/** Key of an item of an array, or of a field of an object. Wraps around at 2^256. */
export const partKey = (container: Uint8Array, index: number): Uint8Array => {
  const key = blake2b256(container)
  let carry = index
  for (let at = STORAGE_KEY_BYTES - 1; at >= 0 && carry > 0; at--) {
    const sum = (key[at] ?? 0) + carry
    key[at] = sum & 0xff
    carry = Math.floor(sum / 256)
  }
  return key
}
