/**
 * Rows: where things stand in the guardian's store beside its journal, so that questions about any height are one look.
 *
 * | space | key | value |
 * |---|---|---|
 * | `guardian/leaves` | account, hash of the path, height counted down | path and value, or that it was removed |
 * | `guardian/steps` | account, height counted down | index of the entry, tesseract, transition |
 * | `guardian/tesseracts` | hash of the tesseract | index of the entry |
 * | `guardian/logs` | account, its height, index of the entry | nothing: the entry's receipt has the logs |
 * | `guardian/certificates` | index of the last entry that it covers | index of the first, and the certificate |
 * | `guardian/mark` | one key | how many entries have all their rows |
 *
 * Heights are counted down (2^64 - 1 - height), so that the next row after a place is the newest that is not above it.
 */
import { hash } from 'node:crypto'
import { bytes, bytesFromId, type Codec, codecFrom, id, struct, u64 } from 'tallystick/base'
import type { Path, Transition } from 'tallystick/kernel'
import { STORE_VALUE_BYTES_MAX } from '../../limits.ts'
import type { Put } from '../../store/store.ts'
import {
  type LatticeEntry,
  leafValue,
  type MoiId,
  path as pathCodec,
  pathBytes,
  type TesseractId,
  transitionOnce,
} from './entry.ts'

export const LEAVES = 'guardian/leaves'
export const STEPS = 'guardian/steps'
export const TESSERACTS = 'guardian/tesseracts'
export const LOGS = 'guardian/logs'
export const CERTIFICATES = 'guardian/certificates'
export const MARK = 'guardian/mark'
export const MARK_KEY: Uint8Array = Buffer.from('entries', 'latin1')

export const ACCOUNT_BYTES = 32
const HEIGHT_BYTES = 8
export const LEAF_PREFIX_BYTES = 64
const LAST = 0xffff_ffff_ffff_ffffn

/** The kernel counts the charter as step 0; MOI's first tesseract of an account has height 0. */
export const heightOf = (of: Transition): bigint => of.sequence - 1n

export const leafPrefix = (account: MoiId, path: Path): Uint8Array =>
  Buffer.concat([bytesFromId(account), placeOf(path)])

/** The hash of a path, once for each that comes again. */
const placeOf = (path: Path): Uint8Array => {
  const encoded = pathBytes(path)
  const known = places.get(encoded)
  if (known) return known
  const place = hash('sha256', encoded, 'buffer')
  places.set(encoded, place)
  return place
}

const places = new WeakMap<Uint8Array, Uint8Array>()

/** The row of a prefix at a height. */
export const rowKey = (prefix: Uint8Array, height: bigint): Uint8Array => {
  const key = Buffer.alloc(prefix.length + HEIGHT_BYTES)
  key.set(prefix)
  key.writeBigUInt64BE(LAST - height, prefix.length)
  return key
}

/** Where to look from, so that the first row found is the newest that is not above the height. */
export const beforeRow = (prefix: Uint8Array, height: bigint | undefined): Uint8Array =>
  // A row's key is longer than its prefix, so it comes after it. Above the last height there is nothing to leave out.
  height === undefined || height >= LAST ? prefix : rowKey(prefix, height + 1n)

/** Where to look from, so that what is found no longer has the prefix. */
export const afterRows = (prefix: Uint8Array): Uint8Array =>
  Buffer.concat([prefix, Buffer.alloc(HEIGHT_BYTES + 1, 0xff)])

export const heightOfRow = (key: Uint8Array): bigint =>
  LAST -
  Buffer.from(key.buffer, key.byteOffset, key.length).readBigUInt64BE(key.length - HEIGHT_BYTES)

export const hasPrefix = (key: Uint8Array, prefix: Uint8Array): boolean =>
  key.length > prefix.length && Buffer.compare(key.subarray(0, prefix.length), prefix) === 0

export type LeafRow = { readonly path: Path; readonly value: Uint8Array | undefined }
export const leafRow: Codec<LeafRow> = struct<LeafRow>({ path: pathCodec, value: leafValue })

export type StepRow = {
  readonly index: bigint
  readonly tesseract: TesseractId
  readonly transition: Transition
}
export const stepRow: Codec<StepRow> = struct<StepRow>({
  index: u64,
  tesseract: id<'tesseract'>(),
  transition: transitionOnce,
})

export type CertificateRow = { readonly first: bigint; readonly certificate: Uint8Array }
export const certificateRow: Codec<CertificateRow> = struct<CertificateRow>({
  first: u64,
  certificate: bytes(STORE_VALUE_BYTES_MAX),
})

export const indexKey = (index: bigint): Uint8Array => u64Key.encode(index)

/** Most significant byte first, so that keys come in order. */
const u64Key: Codec<bigint> = codecFrom(
  (writer, value) => {
    const key = Buffer.alloc(HEIGHT_BYTES)
    key.writeBigUInt64BE(value)
    writer.raw(key)
  },
  (reader) => Buffer.from(reader.raw(HEIGHT_BYTES)).readBigUInt64BE(),
)

export const indexFromKey = (key: Uint8Array): bigint => u64Key.decode(key)

export const tesseractKey = (of: TesseractId): Uint8Array => bytesFromId(of)

export const markPut = (size: bigint): Put => ({
  space: MARK,
  key: MARK_KEY,
  value: u64.encode(size),
})

const NOTHING = new Uint8Array(0)

/** Upwards: logs are read from a height on. */
export const logKey = (account: MoiId, height: bigint, index: bigint): Uint8Array =>
  Buffer.concat([bytesFromId(account), indexKey(height), indexKey(index)])

export const fromLogKey = (
  key: Uint8Array,
): { readonly height: bigint; readonly index: bigint } => ({
  height: indexFromKey(key.slice(ACCOUNT_BYTES, ACCOUNT_BYTES + HEIGHT_BYTES)),
  index: indexFromKey(key.slice(ACCOUNT_BYTES + HEIGHT_BYTES)),
})

/** A row to be stored, in its space. Its key begins with the 32 bytes of an account or of a tesseract. */
export type NewRow = {
  readonly space: string
  readonly key: Uint8Array
  readonly value: Uint8Array
}

/** The rows of an entry. */
export const rowsOf = (entry: LatticeEntry, index: bigint): readonly NewRow[] => {
  const heights = new Map(entry.steps.map((one) => [one.account, heightOf(one.transition)]))
  const stands = new Map([
    ...entry.seen.map((one) => [one.account, one.height] as const),
    ...heights,
  ])
  const rows: NewRow[] = entry.steps.map(({ account, transition: of }) => ({
    space: STEPS,
    key: rowKey(bytesFromId(account), heightOf(of)),
    value: stepRow.encode({ index, tesseract: entry.tesseract, transition: of }),
  }))
  for (const { account, path, value } of entry.changes) {
    const height = heights.get(account)
    if (height === undefined) throw new Error('only accounts that moved have changed')
    rows.push({
      space: LEAVES,
      key: rowKey(leafPrefix(account, path), height),
      value: leafRow.encode({ path, value }),
    })
  }
  for (const account of entry.told) {
    const height = stands.get(account)
    if (height === undefined) throw new Error('logs stand on accounts that exist')
    rows.push({ space: LOGS, key: logKey(account, height, index), value: NOTHING })
  }
  rows.push({ space: TESSERACTS, key: tesseractKey(entry.tesseract), value: u64.encode(index) })
  return rows
}
