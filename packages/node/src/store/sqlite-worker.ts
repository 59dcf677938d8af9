/** The thread that writes an SQLite store, so that the one that serves requests never waits for a sync. */
import { closeSync, openSync, rmSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { openStoreFile, sqliteCode } from './sqlite-start.ts'
import { createWriter } from './sqlite-write.ts'
import { messageOf, storeErrorCode } from './errors.ts'
import { packOutcomes, unpackUnits } from './packed-units.ts'
import type { WriterAnswer, WriterOrder, WriterStart } from './sqlite.ts'

const main = (of: unknown): void => {
  const port = parentPort
  if (port === null || !isStart(of)) throw new Error('started as no worker')
  const answer = (message: WriterAnswer): void =>
    port.postMessage(message, message.is === 'committed' ? [message.outcomes.written.buffer] : [])
  const fail = (error: unknown): void =>
    answer({
      is: 'failed',
      code: storeErrorCode(error) ?? codeOf(of, error),
      sqlite: sqliteCode(error),
      message: messageOf(error),
    })
  try {
    const { file, finishStart } = openStoreFile(of.path, of)
    const writer = createWriter(file)
    port.on('message', (order: WriterOrder) => {
      try {
        answer(run(order))
      } catch (error) {
        fail(error)
      }
    })
    let damage: unknown
    const run = (order: WriterOrder): WriterAnswer => {
      if (order.is === 'commit' && damage !== undefined) throw damage
      switch (order.is) {
        case 'commit':
          return {
            is: 'committed',
            outcomes: packOutcomes(writer.commit(unpackUnits(order.units))),
          }
        case 'close':
          file.close()
          port.close()
          return { is: 'done', isLooking: false }
      }
    }
    answer({ is: 'done', isLooking: finishStart !== undefined })
    if (finishStart === undefined) return
    // Orders that come meanwhile wait: nothing is written into a file that may be damaged.
    try {
      finishStart()
    } catch (error) {
      damage = error
    }
    answer({ is: 'looked', damage: damage === undefined ? undefined : messageOf(damage) })
  } catch (error) {
    fail(error)
    port.close()
  }
}

/** SQLITE_IOERR_WRITE: a write that failed, not a sync, which the transaction has undone. */
const WRITE_FAILED = 778

/** SQLite does not tell a disk that may not be written to from a broken one; the system does. */
const codeOf = (of: unknown, error: unknown): string | undefined => {
  if (sqliteCode(error) !== WRITE_FAILED || !isStart(of)) return undefined
  try {
    closeSync(openSync(`${of.path}.probe`, 'w'))
    rmSync(`${of.path}.probe`)
    return undefined
  } catch (failure) {
    const code = failure instanceof Error && 'code' in failure ? failure.code : undefined
    return code === 'EROFS' || code === 'ENOSPC' || code === 'EDQUOT' ? 'store/full' : undefined
  }
}

const isStart = (value: unknown): value is WriterStart =>
  typeof value === 'object' && value !== null && 'path' in value && typeof value.path === 'string'

main(workerData)
