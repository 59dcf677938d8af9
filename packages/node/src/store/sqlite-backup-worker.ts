/** The thread that copies an SQLite store (`sqlite-backup.ts`). */
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { workerData } from 'node:worker_threads'
import { isBackupOrder } from './sqlite-backup.ts'
import { openReader } from './sqlite-file.ts'
import { checkWhole } from './sqlite-start.ts'

const main = (order: unknown): void => {
  if (!isBackupOrder(order)) throw new Error('started as no worker')
  const { from, to } = order
  if (existsSync(to)) throw new Error('something is there already')
  const part = `${to}.part`
  rmSync(part, { force: true })
  try {
    const source = openReader(from)
    source.prepare('VACUUM INTO ?').run(part)
    source.close()
    const copy = openReader(part)
    checkWhole(copy)
    copy.close()
    sync(part)
    renameSync(part, to)
    sync(dirname(to))
  } finally {
    rmSync(part, { force: true })
  }
}

const sync = (path: string): void => {
  const file = openSync(path, 'r')
  fsyncSync(file)
  closeSync(file)
}

main(workerData)
