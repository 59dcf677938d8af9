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
  const journals = createJournals(file, reads)
  const records = createRecords(file, reads)
  return {
    commit: (units) => {
      begin.run()
      try {
        const outcomes = units.map((unit): Outcome => {
          for (const append of unit.appends) {
            const entry = reads.find(append.journal, append.key)
            if (entry !== undefined) return { is: 'taken', entry }
          }
          const put = unit.puts.findIndex(records.isStale)
          if (put >= 0) return { is: 'stale', put }
          for (const each of unit.puts) records.put(each)
          return { is: 'stored', entries: unit.appends.map(journals.append) }
        })
        journals.settle()
        commit.run()
        return outcomes
      } catch (error) {
        journals.forget()
        if (file.isTransaction) file.exec('ROLLBACK')
        throw error
      }
    },
  }
}

type Journals = {
  readonly append: (append: Append) => Entry
  /** Writes the heads that a batch has moved. */
  readonly settle: () => void
  /** After a batch that was undone. */
  readonly forget: () => void
}

type Head = { readonly id: number; readonly head: JournalHead }

const createJournals = (file: DatabaseSync, reads: Reads): Journals => {
  const ids = statementOf(file, 'SELECT id FROM journal WHERE name = ?')
  const create = statementOf(
    file,
    'INSERT INTO journal (name, size, time, chain) VALUES (?, 0, 0, ?) RETURNING id',
  )
  const move = statementOf(file, 'UPDATE journal SET size = ?, time = ?, chain = ? WHERE id = ?')
  const insert = statementOf(
    file,
    'INSERT INTO entry (id, journal, time, key, value, digest, chain) VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  const insertBody = statementOf(file, 'INSERT INTO body (id, value) VALUES (?, ?)')
  const heads = new Map<string, Head>()
  const headOf = (journal: string): Head => {
    const known = heads.get(journal)
    if (known !== undefined) return known
    const head = reads.head(journal)
    const row = ids.get(journal) ?? create.get(journal, head.chain)
    return { id: idOf(row?.['id']), head }
  }
  return {
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
      insert.run(at, id, Number(time), append.key, inline, digest ?? null, chain)
      if (digest !== undefined) insertBody.run(at, append.value)
      heads.set(append.journal, { id, head: { size: head.size + 1n, time, chain } })
      return { ...entry, chain }
    },
    settle: () => {
      for (const { id, head } of heads.values())
        move.run(Number(head.size), Number(head.time), head.chain, id)
      heads.clear()
    },
    forget: () => heads.clear(),
  }
}

type Records = {
  readonly isStale: (put: Put) => boolean
  readonly put: (put: Put) => void
}

const createRecords = (file: DatabaseSync, reads: Reads): Records => {
  const ids = statementOf(file, 'SELECT id FROM space WHERE name = ?')
  const create = statementOf(file, 'INSERT INTO space (name) VALUES (?) RETURNING id')
  const remove = statementOf(file, 'DELETE FROM record WHERE space = ? AND key = ?')
  const store = statementOf(
    file,
    `INSERT INTO record (space, key, version, sum, value) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (space, key) DO UPDATE SET version = excluded.version, sum = excluded.sum, value = excluded.value`,
  )
  const versions = statementOf(file, 'SELECT version FROM record WHERE space = ? AND key = ?')
  const versionOf = (space: number, key: Uint8Array): number => {
    const row = versions.get(space, key)
    return row === undefined ? 0 : numberOf(row['version'])
  }
  return {
    isStale: (put) =>
      put.ifVersion !== undefined &&
      put.ifVersion !== (reads.get(put.space, put.key)?.version ?? 0n),
    put: (put) => {
      const space = idOf((ids.get(put.space) ?? create.get(put.space))?.['id'])
      if (put.value === undefined) return remove.run(space, put.key)
      const version = versionOf(space, put.key) + 1
      const sum = sumOf({ key: put.key, value: put.value, version: BigInt(version) })
      store.run(space, put.key, version, sum, put.value)
    },
  }
}

const idOf = (value: Parameters<typeof numberOf>[0]): number => {
  const id = numberOf(value)
  if (id >= STORE_NAMES_MAX)
    throw storeError('store/out-of-bounds', 'as many names as fit are taken')
  return id
}
