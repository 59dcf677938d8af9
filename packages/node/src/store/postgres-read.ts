/** Questions to a PostgreSQL store. */
import type { Sql } from 'postgres'
import { STORE_PAGE_BYTES_MAX } from '../limits.ts'
import { chainStart } from './chain.ts'
import { storeError } from './errors.ts'
import { bigintOf, plainBytes, type Row } from './postgres-values.ts'
import type { Entry, Recorded, Store } from './store.ts'

export type Reads = Pick<Store, 'find' | 'read' | 'head' | 'get' | 'scan' | 'count'>

export const createReads = (sql: Sql): Reads => ({
  find: async (journal, key) => {
    const [row] = await sql<Row[]>`
      SELECT e.index, e.time, e.key, e.value, e.chain FROM entry e JOIN journal j ON j.id = e.journal
      WHERE j.name = ${journal} AND e.key = ${key}`
    return row && entryFrom(journal, row)
  },
  read: async (journal, from, limit) => {
    if (from > INDEX_MAX) return []
    // The sum ends a page where its values are many bytes, on the server, so that they do not travel in vain.
    const rows = await sql<Row[]>`
      SELECT index, time, key, value, chain FROM (
        SELECT e.*, sum(length(e.value)) OVER (ORDER BY e.index) AS bytes FROM (
          SELECT index, time, key, value, chain FROM entry
          WHERE journal = (SELECT id FROM journal WHERE name = ${journal}) AND index >= ${from.toString()}
          ORDER BY index LIMIT ${limit}
        ) e
      ) p WHERE bytes <= ${STORE_PAGE_BYTES_MAX} OR index = ${from.toString()} ORDER BY index`
    const entries = rows.map((row) => entryFrom(journal, row))
    for (const [at, entry] of entries.entries())
      if (entry.index !== from + BigInt(at))
        throw storeError(
          'store/damaged',
          `${journal} has no entry ${from + BigInt(at)}, but later ones`,
        )
    return entries
  },
  head: async (journal) => {
    const [row] = await sql<Row[]>`SELECT size, time, chain FROM journal WHERE name = ${journal}`
    return row === undefined
      ? { size: 0n, time: 0n, chain: chainStart(journal) }
      : {
          size: bigintOf(row['size']),
          time: bigintOf(row['time']),
          chain: plainBytes(row['chain']),
        }
  },
  get: async (space, key) => {
    const [row] = await sql<Row[]>`
      SELECT key, version, value FROM record WHERE space = ${space} AND key = ${key}`
    return row && recordFrom(row)
  },
  scan: async (space, after, limit) => {
    const rows = await sql<Row[]>`
      SELECT key, version, value FROM (
        SELECT r.*, sum(length(r.value)) OVER (ORDER BY r.key) AS bytes, row_number() OVER (ORDER BY r.key) AS at FROM (
          SELECT key, version, value FROM record
          WHERE space = ${space} AND key > ${after ?? new Uint8Array()} ORDER BY key LIMIT ${limit}
        ) r
      ) p WHERE bytes <= ${STORE_PAGE_BYTES_MAX} OR at = 1 ORDER BY key`
    return rows.map(recordFrom)
  },
  count: async (space) => {
    const [row] = await sql<Row[]>`SELECT count(*) AS n FROM record WHERE space = ${space}`
    return Number(bigintOf(row?.['n']))
  },
})

const INDEX_MAX = (1n << 63n) - 1n

export const entryFrom = (journal: string, row: Row): Entry => ({
  journal,
  key: plainBytes(row['key']),
  value: plainBytes(row['value']),
  time: bigintOf(row['time']),
  index: bigintOf(row['index']),
  chain: plainBytes(row['chain']),
})

const recordFrom = (row: Row): Recorded => ({
  key: plainBytes(row['key']),
  value: plainBytes(row['value']),
  version: bigintOf(row['version']),
})
