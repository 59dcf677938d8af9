/** The thread that writes an SQLite store, so that the one that serves requests never waits for a sync. */
import { parentPort, workerData } from 'node:worker_threads'
import { openStoreFile, sqliteCode } from './sqlite-start.ts'
import { createWriter } from './sqlite-write.ts'
import { messageOf, storeErrorCode } from './errors.ts'
import type { WriterAnswer, WriterOrder, WriterStart } from './sqlite.ts'

const main = (of: unknown): void => {
  const port = parentPort
  if (port === null || !isStart(of)) throw new Error('started as no worker')
  const answer = (message: WriterAnswer): void => port.postMessage(message)
  const fail = (error: unknown): void =>
    answer({
      is: 'failed',
      code: storeErrorCode(error),
      sqlite: sqliteCode(error),
      message: messageOf(error),
    })
  try {
    const file = openStoreFile(of.path, of)
    const writer = createWriter(file)
    port.on('message', (order: WriterOrder) => {
      try {
        answer(run(order))
      } catch (error) {
        fail(error)
      }
    })
    const run = (order: WriterOrder): WriterAnswer => {
      switch (order.is) {
        case 'commit':
          return { is: 'committed', outcomes: writer.commit(order.units) }
        case 'close':
          file.close()
          port.close()
          return { is: 'done' }
      }
    }
    answer({ is: 'done' })
  } catch (error) {
    fail(error)
    port.close()
  }
}

const isStart = (value: unknown): value is WriterStart =>
  typeof value === 'object' && value !== null && 'path' in value && typeof value.path === 'string'

main(workerData)
