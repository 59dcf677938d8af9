/**
 * The one writer of an SQLite store.
 *
 * Promise. A batch is one transaction and one sync. A unit is judged before anything of it is written, and sees the units
 * before it in the batch; so a unit that does not fit leaves nothing behind, and the others are stored all the same.
 */
import type { DatabaseSync } from 'node:sqlite'
import { STORE_ENTRIES_MAX, STORE_NAMES_MAX } from '../limits.ts'
import { chainNext, digestOf, isInline } from './chain.ts'
import { storeError } from './errors.ts'
import { numberOf, statementOf } from './sqlite-file.ts'
import { createReads, IDS, type Reads, sumOf } from './sqlite-read.ts'
import type { Append, Entry, JournalHead, Outcome, Put, Unit } from './store.ts'

export type Writer = {
  /** Stores what fits, and syncs once. After an error nothing of the batch is there, unless the commit itself failed. */
  readonly commit: (units: readonly Unit[]) => readonly Outcome[]
}

export const createWriter = (file: DatabaseSync): Writer => {
  const reads = createReads(file)
  const begin = statementOf(file, 'BEGIN IMMEDIATE')
  const commit = statementOf(file, 'COMMIT')
  const version = statementOf(file, 'PRAGMA data_version')
  const journals = createJournals(file, reads)
  const records = createRecords(file, reads)
  let seen: unknown
  const forget = (): void => {
    journals.forget()
    records.forget()
  }
  return {
    commit: (units) => {
      begin.run()
      try {
        // It changes when another connection has written: what is remembered between batches is then looked up again.
        const found = version.get()?.['data_version']
        if (found !== seen) forget()
        seen = found
        const outcomes = units.map((unit) => take(unit, journals, records))
        journals.settle()
        commit.run()
        return outcomes
      } catch (error) {
        forget()
        if (file.isTransaction) file.exec('ROLLBACK')
        throw error
      }
    },
  }
}

const take = (unit: Unit, journals: Journals, records: Records): Outcome => {
  const [only] = unit.appends
  if (only !== undefined && unit.appends.length === 1) return takeOne(unit, only, journals, records)
  return (
    takenOf(unit, journals) ??
    staleOf(unit, records) ?? { is: 'stored', entries: written(unit, journals, records) }
  )
}

/** Most units: whether the key is there is found out by writing, since nothing else of the unit was written before. */
const takeOne = (unit: Unit, only: Append, journals: Journals, records: Records): Outcome => {
  const stale = staleOf(unit, records)
  // That the key is there comes first, whatever the conditions say.
  if (stale !== undefined) return takenOf(unit, journals) ?? stale
  const entry = journals.append(only)
  if (entry === undefined) return takenOf(unit, journals) ?? lostKey()
  for (const put of unit.puts) records.put(put)
  return { is: 'stored', entries: [entry] }
}

const takenOf = (unit: Unit, { find }: Journals): Outcome | undefined => {
  for (const append of unit.appends) {
    const entry = find(append)
    if (entry !== undefined) return { is: 'taken', entry }
  }
  return undefined
}

const staleOf = (unit: Unit, { isStale }: Records): Outcome | undefined => {
  const put = unit.puts.findIndex(isStale)
  return put < 0 ? undefined : { is: 'stale', put }
}

const written = (unit: Unit, journals: Journals, records: Records): readonly Entry[] => {
  for (const put of unit.puts) records.put(put)
  return unit.appends.map((append) => journals.append(append) ?? lostKey())
}

const lostKey = (): never => {
  throw new Error('a key is there or it is not')
}

type Journals = {
  /** The entry that has the key already. */
  readonly find: (append: Append) => Entry | undefined
  /** Undefined, and nothing written, where the key is there already. */
  readonly append: (append: Append) => Entry | undefined
  /** Writes the heads that a batch has moved. */
  readonly settle: () => void
  /** After a batch that was undone. */
  readonly forget: () => void
}

type Head = { readonly id: number; readonly head: JournalHead }

/** Journals, and spaces, whose numbers and heads are remembered between batches. */
const NAMES_REMEMBERED = 4096

const createJournals = (file: DatabaseSync, reads: Reads): Journals => {
  const ids = statementOf(file, 'SELECT id FROM journal WHERE name = ?')
  const create = statementOf(
    file,
    'INSERT INTO journal (name, size, time, chain) VALUES (?, 0, 0, ?) RETURNING id',
  )
  const move = statementOf(file, 'UPDATE journal SET size = ?, time = ?, chain = ? WHERE id = ?')
  const insert = statementOf(
    file,
    `INSERT INTO entry (id, journal, time, key, value, digest, chain) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (journal, key) DO NOTHING`,
  )
  const insertBody = statementOf(file, 'INSERT INTO body (id, value) VALUES (?, ?)')
  const heads = new Map<string, Head>()
  const moved = new Set<string>()
  const knownHead = (journal: string): Head | undefined => {
    const known = heads.get(journal)
    if (known !== undefined) return known
    const row = ids.get(journal)
    if (row === undefined) return undefined
    const found = { id: idOf(row['id']), head: reads.head(journal) }
    heads.set(journal, found)
    return found
  }
  const headOf = (journal: string): Head => {
    const known = knownHead(journal)
    if (known !== undefined) return known
    const head = reads.head(journal)
    return { id: idOf(create.get(journal, head.chain)?.['id']), head }
  }
  return {
    find: ({ journal, key }) => reads.find(journal, key),
    append: (append) => {
      const { id, head } = headOf(append.journal)
      const index = Number(head.size)
      if (index >= STORE_ENTRIES_MAX)
        throw storeError('store/out-of-bounds', `${append.journal} has as many entries as fit`)
      const time = append.time > head.time ? append.time : head.time
      const digest = isInline(append.value) ? undefined : digestOf(append.value)
      const entry = { ...append, index: head.size, time }
      const chain = chainNext(head.chain, digest === undefined ? entry : { ...entry, digest })
      const inline = digest === undefined ? append.value : null
      const at = id * IDS + index
      const added = insert.run(at, id, Number(time), append.key, inline, digest ?? null, chain)
      if (added === 0) return undefined
      if (digest !== undefined) insertBody.run(at, append.value)
      heads.set(append.journal, { id, head: { size: head.size + 1n, time, chain } })
      moved.add(append.journal)
      return { ...entry, chain }
    },
    settle: () => {
      for (const name of moved) {
        const known = heads.get(name)
        if (known === undefined) throw new Error('what a batch has moved is remembered')
        const { id, head } = known
        move.run(Number(head.size), Number(head.time), head.chain, id)
      }
      moved.clear()
      if (heads.size > NAMES_REMEMBERED) heads.clear()
    },
    forget: () => {
      heads.clear()
      moved.clear()
    },
  }
}

type Records = {
  readonly isStale: (put: Put) => boolean
  readonly put: (put: Put) => void
  /** After a batch that was undone. */
  readonly forget: () => void
}

const createRecords = (file: DatabaseSync, reads: Reads): Records => {
  const ids = statementOf(file, 'SELECT id FROM space WHERE name = ?')
  const create = statementOf(file, 'INSERT INTO space (name) VALUES (?) RETURNING id')
  const remove = statementOf(file, 'DELETE FROM record WHERE space = ? AND key = ?')
  const add = statementOf(
    file,
    `INSERT INTO record (space, key, version, sum, value) VALUES (?, ?, 1, ?, ?)
     ON CONFLICT (space, key) DO NOTHING`,
  )
  const change = statementOf(
    file,
    'UPDATE record SET version = ?, sum = ?, value = ? WHERE space = ? AND key = ?',
  )
  const versions = statementOf(file, 'SELECT version FROM record WHERE space = ? AND key = ?')
  /** Those that are not there have no number: most units ask for a record of such a space. */
  const spaces = new Map<string, number | undefined>()
  const remember = <Id extends number | undefined>(name: string, id: Id): Id => {
    if (spaces.size >= NAMES_REMEMBERED) spaces.clear()
    spaces.set(name, id)
    return id
  }
  const knownSpace = (name: string): number | undefined => {
    const known = spaces.get(name)
    if (known !== undefined || spaces.has(name)) return known
    const row = ids.get(name)
    return remember(name, row && idOf(row['id']))
  }
  const versionOf = (space: number | undefined, key: Uint8Array): number => {
    const row = space === undefined ? undefined : versions.get(space, key)
    return row === undefined ? 0 : numberOf(row['version'])
  }
  return {
    isStale: ({ space, key, ifVersion }) => {
      if (ifVersion === undefined) return false
      // Only what is there is read whole, and its sum compared.
      const isThere = versionOf(knownSpace(space), key) > 0
      return ifVersion !== (isThere ? (reads.get(space, key)?.version ?? 0n) : 0n)
    },
    put: ({ space, key, value, ifVersion }) => {
      // A condition that nothing is there, and no more: most units have two.
      if (value === undefined && ifVersion === 0n) return
      const id = knownSpace(space) ?? remember(space, idOf(create.get(space)?.['id']))
      if (value === undefined) {
        remove.run(id, key)
        return
      }
      // Most records are new: whether one is there is found out by writing.
      if (add.run(id, key, sumOf({ key, value, version: 1n }), value) > 0) return
      const version = versionOf(id, key) + 1
      change.run(version, sumOf({ key, value, version: BigInt(version) }), value, id, key)
    },
    forget: () => spaces.clear(),
  }
}

const idOf = (value: Parameters<typeof numberOf>[0]): number => {
  const id = numberOf(value)
  if (id >= STORE_NAMES_MAX)
    throw storeError('store/out-of-bounds', 'as many names as fit are taken')
  return id
}
