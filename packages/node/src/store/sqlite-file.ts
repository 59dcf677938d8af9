/**
 * Opens an SQLite file with the settings on which durability rests, and reads each of them back.
 *
 * Promise. A connection that this returns syncs the write-ahead log at each commit (`synchronous` FULL, said outright:
 * builds exist whose default in WAL mode is less while the setting reads as FULL), keeps no part of the file mapped,
 * trusts nothing that the file's schema says, and lets no statement write to the schema's own tables.
 *
 * Not promised. That the disk does what a sync asks for. `docs/operations.md` says how to find out.
 */
import { DatabaseSync, type SQLInputValue, type SQLOutputValue } from 'node:sqlite'
import { storeError } from './errors.ts'

/** Before it, a log that was reset while another connection wrote could lose a commit. */
const SQLITE_MIN: readonly [number, number, number] = [3, 51, 3]
/** Kilobytes of pages that the writer keeps: the inner pages of the indices of some millions of entries. */
const CACHE_KB = 65_536
/** Pages in the log after which they are moved to the file. */
const CHECKPOINT_PAGES = 4000
/** How long another connection of this process is waited for: a backup that reads the last pages. */
const BUSY_MS = 10_000

/** Each with what it has to read as afterwards. */
const SETTINGS: readonly (readonly [
  name: string,
  value: string | number,
  reads: string | number,
])[] = [
  ['journal_mode', 'WAL', 'wal'],
  ['synchronous', 'FULL', 2],
  ['fullfsync', 'ON', 1],
  ['checkpoint_fullfsync', 'ON', 1],
  ['trusted_schema', 'OFF', 0],
  ['foreign_keys', 'ON', 1],
  ['cell_size_check', 'ON', 1],
  ['mmap_size', 0, 0],
  ['secure_delete', 'OFF', 0],
  ['cache_size', -CACHE_KB, -CACHE_KB],
  ['wal_autocheckpoint', CHECKPOINT_PAGES, CHECKPOINT_PAGES],
]

/** The reader's: it writes nothing, so what is about writing is not asked of it. */
const READER_SETTINGS = new Set(['trusted_schema', 'cell_size_check', 'mmap_size', 'cache_size'])

export const openWriter = (
  path: string,
  checkpointPages: number = CHECKPOINT_PAGES,
): DatabaseSync => {
  checkVersion()
  const file = new DatabaseSync(path, { timeout: BUSY_MS })
  file.enableDefensive(true)
  for (const [name, value] of SETTINGS) file.exec(`PRAGMA ${name}=${value}`)
  checkSettings(file, () => true)
  file.exec(`PRAGMA wal_autocheckpoint=${checkpointPages}`)
  return file
}

export const openReader = (path: string): DatabaseSync => {
  const file = new DatabaseSync(path, { readOnly: true, timeout: BUSY_MS })
  file.enableDefensive(true)
  const isReaders = (name: string): boolean => READER_SETTINGS.has(name)
  for (const [name, value] of SETTINGS) if (isReaders(name)) file.exec(`PRAGMA ${name}=${value}`)
  checkSettings(file, isReaders)
  return file
}

/** Raises `store/unfit` for a setting that is not what it has to be. */
const checkSettings = (file: DatabaseSync, isAsked: (name: string) => boolean): void => {
  for (const [name, , reads] of SETTINGS) {
    if (!isAsked(name)) continue
    const found = Object.values(file.prepare(`PRAGMA ${name}`).get() ?? {})[0]
    // A system without the stronger sync does not know these two.
    if (found !== reads)
      throw storeError('store/unfit', `SQLite keeps ${name} at ${String(found)}, not ${reads}`)
  }
}

const checkVersion = (): void => {
  const memory = new DatabaseSync(':memory:')
  const version = textOf(memory.prepare('SELECT sqlite_version() AS version').get()?.['version'])
  memory.close()
  const parts = version.split('.').map(Number)
  for (const [at, least] of SQLITE_MIN.entries()) {
    const part = parts[at] ?? 0
    if (part > least) return
    if (part < least)
      throw storeError(
        'store/unfit',
        `SQLite ${version} of this Node can lose commits; ${SQLITE_MIN.join('.')} or later is needed`,
      )
  }
}

export type Row = Readonly<Record<string, SQLOutputValue>>

/** A statement, prepared when it is first used. */
export const statementOf = (
  file: DatabaseSync,
  text: string,
): {
  readonly get: (...values: SQLInputValue[]) => Row | undefined
  readonly all: (...values: SQLInputValue[]) => readonly Row[]
  /** Rows that it has changed. */
  readonly run: (...values: SQLInputValue[]) => number
  readonly iterate: (...values: SQLInputValue[]) => Iterable<Row>
} => {
  const prepared = file.prepare(text)
  return {
    get: (...values) => prepared.get(...values),
    all: (...values) => prepared.all(...values),
    run: (...values) => Number(prepared.run(...values).changes),
    iterate: (...values) => prepared.iterate(...values),
  }
}

/* What a column holds. Another type than we wrote means that the file was changed by somebody else. */

export const numberOf = (value: SQLOutputValue | undefined): number => {
  if (typeof value === 'number') return value
  throw storeError('store/damaged', 'a column holds no number')
}

export const textOf = (value: SQLOutputValue | undefined): string => {
  if (typeof value === 'string') return value
  throw storeError('store/damaged', 'a column holds no text')
}

export const bytesOf = (value: SQLOutputValue | undefined): Uint8Array => {
  if (value instanceof Uint8Array) return value
  throw storeError('store/damaged', 'a column holds no bytes')
}

export const isBytes = (value: SQLOutputValue | undefined): value is Uint8Array<ArrayBuffer> =>
  value instanceof Uint8Array
