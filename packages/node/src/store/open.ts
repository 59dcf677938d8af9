/** A store with its guard, as a process that signs opens it. */
import { join } from 'node:path'
import { type GuardedStore, guardStore } from './guard.ts'
import type { PostgresOptions } from './postgres-connect.ts'
import { openFolder } from './folder.ts'
import { openSqliteStore } from './sqlite.ts'
import type { Store } from './store.ts'

/** Name of the guard within a data directory. */
export const GUARD = 'guard'

/** Everything in one folder. `journal` is the one whose entries are signed. */
export const openGuardedSqlite = async (folder: string, journal: string): Promise<GuardedStore> =>
  guarded(await openSqliteStore(folder), { path: join(folder, GUARD), journal })

/** The data in a database, and the guard in a folder of this process alone. */
export const openGuardedPostgres = async (
  options: PostgresOptions,
  folder: string,
  journal: string,
): Promise<GuardedStore> => {
  const release = openFolder(folder)
  try {
    // Loaded where it is used: most operators have no such database.
    const { openPostgresStore } = await import('./postgres.ts')
    const store = await openPostgresStore(options)
    const held: Store = {
      ...store,
      close: async () => {
        await store.close()
        release()
      },
    }
    return await guarded(held, { path: join(folder, GUARD), journal })
  } catch (error) {
    release()
    throw error
  }
}

const guarded = async (
  store: Store,
  options: { readonly path: string; readonly journal: string },
): Promise<GuardedStore> => {
  try {
    return await guardStore(store, options)
  } catch (error) {
    await store.close()
    throw error
  }
}
