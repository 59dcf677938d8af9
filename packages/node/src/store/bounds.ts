/**
 * What a store takes: checked by every engine before anything is done, so that all refuse alike.
 *
 * Names never reach a path or the text of a query. They are printable ASCII all the same, so that what a log shows of
 * them is what they are, and no two engines differ over which are equal.
 */
import {
  STORE_KEY_BYTES_MAX,
  STORE_NAME_BYTES_MAX,
  STORE_PAGE_ITEMS_MAX,
  STORE_TIME_MAX,
  STORE_UNIT_BYTES_MAX,
  STORE_UNIT_ITEMS_MAX,
  STORE_VALUE_BYTES_MAX,
} from '../limits.ts'
import { storeError, type StoreError } from './errors.ts'
import type { Append, Put, Unit } from './store.ts'

/** Raises `store/out-of-bounds`; returns a copy that nobody else can change. */
export const checkedUnit = (unit: Unit): Unit => {
  const items = unit.appends.length + unit.puts.length
  if (items > STORE_UNIT_ITEMS_MAX)
    throw outOfBounds(`a unit of ${items} items, of which ${STORE_UNIT_ITEMS_MAX} fit`)
  const size = unitBytes(unit)
  if (size > STORE_UNIT_BYTES_MAX)
    throw outOfBounds(`a unit of ${size} bytes, of which ${STORE_UNIT_BYTES_MAX} fit`)
  const appends = unit.appends.map(checkedAppend)
  const puts = unit.puts.map(checkedPut)
  checkDistinct(appends.map((append) => placeOf(append.journal, append.key)))
  checkDistinct(puts.map((put) => placeOf(put.space, put.key)))
  return { appends, puts }
}

/** Bytes of all keys and values. */
export const unitBytes = (unit: Unit): number => {
  let size = 0
  for (const append of unit.appends) size += append.key.length + append.value.length
  for (const put of unit.puts) size += put.key.length + (put.value?.length ?? 0)
  return size
}

/** A string for a key within a journal or space. */
export const placeOf = (name: string, key: Uint8Array): string =>
  `${name}\0${Buffer.from(key).toString('latin1')}`

export const checkName = (name: string): void => {
  if (name.length > STORE_NAME_BYTES_MAX || !NAME.test(name))
    throw outOfBounds(`${JSON.stringify(name).slice(0, 2 * STORE_NAME_BYTES_MAX)} is no name`)
}

export const checkKey = (key: Uint8Array): void => {
  if (key.length === 0 || key.length > STORE_KEY_BYTES_MAX)
    throw outOfBounds(`a key of ${key.length} bytes; 1 to ${STORE_KEY_BYTES_MAX} fit`)
}

/** A page's size, no larger than is allowed. */
export const pageSize = (limit: number): number => {
  if (!Number.isSafeInteger(limit) || limit < 1) throw outOfBounds(`a page of ${limit}`)
  return Math.min(limit, STORE_PAGE_ITEMS_MAX)
}

export const checkIndex = (index: bigint): void => {
  if (index < 0n) throw outOfBounds(`an index of ${index}`)
}

const NAME = /^[!-~]+$/

const checkedAppend = (append: Append): Append => {
  checkName(append.journal)
  checkKey(append.key)
  checkValue(append.value)
  if (append.time < 0n || append.time > STORE_TIME_MAX)
    throw outOfBounds(`a time of ${append.time}`)
  const { journal, key, value, time } = append
  return { journal, key: copyOf(key), value: copyOf(value), time }
}

const checkedPut = (put: Put): Put => {
  checkName(put.space)
  checkKey(put.key)
  if (put.value !== undefined) checkValue(put.value)
  if (put.ifVersion !== undefined && (put.ifVersion < 0n || put.ifVersion > STORE_TIME_MAX))
    throw outOfBounds(`a version of ${put.ifVersion}`)
  return {
    space: put.space,
    key: copyOf(put.key),
    value: put.value === undefined ? undefined : copyOf(put.value),
    ...(put.ifVersion === undefined ? {} : { ifVersion: put.ifVersion }),
  }
}

const checkValue = (value: Uint8Array): void => {
  if (value.length > STORE_VALUE_BYTES_MAX)
    throw outOfBounds(`a value of ${value.length} bytes, of which ${STORE_VALUE_BYTES_MAX} fit`)
}

/** One unit says one thing about a place; else its order would matter. */
const checkDistinct = (places: readonly string[]): void => {
  if (new Set(places).size < places.length) throw outOfBounds('a unit that names one key twice')
}

/** Not `slice`: that of a Buffer shares its memory. */
const copyOf = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes)

const outOfBounds = (message: string): StoreError => storeError('store/out-of-bounds', message)
