/**
 * The file of a vow guard: how far the guarded journal had got, and its latest entries, beside the database.
 *
 * | at | what |
 * |---|---|
 * | 0 and 4096 | two slots of 128 bytes, written by turns |
 * | 8192 and 8192 + `GUARD_AREA_BYTES` | two areas of records, filled by turns; the fuller history is in the one before |
 *
 * A slot: 16 bytes that say what it is, 32 of the journal's start of chain, 8 of a counter, 8 of the journal's size, 32 of
 * its chain, 32 of SHA-256 over all that. The valid slot with the higher counter holds.
 * A record: 4 bytes of its length, 8 of its area's turn, 8 of the index, 8 of the time, 32 of the chain, 2 and the key, the
 * value, and the first 8 of SHA-256 over all that. Records are read until one does not hold.
 *
 * Promise. After `write` resolves, what it was given outlives a power cut, or what was there before and it: a torn slot
 * leaves the other.
 */
import { hash } from 'node:crypto'
import { constants, readFileSync, writeSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Entry } from './store.ts'

export type GuardPlace = {
  readonly name: string
  /** The chain that the journal starts with. */
  readonly start: Uint8Array
  /** Bytes of one area; the same for the life of a file. */
  readonly areaBytes: number
}

export type GuardHead = { readonly size: bigint; readonly chain: Uint8Array }

export type GuardFound = {
  /** Undefined where neither slot holds. */
  readonly head: GuardHead | undefined
  /** The entries that the areas hold, in the order of their indices. */
  readonly tail: readonly Entry[]
}

export type GuardFile = {
  readonly found: GuardFound
  readonly write: (head: GuardHead, entries: readonly Entry[]) => Promise<void>
  readonly close: () => Promise<void>
}

const MARK = Buffer.from('tally vow guard\x01', 'latin1')
const SLOT_BYTES = 128
const SLOT_AT = [0, 4096] as const
const AREAS_AT = 8192
const RECORD_HEAD = 62
const SUM_BYTES = 8

/** Opens the file; makes it where `create` is set. */
export const openGuardFile = async (
  path: string,
  of: GuardPlace,
  create: boolean,
): Promise<GuardFile> => {
  const flags = constants.O_RDWR | (create ? constants.O_CREAT | constants.O_EXCL : 0)
  const file = await open(path, flags, 0o600)
  try {
    const bytes = await file.readFile()
    const slots = SLOT_AT.map((at) => slotFrom(bytes.subarray(at, at + SLOT_BYTES), of.start))
    const best = slots.reduce((one, two) =>
      (two?.counter ?? -1n) > (one?.counter ?? -1n) ? two : one,
    )
    const areas = [1, 0].map((at) => areaFrom(bytes, at, of))
    // Of a new file both are empty, and the first comes first.
    const turns = areas.toSorted((one, two) => Number(one.turn - two.turn) || one.end - two.end)
    // Of two with one index the later holds: the other was never covered by a slot.
    const latest = new Map(
      turns.flatMap(({ entries }) => entries.map((entry) => [entry.index, entry])),
    )
    const tail = [...latest.values()].sort((one, two) => Number(one.index - two.index))
    const found = { head: best, tail }
    const state = { counter: best?.counter ?? 0n, ...endOf(turns) }
    if (create) await syncFolder(path)
    return {
      found,
      write: (head, entries) => write(file, { state, place: of }, head, entries),
      close: () => file.close(),
    }
  } catch (error) {
    await file.close()
    throw error
  }
}

/** How often a guard was written and synced since it was made, as its file says. */
export const guardWrites = (path: string): number => {
  const file = readFileSync(path)
  const counters = SLOT_AT.map((at) => {
    const slot = file.subarray(at, at + SLOT_BYTES)
    return Number(slotFrom(slot, slot.subarray(16, 48))?.counter ?? 0n)
  })
  return Math.max(...counters)
}

type State = { counter: bigint; area: number; turn: bigint; at: number }

type Area = {
  readonly area: number
  readonly turn: bigint
  readonly end: number
  readonly entries: readonly Entry[]
}

/** Goes on where the newer area ends. */
const endOf = (turns: readonly Area[]): Omit<State, 'counter'> => {
  const last = turns.at(-1)
  return { area: last?.area ?? 0, turn: last?.turn ?? 0n, at: last?.end ?? 0 }
}

const write = async (
  file: FileHandle,
  of: { readonly state: State; readonly place: GuardPlace },
  head: GuardHead,
  entries: readonly Entry[],
): Promise<void> => {
  const { state } = of
  const before = { ...state }
  try {
    for (const stretch of placed(of, entries)) {
      writeAll(file, stretchBytes(stretch), stretch.at)
    }
    state.counter += 1n
    const slot = SLOT_AT[Number(state.counter % 2n)] ?? 0
    writeAll(file, slotBytes(state.counter, of.place.start, head), slot)
  } catch (error) {
    // The same again later writes over what is there of it.
    Object.assign(state, before)
    throw error
  }
  await file.datasync().catch((error: unknown) => {
    throw new Error('the guard could not be synced', { cause: error })
  })
}

type Stretch = {
  readonly at: number
  readonly turn: bigint
  size: number
  readonly entries: Entry[]
}

/** Records by the stretches of the file that they fill one after the other: each is one write, and few cross to the other area. */
const placed = (
  { state, place }: { readonly state: State; readonly place: GuardPlace },
  entries: readonly Entry[],
): readonly Stretch[] => {
  const stretches: Stretch[] = []
  for (const entry of entries) {
    const size = recordSize(entry)
    // One that does not fit leaves a gap; the guard then repairs only what came after it.
    if (size > place.areaBytes) continue
    const isFull = state.at + size > place.areaBytes
    if (isFull) {
      state.area = 1 - state.area
      state.turn += 1n
      state.at = 0
    }
    const last = stretches.at(-1)
    if (last && !isFull) {
      last.entries.push(entry)
      last.size += size
    } else {
      const at = areaStart(place, state.area) + state.at
      stretches.push({ at, turn: state.turn, size, entries: [entry] })
    }
    state.at += size
  }
  return stretches
}

/** All records of a stretch in one array. */
const stretchBytes = ({ turn, size, entries }: Stretch): Uint8Array => {
  const bytes = new Uint8Array(size)
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const entry of entries) {
    const sumAt = at + recordSize(entry) - SUM_BYTES
    view.setUint32(at, recordSize(entry))
    view.setBigUint64(at + 4, turn)
    view.setBigUint64(at + 12, entry.index)
    view.setBigUint64(at + 20, entry.time)
    bytes.set(entry.chain, at + 28)
    view.setUint16(at + 60, entry.key.length)
    bytes.set(entry.key, at + RECORD_HEAD)
    bytes.set(entry.value, at + RECORD_HEAD + entry.key.length)
    const sum = hash('sha256', bytes.subarray(at, sumAt), 'buffer')
    bytes.set(sum.subarray(0, SUM_BYTES), sumAt)
    at = sumAt + SUM_BYTES
  }
  return bytes
}

const recordSize = ({ key, value }: Entry): number =>
  RECORD_HEAD + key.length + value.length + SUM_BYTES

/** To the system's cache, which takes less time than to ask another thread for it; only the sync is left to one. */
const writeAll = ({ fd }: FileHandle, bytes: Uint8Array, at: number): void => {
  for (let done = 0; done < bytes.length;)
    done += writeSync(fd, bytes, done, bytes.length - done, at + done)
}

const areaStart = (place: GuardPlace, area: number): number => AREAS_AT + area * place.areaBytes

const slotBytes = (counter: bigint, start: Uint8Array, head: GuardHead): Uint8Array => {
  const bytes = Buffer.alloc(SLOT_BYTES)
  bytes.set(MARK, 0)
  bytes.set(start, 16)
  bytes.writeBigUInt64BE(counter, 48)
  bytes.writeBigUInt64BE(head.size, 56)
  bytes.set(head.chain, 64)
  bytes.set(hash('sha256', bytes.subarray(0, 96), 'buffer'), 96)
  return bytes
}

const slotFrom = (
  bytes: Buffer,
  start: Uint8Array,
): (GuardHead & { counter: bigint }) | undefined => {
  if (bytes.length < SLOT_BYTES || !bytes.subarray(0, 16).equals(MARK)) return undefined
  if (!hash('sha256', bytes.subarray(0, 96), 'buffer').equals(bytes.subarray(96))) return undefined
  if (!bytes.subarray(16, 48).equals(start)) return undefined
  return {
    counter: bytes.readBigUInt64BE(48),
    size: bytes.readBigUInt64BE(56),
    chain: new Uint8Array(bytes.subarray(64, 96)),
  }
}

/** The records of an area, up to the first that does not hold or is of an earlier turn. */
const areaFrom = (file: Buffer, area: number, place: GuardPlace): Area => {
  const start = areaStart(place, area)
  const bytes = file.subarray(start, start + place.areaBytes)
  const entries: Entry[] = []
  let turn = 0n
  let at = 0
  while (at + RECORD_HEAD + SUM_BYTES <= bytes.length) {
    const size = bytes.readUInt32BE(at)
    const record = bytes.subarray(at, at + size)
    if (size < RECORD_HEAD + SUM_BYTES || record.length < size) break
    const of = record.readBigUInt64BE(4)
    if (!isWhole(record) || (at > 0 && of !== turn)) break
    turn = of
    entries.push(recordFrom(record, place.name))
    at += size
  }
  return { area, turn, end: at, entries }
}

const isWhole = (record: Buffer): boolean => {
  const end = record.length - SUM_BYTES
  const sum = hash('sha256', record.subarray(0, end), 'buffer').subarray(0, SUM_BYTES)
  return sum.equals(record.subarray(end)) && RECORD_HEAD + record.readUInt16BE(60) <= end
}

const recordFrom = (record: Buffer, journal: string): Entry => {
  const valueAt = RECORD_HEAD + record.readUInt16BE(60)
  return {
    journal,
    index: record.readBigUInt64BE(12),
    time: record.readBigUInt64BE(20),
    chain: new Uint8Array(record.subarray(28, 60)),
    key: new Uint8Array(record.subarray(RECORD_HEAD, valueAt)),
    value: new Uint8Array(record.subarray(valueAt, record.length - SUM_BYTES)),
  }
}

export const syncFolder = async (path: string): Promise<void> => {
  const folder = await open(dirname(path), 'r')
  await folder.sync()
  await folder.close()
}
