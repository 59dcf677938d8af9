/**
 * How an SQLite store starts: settings, version, migration, and a look at what is there.
 *
 * The look is in three parts. Before anything is answered: that the last entries of every journal's end chain up to the
 * head that the journal has. Before anything is written: the structure of all tree pages, which reads the whole file; of a
 * large file it is looked at after the store has opened, so that it can be read from meanwhile (`finishStart`). The rest
 * takes seconds for each million entries: `checkWhole`, which each backup runs on its copy.
 */
import { copyFileSync, existsSync, rmSync, statSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { chainOf, chainStart, digestOf } from './chain.ts'
import { messageOf, storeError, storeErrorCode } from './errors.ts'
import {
  bytesOf,
  isBytes,
  numberOf,
  openWriter,
  type Row,
  statementOf,
  textOf,
} from './sqlite-file.ts'
import { IDS, recordFrom } from './sqlite-read.ts'
import { migrate, VERSION, versionOf } from './sqlite-schema.ts'

/** Entries at the end of a journal that a start checks. */
const TAIL = 4096
/** Journals whose ends a start checks; those with the most entries, since a vow is worth more than an inbox. */
const TAILS = 64

export type FileOptions = {
  /** Pages in the log after which they move to the file; the usual number if missing. */
  readonly checkpointPages?: number
  /** A file with more bytes may be read from before its structure was looked at; a fraction of a second's worth if missing. */
  readonly laterBytes?: number
}

const LATER_BYTES = 64 * 2 ** 20

export type OpenedFile = {
  readonly file: DatabaseSync
  /** Looks at what was left for later. Nothing may be written before it has passed; there is none where nothing was left. */
  readonly finishStart: (() => void) | undefined
}

export const openStoreFile = (path: string, options: FileOptions = {}): OpenedFile => {
  const isLarge = existsSync(path) && statSync(path).size > (options.laterBytes ?? LATER_BYTES)
  return namingDamage(() => {
    const file = openWriter(path, options.checkpointPages)
    try {
      const version = versionOf(file)
      const finishStart = (): void => {
        if (version > 0) checkStructure(file)
        // The copy of the start before has served: the migrated file was read, and is whole.
        if (version === VERSION) for (const old of copies(path)) rmSync(old, { force: true })
      }
      const isLater = isLarge && version === VERSION
      if (!isLater) finishStart()
      if (version > 0 && version < VERSION) keepCopy(file, path, version)
      migrate(file)
      checkEnds(file)
      return { file, finishStart: isLater ? () => namingDamage(finishStart) : undefined }
    } catch (error) {
      file.close()
      throw error
    }
  })
}

const namingDamage = <Result>(run: () => Result): Result => {
  try {
    return run()
  } catch (error) {
    if (storeErrorCode(error) === undefined && DAMAGE.has(primary(sqliteCode(error)) ?? 0))
      throw storeError('store/damaged', `SQLite cannot read the file: ${messageOf(error)}`, error)
    throw error
  }
}

/** A copy of the file as it was, which a program of the older version opens. */
const keepCopy = (file: DatabaseSync, path: string, version: number): void => {
  file.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  copyFileSync(path, copyPath(path, version))
}

export const copyPath = (path: string, version: number): string => `${path}.version-${version}`

const copies = (path: string): readonly string[] =>
  Array.from({ length: VERSION }, (_, at) => copyPath(path, at)).filter((copy) => existsSync(copy))

/** Structure of all trees. */
const checkStructure = (file: DatabaseSync): void => {
  const found = textOf(file.prepare('PRAGMA quick_check(1)').get()?.['quick_check'])
  if (found !== 'ok') throw storeError('store/damaged', `SQLite finds its file damaged: ${found}`)
}

const checkEnds = (file: DatabaseSync): void => {
  const journals = statementOf(file, `${JOURNALS} ORDER BY size DESC LIMIT ${TAILS}`)
  for (const journal of journals.all()) checkJournal(file, journal, TAIL)
}

/** Everything: the structure, the indices against their tables, every journal from its start, every record's sum. */
export const checkWhole = (file: DatabaseSync): void => {
  versionOf(file)
  const found = textOf(file.prepare('PRAGMA integrity_check(1)').get()?.['integrity_check'])
  if (found !== 'ok') throw storeError('store/damaged', `SQLite finds its file damaged: ${found}`)
  for (const journal of statementOf(file, JOURNALS).all())
    checkJournal(file, journal, Number.MAX_SAFE_INTEGER)
  const bodies = statementOf(
    file,
    'SELECT entry.digest AS digest, body.value AS value FROM entry LEFT JOIN body USING (id) WHERE digest IS NOT NULL',
  )
  for (const row of bodies.iterate())
    if (!equal(digestOf(bytesOf(row['value'])), bytesOf(row['digest'])))
      throw storeError('store/damaged', 'a value is not what was stored')
  const records = statementOf(file, 'SELECT key, version, sum, value FROM record')
  for (const row of records.iterate()) recordFrom('a space', row)
}

const JOURNALS = 'SELECT id, name, size, time, chain FROM journal'

/** Raises `store/damaged` where the last entries of a journal do not lead to its head. */
const checkJournal = (file: DatabaseSync, journal: Row, depth: number): void => {
  const name = textOf(journal['name'])
  const size = numberOf(journal['size'])
  const base = numberOf(journal['id']) * IDS
  const rows = statementOf(
    file,
    'SELECT id, time, key, value, digest, chain FROM entry WHERE id >= ? AND id < ? ORDER BY id',
  )
  const damaged = (at: number): Error =>
    storeError('store/damaged', `${name} does not hold together at entry ${at}`)
  const from = Math.max(0, size - depth)
  let chain = chainStart(name)
  let time = 0
  let index = Math.max(0, from - 1)
  for (const row of rows.iterate(base + index, base + IDS)) {
    if (numberOf(row['id']) !== base + index) throw damaged(index)
    const next = bytesOf(row['chain'])
    if (index >= from && !equal(chainOf(chain, linkOf(row, index)), next)) throw damaged(index)
    if (numberOf(row['time']) < time) throw damaged(index)
    time = numberOf(row['time'])
    chain = next
    index += 1
  }
  if (index !== size || time !== numberOf(journal['time'])) throw damaged(index)
  if (!equal(chain, bytesOf(journal['chain']))) throw damaged(index)
}

const linkOf = (row: Row, index: number): Parameters<typeof chainOf>[1] => {
  const inline = isBytes(row['value'])
  return {
    key: bytesOf(row['key']),
    time: BigInt(numberOf(row['time'])),
    index: BigInt(index),
    inline,
    value: bytesOf(inline ? row['value'] : row['digest']),
  }
}

const equal = (one: Uint8Array, two: Uint8Array): boolean => Buffer.compare(one, two) === 0

/** SQLite's own number for what went wrong. */
export const sqliteCode = (error: unknown): number | undefined =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode
    : undefined

/** Its low byte, which says what kind it is. */
export const primary = (code: number | undefined): number | undefined =>
  code === undefined ? undefined : code & 0xff

/** SQLITE_CORRUPT and SQLITE_NOTADB. */
const DAMAGE: ReadonlySet<number> = new Set([11, 26])
