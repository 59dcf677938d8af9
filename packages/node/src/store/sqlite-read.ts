/** Questions to an SQLite store, asked on any connection to it. What was stored is checked as far as a row tells. */
import type { DatabaseSync } from 'node:sqlite'
import { crc32 } from 'node:zlib'
import { STORE_PAGE_BYTES_MAX } from '../limits.ts'
import { chainStart, digestOf } from './chain.ts'
import { storeError } from './errors.ts'
import { bytesOf, isBytes, numberOf, type Row, statementOf } from './sqlite-file.ts'
import type { Entry, JournalHead, Recorded } from './store.ts'

/** Entries of one journal have ids from its own id times this on. */
export const IDS = 4_294_967_296

export type Reads = {
  readonly find: (journal: string, key: Uint8Array) => Entry | undefined
  readonly read: (journal: string, from: bigint, limit: number) => readonly Entry[]
  readonly head: (journal: string) => JournalHead
  readonly get: (space: string, key: Uint8Array) => Recorded | undefined
  readonly scan: (
    space: string,
    after: Uint8Array | undefined,
    limit: number,
  ) => readonly Recorded[]
  readonly count: (space: string) => number
}

export const createReads = (file: DatabaseSync): Reads => {
  const byName = statementOf(file, 'SELECT id, size, time, chain FROM journal WHERE name = ?')
  const byKey = statementOf(file, `${ENTRIES} WHERE journal = ? AND key = ?`)
  const byId = statementOf(file, `${ENTRIES} WHERE id >= ? AND id < ? ORDER BY id LIMIT ?`)
  const bodies = statementOf(file, 'SELECT value FROM body WHERE id = ?')
  const spaces = statementOf(file, 'SELECT id FROM space WHERE name = ?')
  const record = statementOf(file, `${RECORDS} WHERE space = ? AND key = ?`)
  const records = statementOf(file, `${RECORDS} WHERE space = ? AND key > ? ORDER BY key LIMIT ?`)
  const counts = statementOf(file, 'SELECT count(*) AS n FROM record WHERE space = ?')
  const entryOf = (journal: string, row: Row): Entry => entryFrom(journal, row, bodies.get)
  return {
    find: (journal, key) => {
      const found = byName.get(journal)
      const row = found && byKey.get(numberOf(found['id']), key)
      return row && entryOf(journal, row)
    },
    read: (journal, from, limit) => {
      const found = byName.get(journal)
      if (found === undefined || from >= BigInt(numberOf(found['size']))) return []
      const base = numberOf(found['id']) * IDS
      const start = base + Number(from)
      const rows = byId.iterate(start, base + IDS, limit)
      const entries = pageOf(rows, (row) => entryOf(journal, row))
      entries.forEach((entry, at) => checkPlace(journal, entry, from + BigInt(at)))
      return entries
    },
    head: (journal) => {
      const found = byName.get(journal)
      return found === undefined
        ? { size: 0n, time: 0n, chain: chainStart(journal) }
        : {
            size: BigInt(numberOf(found['size'])),
            time: BigInt(numberOf(found['time'])),
            chain: bytesOf(found['chain']),
          }
    },
    get: (space, key) => {
      const found = spaces.get(space)
      const row = found && record.get(numberOf(found['id']), key)
      return row && recordFrom(space, row)
    },
    scan: (space, after, limit) => {
      const found = spaces.get(space)
      if (found === undefined) return []
      const rows = records.iterate(numberOf(found['id']), after ?? new Uint8Array(), limit)
      return pageOf(rows, (row) => recordFrom(space, row))
    },
    count: (space) => {
      const found = spaces.get(space)
      return found === undefined ? 0 : numberOf(counts.get(numberOf(found['id']))?.['n'])
    },
  }
}

const ENTRIES = 'SELECT id, time, key, value, digest, chain FROM entry'
const RECORDS = 'SELECT key, version, sum, value FROM record'

/** At least one item, and then as many as the bytes of a page hold. */
const pageOf = <Item extends { readonly value: Uint8Array }>(
  rows: Iterable<Row>,
  from: (row: Row) => Item,
): Item[] => {
  const page: Item[] = []
  let size = 0
  for (const row of rows) {
    const item = from(row)
    size += item.value.length
    if (page.length > 0 && size > STORE_PAGE_BYTES_MAX) break
    page.push(item)
  }
  return page
}

const entryFrom = (journal: string, row: Row, bodyOf: (id: number) => Row | undefined): Entry => {
  const id = numberOf(row['id'])
  const inline = row['value']
  const index = BigInt(id % IDS)
  const value = isBytes(inline) ? inline : bytesOf(bodyOf(id)?.['value'])
  if (!isBytes(inline) && !equal(digestOf(value), bytesOf(row['digest'])))
    throw storeError('store/damaged', `the value of ${journal} ${index} is not what was stored`)
  return {
    journal,
    key: bytesOf(row['key']),
    value,
    time: BigInt(numberOf(row['time'])),
    index,
    chain: bytesOf(row['chain']),
  }
}

const checkPlace = (journal: string, entry: Entry, index: bigint): void => {
  if (entry.index !== index)
    throw storeError('store/damaged', `${journal} has no entry ${index}, but later ones`)
}

export const recordFrom = (space: string, row: Row): Recorded => {
  const record = {
    key: bytesOf(row['key']),
    value: bytesOf(row['value']),
    version: BigInt(numberOf(row['version'])),
  }
  if (sumOf(record) !== numberOf(row['sum']))
    throw storeError('store/damaged', `a record of ${space} is not what was stored`)
  return record
}

export const sumOf = (record: Recorded): number =>
  crc32(record.value, crc32(record.key, crc32(String(record.version))))

const equal = (one: Uint8Array, two: Uint8Array): boolean => Buffer.compare(one, two) === 0
