import { rmSync } from 'node:fs'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { describeStore } from './contract.ts'
import { temporaryFolder } from './temporary.ts'

describeStore('SQLite', async () => {
  const folder = temporaryFolder()
  return {
    open: () => openSqliteStore(folder),
    durable: true,
    remove: async () => rmSync(folder, { recursive: true, force: true }),
  }
})
