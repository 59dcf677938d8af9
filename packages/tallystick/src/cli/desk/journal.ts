/**
 * Journals: append-only files of records that survive a crash of the process, and of the machine as far as the disk
 * keeps what it says it has synced.
 *
 * Promise. When `append` returns, the records are on disk. After a crash at any point a journal opens with every record
 * whose `append` had returned, and perhaps some of the last group; a torn end is cut off. Damage before the end is never
 * skipped: opening raises `journal/damaged` with the number of the record. After an error of the disk a journal takes
 * nothing more; open it anew.
 *
 * Not promised. That damage to the very last record is told from a torn write: it is cut off too, and `cut` says how much.
 * What a party has signed is remembered apart (`guard.ts`) for this reason. Two processes on one file: see `lock.ts`.
 *
 * | bytes | what |
 * |---|---|
 * | 16 | `tally-journal 1` and a line feed |
 * | u32, u32, u32, u64, … | for each record: its length, its checksum, the checksum of the record before, its number, its bytes |
 *
 * The checksum is CRC-32 over everything in the record behind it, and the length.
 */
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import { bytesFromUtf8, concatBytes, equalBytes } from '../../base/bytes.ts'
import { Fault } from '../../base/fault.ts'
import { JOURNAL_BYTES_MAX } from '../../base/limits.ts'

export type Journal = {
  /** What was found on opening, oldest first. */
  readonly records: readonly Uint8Array[]
  /** Bytes of a torn end that opening cut off. */
  readonly cut: number
  /** Bytes of the file now. */
  readonly size: () => number
  /** Adds records in one write. They are on disk when it returns. */
  readonly append: (records: readonly Uint8Array[]) => void
  readonly close: () => void
}

export type JournalOptions = {
  /** False leaves syncing to the operating system: for measurements, and for what may be lost. */
  readonly durable: boolean
}

const HEADER: Uint8Array = bytesFromUtf8('tally-journal 1\n')
const RECORD_HEADER_BYTES = 20
const FILE_MODE = 0o600

/**
 * Opens a journal, or makes an empty one. Raises `journal/damaged`, `journal/not-a-journal`, `journal/too-large`, and
 * the platform's errors.
 */
export const openJournal = (path: string, options: JournalOptions): Journal => {
  const isNew = !existsSync(path)
  const file = openSync(path, isNew ? 'wx+' : 'r+', FILE_MODE)
  try {
    const found = readAll(file, path)
    const read = found.length < HEADER.length ? beginFile(file, path, found) : parse(found, path)
    if (read.end < found.length) cutAt(file, read.end)
    if (isNew) syncFolder(dirname(path))
    return journalFrom(file, read, options)
  } catch (error) {
    closeSync(file)
    throw error
  }
}

/** Makes the names in a folder as durable as its files. */
export const syncFolder = (path: string): void => {
  // Windows cannot open a folder; there a rename is as durable as it gets.
  if (process.platform === 'win32') return
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

type Read = {
  readonly records: readonly Uint8Array[]
  readonly end: number
  readonly cut: number
  readonly checksum: number
}

const journalFrom = (file: number, read: Read, options: JournalOptions): Journal => {
  let { end, checksum } = read
  let count = read.records.length
  let isBroken = false
  const close = closeOnce(file)
  return {
    records: read.records,
    cut: read.cut,
    size: () => end,
    append: (records) => {
      if (isBroken) throw new Error('the journal was closed or had a disk error; open it anew')
      const parts: Uint8Array[] = []
      for (const record of records) {
        const header = headerOf(record, count, checksum)
        checksum = header.checksum
        count += 1
        parts.push(header.bytes, record)
      }
      const group = concatBytes(...parts)
      // After a failed write or sync nobody knows what is on disk, so going on would be a guess.
      isBroken = true
      writeAll(file, group, end)
      if (options.durable) fdatasyncSync(file)
      isBroken = false
      end += group.length
    },
    close: () => {
      isBroken = true
      close()
    },
  }
}

/** Closes a file once: its number may be another file's by the second time. */
export const closeOnce = (file: number): (() => void) => {
  let isOpen = true
  return () => {
    if (isOpen) closeSync(file)
    isOpen = false
  }
}

type RecordHeader = { readonly bytes: Uint8Array; readonly checksum: number }

const headerOf = (record: Uint8Array, number: number, before: number): RecordHeader => {
  const bytes = new Uint8Array(RECORD_HEADER_BYTES)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, record.length, true)
  view.setUint32(8, before, true)
  view.setBigUint64(12, BigInt(number), true)
  const checksum = checksumOf(bytes, record)
  view.setUint32(4, checksum, true)
  return { bytes, checksum }
}

const checksumOf = (header: Uint8Array, record: Uint8Array): number =>
  crc32(record, crc32(header.subarray(8), crc32(header.subarray(0, 4))))

const readAll = (file: number, path: string): Uint8Array => {
  const { size } = fstatSync(file)
  if (size > JOURNAL_BYTES_MAX) {
    throw new Fault(
      'journal/too-large',
      `${path} has ${size} bytes of at most ${JOURNAL_BYTES_MAX}`,
    )
  }
  const bytes = new Uint8Array(size)
  for (let done = 0; done < size;) {
    const count = readSync(file, bytes, done, size - done, done)
    if (count === 0) throw new Error(`${path} became shorter while it was read`)
    done += count
  }
  return bytes
}

const writeAll = (file: number, bytes: Uint8Array, at: number): void => {
  for (let done = 0; done < bytes.length;) {
    done += writeSync(file, bytes, done, bytes.length - done, at + done)
  }
}

/** An empty file, or one whose making a crash interrupted. */
const beginFile = (file: number, path: string, found: Uint8Array): Read => {
  if (!equalBytes(found, HEADER.subarray(0, found.length))) throw notAJournal(path)
  writeAll(file, HEADER, 0)
  fsyncSync(file)
  return { records: [], end: HEADER.length, cut: 0, checksum: 0 }
}

const parse = (found: Uint8Array, path: string): Read => {
  if (!equalBytes(found.subarray(0, HEADER.length), HEADER)) throw notAJournal(path)
  const records: Uint8Array[] = []
  let end = HEADER.length
  let checksum = 0
  while (end < found.length) {
    const one = recordAt(found, end)
    const isNext = one?.number === BigInt(records.length) && one.before === checksum
    if (!one || !isNext) {
      if (one || hasRecordAfter(found, end, records.length)) throw damaged(path, records.length)
      break
    }
    records.push(one.bytes)
    ;({ end, checksum } = one)
  }
  return { records, end, cut: found.length - end, checksum }
}

type Found = {
  readonly bytes: Uint8Array
  readonly number: bigint
  readonly before: number
  readonly checksum: number
  readonly end: number
}

/** A whole record with a good checksum at an offset. */
const recordAt = (found: Uint8Array, at: number): Found | undefined => {
  const start = at + RECORD_HEADER_BYTES
  if (start > found.length) return undefined
  const view = new DataView(found.buffer, found.byteOffset + at, RECORD_HEADER_BYTES)
  const end = start + view.getUint32(0, true)
  if (end > found.length) return undefined
  const bytes = found.subarray(start, end)
  const checksum = view.getUint32(4, true)
  if (checksumOf(found.subarray(at, start), bytes) !== checksum) return undefined
  return {
    bytes,
    number: view.getBigUint64(12, true),
    before: view.getUint32(8, true),
    checksum,
    end,
  }
}

/** Whether a good record with a later number follows somewhere: then what is bad here is no torn end. */
const hasRecordAfter = (found: Uint8Array, from: number, count: number): boolean => {
  const view = new DataView(found.buffer, found.byteOffset, found.length)
  for (let at = from + 1; at + RECORD_HEADER_BYTES <= found.length; at++) {
    // The number is looked at first: it is almost never plausible by chance, so few checksums are computed.
    const number = view.getBigUint64(at + 12, true)
    if (number <= BigInt(count) || number > BigInt(count + found.length)) continue
    if (recordAt(found, at)) return true
  }
  return false
}

const cutAt = (file: number, end: number): void => {
  ftruncateSync(file, end)
  fsyncSync(file)
}

const notAJournal = (path: string): Fault =>
  new Fault('journal/not-a-journal', `${path} does not start as a journal does`)

const damaged = (path: string, record: number): Fault =>
  new Fault('journal/damaged', `record ${record} of ${path} is damaged`, {
    part: `record ${record}`,
  })
