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
  const copyOf = copierOf(size)
  const appends = unit.appends.map((append) => checkedAppend(append, copyOf))
  const puts = unit.puts.map((put) => checkedPut(put, copyOf))
  checkDistinct(appends, ({ journal }) => journal)
  checkDistinct(puts, ({ space }) => space)
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

type Copy = (bytes: Uint8Array) => Uint8Array

const checkedAppend = (append: Append, copyOf: Copy): Append => {
  checkName(append.journal)
  checkKey(append.key)
  checkValue(append.value)
  if (append.time < 0n || append.time > STORE_TIME_MAX)
    throw outOfBounds(`a time of ${append.time}`)
  const { journal, key, value, time } = append
  return { journal, key: copyOf(key), value: copyOf(value), time }
}

const checkedPut = (put: Put, copyOf: Copy): Put => {
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
const checkDistinct = <Item extends { readonly key: Uint8Array }>(
  items: readonly Item[],
  nameOf: (item: Item) => string,
): void => {
  // A set of places costs more than comparing the two or three that most units have.
  const isTwice =
    items.length <= COMPARED_MAX
      ? items.some((one, at) =>
          items
            .slice(0, at)
            .some((two) => nameOf(one) === nameOf(two) && Buffer.compare(one.key, two.key) === 0),
        )
      : new Set(items.map((item) => placeOf(nameOf(item), item.key))).size < items.length
  if (isTwice) throw outOfBounds('a unit that names one key twice')
}

const COMPARED_MAX = 8

/** Copies into one array for the whole unit. Not `slice`: that of a Buffer shares its memory. */
const copierOf = (size: number): Copy => {
  const all = new Uint8Array(size)
  let at = 0
  return (bytes) => {
    const start = at
    all.set(bytes, start)
    at += bytes.length
    return all.subarray(start, at)
  }
}

const outOfBounds = (message: string): StoreError => storeError('store/out-of-bounds', message)
