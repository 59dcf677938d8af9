import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openSqliteStore, STORE_FILE } from '../../src/store/sqlite.ts'
import { describeStore } from './contract.ts'
import { temporaryFolder } from './temporary.ts'

describeStore('SQLite', async () => {
  const folder = temporaryFolder()
  return {
    open: () => openSqliteStore(folder),
    durable: true,
    reset: async () => {
      const file = new DatabaseSync(join(folder, STORE_FILE))
      for (const table of ['record', 'space', 'body', 'entry', 'journal'])
        file.exec(`DELETE FROM ${table}`)
      file.close()
    },
    remove: async () => rmSync(folder, { recursive: true, force: true }),
  }
})
