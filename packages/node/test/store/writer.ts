/**
 * A program that writes a store and says on standard output what was acknowledged: `writer.ts MODE PLACE FOLDER FROM`.
 *
 * MODE is sqlite, postgres, or one with a planted mistake: sqlite-off, sqlite-normal. Keys count up from FROM; each entry
 * `k<n>` has a value that follows from n, and a record counts along. A line `<n>` follows each commit.
 */
import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { guardStore } from '../../src/store/guard.ts'
import { openGuardedPostgres } from '../../src/store/open.ts'
import { migrate } from '../../src/store/sqlite-schema.ts'
import { createWriter } from '../../src/store/sqlite-write.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { unitFor } from './written.ts'

/** Small, so that traces of some hundred commits have checkpoints in them. */
const CHECKPOINT_PAGES = 60
const FLIGHT = 8

const open = async (
  mode: string,
  place: string,
  folder: string,
): Promise<Pick<Store, 'commit'>> => {
  if (mode === 'sqlite') {
    const store = await openSqliteStore(folder, { checkpointPages: CHECKPOINT_PAGES })
    return guardStore(store, { path: join(folder, 'guard'), journal: 'vows', areaBytes: 65_536 })
  }
  if (mode === 'postgres') return openGuardedPostgres({ url: place }, folder, 'vows')
  const file = new DatabaseSync(join(folder, 'store.db'))
  file.exec('PRAGMA journal_mode=WAL')
  file.exec(`PRAGMA synchronous=${mode === 'sqlite-off' ? 'OFF' : 'NORMAL'}`)
  file.exec(`PRAGMA wal_autocheckpoint=${CHECKPOINT_PAGES}`)
  migrate(file)
  const writer = createWriter(file)
  return {
    commit: async (unit) => {
      const [outcome] = writer.commit([unit])
      if (outcome === undefined) throw new Error('no outcome')
      return outcome
    },
  }
}

const main = async ([
  mode = '',
  place = '',
  folder = '',
  from = '0',
]: readonly string[]): Promise<void> => {
  const store = await open(mode, place, folder)
  let next = Number(from)
  await Promise.all(
    Array.from({ length: FLIGHT }, async () => {
      for (;;) {
        const n = next
        next += 1
        const outcome = await store.commit(unitFor(n))
        if (outcome.is === 'stale') throw new Error('stale')
        writeSync(1, `${n}\n`)
      }
    }),
  )
}

process.stdin.resume().once('end', () => process.exit(0))
await main(process.argv.slice(2))
