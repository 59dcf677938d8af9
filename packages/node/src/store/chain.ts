/**
 * The chain of a journal: a hash over each entry and all before it.
 *
 * Promise. Two journals with one name and one chain at some size have the same entries up to there, in the same order,
 * with the same times; otherwise SHA-256 has a collision. So 32 bytes say whether a copy is the same history, how a
 * guard knows an old database, and how entries from elsewhere are checked before they are believed.
 *
 * | bytes | what |
 * |---|---|
 * | 32 | chain before; of the first entry, the hash of a label and the journal's name |
 * | 8, 8 | index and time, most significant byte first |
 * | 2, n | length of the key, and the key |
 * | 1 | 0: the value follows; 1: its SHA-256 follows, of values above `STORE_INLINE_BYTES_MAX` |
 * | n | value or hash |
 *
 * Not promised. Anything against somebody who can write both the database and what it is compared with.
 */
import { hash } from 'node:crypto'
import { STORE_INLINE_BYTES_MAX } from '../limits.ts'
import type { Append } from './store.ts'

export const CHAIN_BYTES = 32

/** What the first entry of a journal builds on. */
export const chainStart = (journal: string): Uint8Array =>
  digestOf(Buffer.from(`tallystick/store/journal\0${journal}`, 'utf8'))

export const isInline = (value: Uint8Array): boolean => value.length <= STORE_INLINE_BYTES_MAX

/** The hash of a value, as a plain array; over the bytes that the runtime gave, which a database takes as they lie. */
export const digestOf = (value: Uint8Array): Uint8Array => {
  const { buffer, byteOffset, length } = hash('sha256', value, 'buffer')
  return new Uint8Array(buffer, byteOffset, length)
}

/** Index and time as the entry got them; `digest` only of values that are not inline. */
export type Link = Pick<Append, 'key' | 'time'> & {
  readonly index: bigint
  readonly value: Uint8Array
  readonly digest?: Uint8Array
}

export const chainNext = (before: Uint8Array, link: Link): Uint8Array => {
  const { key } = link
  const inline = isInline(link.value)
  const value = inline ? link.value : (link.digest ?? digestOf(link.value))
  return chainOf(before, { key, time: link.time, index: link.index, inline, value })
}

type Stored = Pick<Append, 'key' | 'time'> & {
  readonly index: bigint
  readonly inline: boolean
  /** Value or hash, as it stands in the row. */
  readonly value: Uint8Array
}

/** The same from a stored row, without the large value. */
export const chainOf = (before: Uint8Array, row: Stored): Uint8Array => {
  const size = CHAIN_BYTES + 19 + row.key.length + row.value.length
  const { bytes, view } = size <= SCRATCH_BYTES ? SCRATCH : scratchOf(size)
  bytes.set(before, 0)
  view.setBigUint64(32, row.index)
  view.setBigUint64(40, row.time)
  view.setUint16(48, row.key.length)
  bytes.set(row.key, 50)
  bytes[50 + row.key.length] = row.inline ? 0 : 1
  bytes.set(row.value, 51 + row.key.length)
  return digestOf(bytes.subarray(0, size))
}

const scratchOf = (size: number) => {
  const bytes = new Uint8Array(size)
  return { bytes, view: new DataView(bytes.buffer) }
}

/** Written over by each link: an array of its own for each costs as much as half the hash. */
const SCRATCH_BYTES = 8192
const SCRATCH = scratchOf(SCRATCH_BYTES)
