/**
 * Units on their way to the writing thread, and what it says of them: one array of bytes each way, which moves from thread to
 * thread. A message with an object for each key and each value costs more than writing them.
 *
 * Promise. What is unpacked is what was packed, in its order. Keys and values are views of the array that came.
 *
 * Not promised. That bytes of somebody else are read: both ends are in one process.
 */
import { CHAIN_BYTES } from './chain.ts'
import type { Append, Entry, Outcome, Put, Unit } from './store.ts'

export type PackedUnits = {
  /** Names of journals and spaces. */
  readonly names: readonly string[]
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** What the writer adds to an append. Keys and values stay where they came from: to copy them back would cost as much again. */
type Written = Pick<Entry, 'index' | 'time' | 'chain'>

export type PackedOutcomes = {
  /** Of all units that were stored, `WRITTEN_BYTES` for each append: index, time, chain. */
  readonly written: Uint8Array<ArrayBuffer>
  /** The other units, by position. */
  readonly others: readonly (readonly [number, Exclude<Outcome, { readonly is: 'stored' }>])[]
}

/** Counts of appends and puts. */
const UNIT_HEAD = 8
/** Name, length of the key, length of the value, time. */
const APPEND_HEAD = 20
/** Name, length of the key, length of the value or `NO_VALUE`, version or `ANY_VERSION`. */
const PUT_HEAD = 20
const NO_VALUE = 0xffff_ffff
const ANY_VERSION = -1n
const WRITTEN_BYTES = 16 + CHAIN_BYTES

export const packUnits = (units: readonly Unit[]): PackedUnits => {
  const names = new Map<string, number>()
  const numberOf = (name: string): number => {
    const known = names.get(name) ?? names.size
    names.set(name, known)
    return known
  }
  const bytes = new Uint8Array(units.reduce((sum, unit) => sum + packedBytes(unit), 0))
  const view = new DataView(bytes.buffer)
  let at = 0
  const head = (name: string, key: Uint8Array, valueLength: number, last: bigint): void => {
    view.setUint32(at, numberOf(name))
    view.setUint32(at + 4, key.length)
    view.setUint32(at + 8, valueLength)
    view.setBigInt64(at + 12, last)
    bytes.set(key, at + APPEND_HEAD)
    at += APPEND_HEAD + key.length
  }
  for (const { appends, puts } of units) {
    view.setUint32(at, appends.length)
    view.setUint32(at + 4, puts.length)
    at += UNIT_HEAD
    for (const { journal, key, value, time } of appends) {
      head(journal, key, value.length, time)
      bytes.set(value, at)
      at += value.length
    }
    for (const { space, key, value, ifVersion } of puts) {
      head(space, key, value?.length ?? NO_VALUE, ifVersion ?? ANY_VERSION)
      if (value === undefined) continue
      bytes.set(value, at)
      at += value.length
    }
  }
  return { names: [...names.keys()], bytes }
}

const packedBytes = ({ appends, puts }: Unit): number => {
  let size = UNIT_HEAD
  for (const { key, value } of appends) size += APPEND_HEAD + key.length + value.length
  for (const { key, value } of puts) size += PUT_HEAD + key.length + (value?.length ?? 0)
  return size
}

export const unpackUnits = ({ names, bytes }: PackedUnits): readonly Unit[] => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let at = 0
  const next = (): Head => {
    const name = names[view.getUint32(at)]
    if (name === undefined) throw new Error('a packed unit names what is in its list')
    const keyAt = at + APPEND_HEAD
    const valueAt = keyAt + view.getUint32(at + 4)
    const length = view.getUint32(at + 8)
    const last = view.getBigInt64(at + 12)
    const value = length === NO_VALUE ? undefined : bytes.subarray(valueAt, valueAt + length)
    at = valueAt + (value?.length ?? 0)
    return { name, key: bytes.subarray(keyAt, valueAt), value, last }
  }
  const units: Unit[] = []
  while (at < bytes.length) {
    const appendCount = view.getUint32(at)
    const putCount = view.getUint32(at + 4)
    at += UNIT_HEAD
    const appends = Array.from({ length: appendCount }, () => appendFrom(next()))
    const puts = Array.from({ length: putCount }, () => putFrom(next()))
    units.push({ appends, puts })
  }
  return units
}

type Head = {
  readonly name: string
  readonly key: Uint8Array
  readonly value: Uint8Array | undefined
  readonly last: bigint
}

const appendFrom = ({ name, key, value, last }: Head): Append => {
  if (value === undefined) throw new Error('an append has a value')
  return { journal: name, key, value, time: last }
}

const putFrom = ({ name, key, value, last }: Head): Put =>
  last === ANY_VERSION ? { space: name, key, value } : { space: name, key, value, ifVersion: last }

export const packOutcomes = (outcomes: readonly Outcome[]): PackedOutcomes => {
  const count = outcomes.reduce(
    (sum, one) => sum + (one.is === 'stored' ? one.entries.length : 0),
    0,
  )
  const written = new Uint8Array(count * WRITTEN_BYTES)
  const view = new DataView(written.buffer)
  const others: [number, Exclude<Outcome, { readonly is: 'stored' }>][] = []
  let at = 0
  for (const [position, outcome] of outcomes.entries()) {
    if (outcome.is !== 'stored') {
      others.push([position, outcome])
      continue
    }
    for (const { index, time, chain } of outcome.entries) {
      view.setBigUint64(at, index)
      view.setBigUint64(at + 8, time)
      written.set(chain, at + 16)
      at += WRITTEN_BYTES
    }
  }
  return { written, others }
}

/** The outcomes of these units, in their order. */
export const unpackOutcomes = (
  { written, others }: PackedOutcomes,
  units: readonly Unit[],
): readonly Outcome[] => {
  const view = new DataView(written.buffer, written.byteOffset, written.length)
  const otherAt = new Map(others)
  let at = 0
  const next = (): Written => {
    const start = at
    at += WRITTEN_BYTES
    return {
      index: view.getBigUint64(start),
      time: view.getBigUint64(start + 8),
      chain: written.subarray(start + 16, at),
    }
  }
  return units.map(
    ({ appends }, position): Outcome =>
      otherAt.get(position) ?? {
        is: 'stored',
        entries: appends.map(({ journal, key, value }) => ({ journal, key, value, ...next() })),
      },
  )
}
