/**
 * One lane thread, seen from the main thread: orders go out one at a time, and each is answered in its turn.
 *
 * Promise. A thread that ends by itself fails whatever waits for it, and everything that is asked of it later.
 */
import { Worker } from 'node:worker_threads'
import { createLaneKept, type LaneKept } from './lane-kept.ts'
import type { ThreadAnswer, ThreadOrder, ThreadStart } from './lane-order.ts'

export type LaneThread = {
  readonly ask: (order: ThreadOrder) => Promise<ThreadAnswer>
  /** The accounts that the thread keeps. */
  readonly kept: LaneKept
  readonly close: () => Promise<void>
}

export const startLaneThread = (of: ThreadStart): LaneThread => {
  const isSource = import.meta.url.endsWith('.ts')
  const file = new URL(`./lane-worker.${isSource ? 'ts' : 'js'}`, import.meta.url)
  // From sources the thread has to find the other package's sources as well.
  const hook = new URL('../../../../scripts/source.mjs', import.meta.url)
  const worker = new Worker(file, {
    workerData: of,
    execArgv: isSource ? ['--import', hook.href] : [],
  })
  worker.unref()
  let settle: ((answer: ThreadAnswer) => void) | undefined
  let lost: string | undefined
  const end = (why: string): void => {
    lost ??= why
    settle?.({ is: 'failed', message: lost })
  }
  worker.on('message', (answer: ThreadAnswer) => settle?.(answer))
  worker.on('error', (error: unknown) => {
    end(error instanceof Error ? error.message : String(error))
  })
  worker.on('exit', () => end('a lane thread has ended'))
  return {
    kept: createLaneKept(),
    ask: (order) =>
      new Promise((resolve) => {
        if (lost !== undefined) {
          resolve({ is: 'failed', message: lost })
          return
        }
        worker.ref()
        settle = (answer) => {
          settle = undefined
          worker.unref()
          resolve(answer)
        }
        worker.postMessage(order)
      }),
    close: async () => {
      await worker.terminate()
    },
  }
}
