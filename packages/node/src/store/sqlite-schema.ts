/**
 * The tables of the SQLite store, and how a file of an older version becomes one of this version.
 *
 * Promise. A migration is one transaction: after a crash at any point the file is of the old version or of the new one.
 * A file of a newer version, or of another program, is refused and left as it is.
 */
import type { DatabaseSync } from 'node:sqlite'
import { storeError } from './errors.ts'
import { numberOf } from './sqlite-file.ts'

/** "tlly", so that nobody mistakes the file for another program's. */
export const APPLICATION = 0x74_6c_6c_79

/** Statements that lead from the version before to the one at this place, counted from 1. They are never changed. */
export const MIGRATIONS: readonly (readonly string[])[] = [
  [
    // The id of a journal times 2^32 plus the index is an entry's id, so that entries lie in the order of their journal.
    `CREATE TABLE journal (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL UNIQUE,
      size INTEGER NOT NULL,
      time INTEGER NOT NULL,
      chain BLOB NOT NULL
    ) STRICT`,
    // Inline entries have a value; others a digest, and their value in \`body\`.
    `CREATE TABLE entry (
      id INTEGER PRIMARY KEY,
      journal INTEGER NOT NULL REFERENCES journal (id),
      time INTEGER NOT NULL,
      key BLOB NOT NULL,
      value BLOB,
      digest BLOB,
      chain BLOB NOT NULL,
      CHECK ((value IS NULL) <> (digest IS NULL))
    ) STRICT`,
    'CREATE UNIQUE INDEX entry_key ON entry (journal, key)',
    'CREATE TABLE body (id INTEGER PRIMARY KEY REFERENCES entry (id), value BLOB NOT NULL) STRICT',
    'CREATE TABLE space (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT',
    // The sum is a CRC-32 over key, version and value.
    `CREATE TABLE record (
      id INTEGER PRIMARY KEY,
      space INTEGER NOT NULL REFERENCES space (id),
      key BLOB NOT NULL,
      version INTEGER NOT NULL,
      sum INTEGER NOT NULL,
      value BLOB NOT NULL
    ) STRICT`,
    'CREATE UNIQUE INDEX record_key ON record (space, key)',
  ],
]

export const VERSION: number = MIGRATIONS.length

/** Version of a file; 0 of an empty one. Raises `store/newer` or `store/unfit` for one that is not ours to open. */
export const versionOf = (file: DatabaseSync): number => {
  const application = numberOf(file.prepare('PRAGMA application_id').get()?.['application_id'])
  const version = numberOf(file.prepare('PRAGMA user_version').get()?.['user_version'])
  const tables = numberOf(file.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.['n'])
  if (application !== APPLICATION && (application !== 0 || version !== 0 || tables !== 0))
    throw storeError('store/unfit', 'the file is an SQLite database of another program')
  if (version > VERSION)
    throw storeError(
      'store/newer',
      `the file has version ${version}, and this program knows versions up to ${VERSION}: use the newer program, ` +
        'or go back to the copy that was made before the migration',
    )
  return version
}

/** Brings a file to this version. `before` is called between statements; tests crash there. */
export const migrate = (
  file: DatabaseSync,
  migrations: readonly (readonly string[])[] = MIGRATIONS,
  before: (statement: string) => void = () => undefined,
): void => {
  const version = versionOf(file)
  if (version === migrations.length) return
  file.exec('BEGIN IMMEDIATE')
  try {
    for (const statement of migrations.slice(version).flat()) {
      before(statement)
      file.exec(statement)
    }
    before('the version')
    file.exec(`PRAGMA application_id=${APPLICATION}`)
    file.exec(`PRAGMA user_version=${migrations.length}`)
    before('COMMIT')
    file.exec('COMMIT')
  } catch (error) {
    if (file.isTransaction) file.exec('ROLLBACK')
    throw error
  }
}
