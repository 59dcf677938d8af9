/**
 * The tables of the PostgreSQL store, and how a database of an older version becomes one of this version.
 *
 * Promise. A migration is one transaction under a lock that all processes ask for, so that several may start at once; one
 * of them migrates. A database of a newer version is refused.
 */
import { storeError } from './errors.ts'
import { type Client, transact } from './postgres-connect.ts'

/** Statements that lead from the version before to the one at this place, counted from 1. They are never changed. */
export const POSTGRES_MIGRATIONS: readonly (readonly string[])[] = [
  [
    `CREATE TABLE journal (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      name text COLLATE "C" NOT NULL UNIQUE,
      size bigint NOT NULL,
      time bigint NOT NULL,
      chain bytea NOT NULL
    )`,
    // The second constraint is the vow: one entry for a key, whichever process asks.
    `CREATE TABLE entry (
      journal bigint NOT NULL REFERENCES journal (id),
      index bigint NOT NULL,
      time bigint NOT NULL,
      key bytea NOT NULL,
      value bytea NOT NULL,
      chain bytea NOT NULL,
      PRIMARY KEY (journal, index),
      UNIQUE (journal, key)
    )`,
    `CREATE TABLE record (
      space text COLLATE "C" NOT NULL,
      key bytea NOT NULL,
      version bigint NOT NULL,
      value bytea NOT NULL,
      PRIMARY KEY (space, key)
    )`,
    // One row for each process, with the number of the last batch that it committed.
    `CREATE TABLE writer (
      id bytea PRIMARY KEY,
      batch bigint NOT NULL,
      seen timestamptz NOT NULL DEFAULT now()
    )`,
  ],
]

/** Brings the schema to this version. `before` is called between statements; tests crash there. */
export const migratePostgres = async (
  client: Client,
  schema: string,
  migrations: readonly (readonly string[])[] = POSTGRES_MIGRATIONS,
  before: (statement: string) => void = () => undefined,
): Promise<void> => {
  await transact(client, async (tx) => {
    await tx`SELECT pg_advisory_xact_lock(hashtext(${`tallystick ${schema}`}))`
    await tx`CREATE SCHEMA IF NOT EXISTS ${tx(schema)}`
    await tx`CREATE TABLE IF NOT EXISTS version (version bigint NOT NULL)`
    const [row] = await tx<{ version: string }[]>`SELECT version FROM version`
    const version = Number(row?.version ?? 0)
    if (version > migrations.length)
      throw storeError(
        'store/newer',
        `the database has version ${version}, and this program knows versions up to ${migrations.length}`,
      )
    if (version === migrations.length) return
    for (const statement of migrations.slice(version).flat()) {
      before(statement)
      await tx.unsafe(statement)
    }
    before('the version')
    await tx`DELETE FROM version`
    await tx`INSERT INTO version (version) VALUES (${migrations.length})`
    before('COMMIT')
  })
}
