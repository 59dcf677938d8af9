/**
 * One batch, as one transaction of PostgreSQL, beside other processes that do the same.
 *
 * Safety. The row of a journal's head is locked first, so that index, time and chain follow one from the other across all
 * processes; what stands under a key is read after that, and a key that stands there is taken. The entry is then
 * inserted only where no other has its key: the table's own constraint, which holds even against a process that takes
 * no locks. A count that comes back short undoes the batch.
 *
 * Once. Each process has a row with the number of its last batch, which the transaction raises first. A batch that is
 * sent again after its connection was lost waits there for the transaction of before, should that still be under way,
 * and then finds its own number if that was committed. So a batch is stored once, however often it is sent.
 *
 * Liveness. Locks are taken in one order: own row, journals by name, records by space and key. Where two processes make
 * one record at the same moment, one of them starts over.
 */
import type { ReservedSql } from 'postgres'
import { placeOf } from './bounds.ts'
import { chainNext, chainStart } from './chain.ts'
import { storeError } from './errors.ts'
import { checkDurability, type Client, DURABILITY, transact } from './postgres-connect.ts'
import { entryFrom } from './postgres-read.ts'
import {
  bigintOf,
  bytesList,
  numberList,
  plainBytes,
  type Row,
  stringOf,
  textList,
} from './postgres-values.ts'
import type { Append, Entry, JournalHead, Outcome, Put, Unit } from './store.ts'

/** Which batch of which process this is. */
export type Batch = {
  readonly writer: Uint8Array
  readonly number: bigint
  readonly units: readonly Unit[]
}

/** The outcomes; undefined where this very batch is stored already. */
export const commitBatch = async (
  client: Client,
  batch: Batch,
  decided: (outcomes: readonly Outcome[]) => void,
): Promise<void> => {
  await transact(client, async (tx) => {
    const found = await look(tx, batch)
    if (found === undefined) return
    const plan = planOf(batch.units, found)
    await write(tx, plan, found)
    // Before the commit: what it was is known even if the answer to it never comes.
    decided(plan.outcomes)
  })
}

type Head = JournalHead & { readonly id: bigint }

type Found = {
  readonly heads: ReadonlyMap<string, Head>
  readonly entries: ReadonlyMap<string, Entry>
  readonly versions: ReadonlyMap<string, bigint>
}

/** Takes the locks, and reads what the batch depends on. All of it travels together. */
const look = async (tx: ReservedSql, batch: Batch): Promise<Found | undefined> => {
  const appends = batch.units.flatMap((unit) => unit.appends)
  const puts = batch.units.flatMap((unit) => unit.puts)
  const names = [...new Set(appends.map(({ journal }) => journal))].sort()
  const keyNames = textList(appends.map(({ journal }) => journal))
  const keys = bytesList(appends.map(({ key }) => key))
  const [own, , heads, entries, records] = await Promise.all([
    tx<Row[]>`UPDATE writer SET batch = ${batch.number.toString()}, seen = now()
      WHERE id = ${batch.writer} AND batch < ${batch.number.toString()} RETURNING ${tx.unsafe(DURABILITY)}`,
    createJournals(tx, names),
    tx<Row[]>`SELECT id, name, size, time, chain FROM journal
      WHERE name = ANY (${textList(names)}::text[]) ORDER BY name FOR UPDATE`,
    tx<Row[]>`SELECT j.name, e.index, e.time, e.key, e.value, e.chain
      FROM unnest(${keyNames}::text[], ${keys}::bytea[]) AS want (name, key)
      JOIN journal j ON j.name = want.name JOIN entry e ON e.journal = j.id AND e.key = want.key`,
    lockRecords(tx, puts),
  ])
  if (own.length === 0) {
    await checkWriter(tx, batch)
    return undefined
  }
  checkDurability(own[0])
  return {
    heads: new Map(heads.map((row) => [stringOf(row['name']), headFrom(row)])),
    entries: new Map(entries.map((row) => placed(entryFrom(stringOf(row['name']), row)))),
    versions: new Map(
      records.map((row) => [
        placeOf(stringOf(row['space']), plainBytes(row['key'])),
        bigintOf(row['version']),
      ]),
    ),
  }
}

const placed = (entry: Entry): [string, Entry] => [placeOf(entry.journal, entry.key), entry]

const headFrom = (row: Row): Head => ({
  id: bigintOf(row['id']),
  size: bigintOf(row['size']),
  time: bigintOf(row['time']),
  chain: plainBytes(row['chain']),
})

/** In the order of their names, as all processes do. */
const createJournals = async (tx: ReservedSql, names: readonly string[]): Promise<void> => {
  const starts = bytesList(names.map(chainStart))
  await tx`INSERT INTO journal (name, size, time, chain)
    SELECT name, 0, 0, chain FROM unnest(${textList(names)}::text[], ${starts}::bytea[]) AS new (name, chain)
    WHERE NOT EXISTS (SELECT 1 FROM journal j WHERE j.name = new.name)
    ORDER BY name COLLATE "C" ON CONFLICT (name) DO NOTHING`
}

const lockRecords = (tx: ReservedSql, puts: readonly Put[]): Promise<readonly Row[]> => {
  const spaces = textList(puts.map(({ space }) => space))
  const keys = bytesList(puts.map(({ key }) => key))
  return tx<Row[]>`SELECT space, key, version FROM record
    WHERE (space, key) IN (SELECT * FROM unnest(${spaces}::text[], ${keys}::bytea[]))
    ORDER BY space, key FOR UPDATE`
}

/** The number stands there already, unless the row itself is gone: then nothing is known. */
const checkWriter = async (tx: ReservedSql, batch: Batch): Promise<void> => {
  const [row] = await tx<Row[]>`SELECT batch FROM writer WHERE id = ${batch.writer}`
  if (row === undefined || bigintOf(row['batch']) !== batch.number)
    throw storeError('store/stopped', 'the database no longer knows this process')
}

type Plan = {
  readonly outcomes: readonly Outcome[]
  readonly appended: readonly Entry[]
  readonly heads: ReadonlyMap<string, Head>
  /** The last put of each place. */
  readonly puts: ReadonlyMap<string, { readonly put: Put; readonly version: bigint }>
}

/** Judges each unit in turn; one sees the units before it. */
const planOf = (units: readonly Unit[], found: Found): Plan => {
  const heads = new Map(found.heads)
  const entries = new Map(found.entries)
  const versions = new Map(found.versions)
  const puts = new Map<string, { put: Put; version: bigint }>()
  const appended: Entry[] = []
  const versionOf = (put: Put): bigint => versions.get(placeOf(put.space, put.key)) ?? 0n
  const add = (append: Append): Entry => {
    const { entry, head } = appendedTo(heads.get(append.journal), append)
    heads.set(append.journal, head)
    entries.set(...placed(entry))
    appended.push(entry)
    return entry
  }
  const keep = (put: Put): void => {
    const place = placeOf(put.space, put.key)
    const version = put.value === undefined ? 0n : versionOf(put) + 1n
    versions.set(place, version)
    puts.set(place, { put, version })
  }
  const outcomes = units.map((unit): Outcome => {
    for (const append of unit.appends) {
      const entry = entries.get(placeOf(append.journal, append.key))
      if (entry !== undefined) return { is: 'taken', entry }
    }
    const put = unit.puts.findIndex(
      (each) => each.ifVersion !== undefined && each.ifVersion !== versionOf(each),
    )
    if (put >= 0) return { is: 'stale', put }
    unit.puts.forEach(keep)
    return { is: 'stored', entries: unit.appends.map(add) }
  })
  return { outcomes, appended, heads, puts }
}

const appendedTo = (
  head: Head | undefined,
  append: Append,
): { readonly entry: Entry; readonly head: Head } => {
  if (head === undefined) throw storeError('store/stopped', `${append.journal} was not locked`)
  const time = append.time > head.time ? append.time : head.time
  const link = { ...append, index: head.size, time }
  const chain = chainNext(head.chain, link)
  return { entry: { ...link, chain }, head: { id: head.id, size: head.size + 1n, time, chain } }
}

const write = async (tx: ReservedSql, plan: Plan, found: Found): Promise<void> => {
  if (plan.appended.length > 0) await writeEntries(tx, plan)
  const all = [...plan.puts].map(([place, each]) => ({ ...each, was: found.versions.get(place) }))
  const removed = all.filter(({ put, was }) => put.value === undefined && was !== undefined)
  const changed = all.filter(({ put, was }) => put.value !== undefined && was !== undefined)
  const created = all.filter(({ put, was }) => put.value !== undefined && was === undefined)
  if (removed.length > 0)
    await tx`DELETE FROM record WHERE (space, key) IN (
      SELECT space, key FROM unnest(${spacesOf(removed)}::text[], ${keysOf(removed)}::bytea[]) AS old (space, key))`
  if (changed.length > 0)
    await tx`UPDATE record SET version = new.version, value = new.value
      FROM unnest(${spacesOf(changed)}::text[], ${keysOf(changed)}::bytea[], ${versionsOf(changed)}::bigint[],
        ${valuesOf(changed)}::bytea[]) AS new (space, key, version, value)
      WHERE record.space = new.space AND record.key = new.key`
  if (created.length > 0) await createRecords(tx, created)
}

type Change = { readonly put: Put; readonly version: bigint }

const spacesOf = (changes: readonly Change[]): string =>
  textList(changes.map(({ put }) => put.space))
const keysOf = (changes: readonly Change[]): string => bytesList(changes.map(({ put }) => put.key))
const valuesOf = (changes: readonly Change[]): string =>
  bytesList(changes.map(({ put }) => put.value))
const versionsOf = (changes: readonly Change[]): string =>
  numberList(changes.map(({ version }) => version))

/** Another process may have made one of them since we looked: then this batch starts over. */
const createRecords = async (tx: ReservedSql, created: readonly Change[]): Promise<void> => {
  const made = await tx`INSERT INTO record (space, key, version, value)
    SELECT * FROM unnest(${spacesOf(created)}::text[], ${keysOf(created)}::bytea[], ${versionsOf(created)}::bigint[],
      ${valuesOf(created)}::bytea[]) ON CONFLICT DO NOTHING RETURNING 1`
  if (made.length < created.length)
    throw Object.assign(new Error('a record was made meanwhile'), { code: '40001' })
}

const writeEntries = async (tx: ReservedSql, plan: Plan): Promise<void> => {
  const { appended, heads } = plan
  const moved = [...heads.values()]
  const idOf = (entry: Entry): bigint => heads.get(entry.journal)?.id ?? 0n
  const [made] = await Promise.all([
    tx`INSERT INTO entry (journal, index, time, key, value, chain)
      SELECT * FROM unnest(${numberList(appended.map(idOf))}::bigint[],
        ${numberList(appended.map(({ index }) => index))}::bigint[],
        ${numberList(appended.map(({ time }) => time))}::bigint[],
        ${bytesList(appended.map(({ key }) => key))}::bytea[],
        ${bytesList(appended.map(({ value }) => value))}::bytea[],
        ${bytesList(appended.map(({ chain }) => chain))}::bytea[])
      ON CONFLICT DO NOTHING RETURNING 1`,
    tx`UPDATE journal SET size = new.size, time = new.time, chain = new.chain
      FROM unnest(${numberList(moved.map(({ id }) => id))}::bigint[],
        ${numberList(moved.map(({ size }) => size))}::bigint[],
        ${numberList(moved.map(({ time }) => time))}::bigint[],
        ${bytesList(moved.map(({ chain }) => chain))}::bytea[]) AS new (id, size, time, chain)
      WHERE journal.id = new.id`,
  ])
  if (made.length < appended.length)
    throw storeError(
      'store/damaged',
      'an entry stands where the head of its journal says there is none',
    )
}
