/**
 * A copy of an SQLite store that is in use.
 *
 * Promise. The copy is one moment of the store, read in a transaction of its own beside the writing, on a thread of its
 * own. It was opened, checked and synced before it got its name; a copy that is not complete has another name.
 *
 * Not promised. That a store started from the copy may sign: it may lack what was acknowledged since. The vow guard
 * notices (`guard.ts`).
 */
import { Worker } from 'node:worker_threads'
import { storeError } from './errors.ts'

export type BackupOrder = { readonly from: string; readonly to: string }

export const backUp = (from: string, to: string): Promise<void> => {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const order: BackupOrder = { from, to }
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(`./sqlite-backup-worker.${extension}`, import.meta.url), {
      workerData: order,
      execArgv: [],
    })
    worker.once('error', (error) =>
      reject(storeError('store/full', `no backup at ${to}: ${String(error)}`, error)),
    )
    worker.once('exit', (code) => {
      if (code === 0) resolve()
      else reject(storeError('store/full', `no backup at ${to}`))
    })
  })
}

export const isBackupOrder = (value: unknown): value is BackupOrder =>
  typeof value === 'object' &&
  value !== null &&
  'from' in value &&
  'to' in value &&
  typeof value.from === 'string' &&
  typeof value.to === 'string'
