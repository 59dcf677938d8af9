/**
 * The thread that answers questions, seen from the main thread.
 *
 * Promise. A question keeps this thread busy for as long as it takes to hand over values, and no longer. A thread that is lost, as
 * for want of memory, fails the question that it was at; the next one gets another thread.
 *
 * It is started for the first question: whoever asks none pays for no thread.
 */
import { Worker } from 'node:worker_threads'
import type { Path } from 'tallystick/kernel'
import type { MoiId } from 'tallystick/moi'
import type {
  FromQuestions,
  QuestionAnswer,
  QuestionOrder,
  QuestionsStart,
  ToQuestions,
} from './question-order.ts'

export type ReadLater = (account: MoiId, path: Path) => Promise<Uint8Array | undefined>

export type Asked = {
  readonly answer: QuestionAnswer
  /** Of the thread. */
  readonly cpuMs: number
}

export type QuestionThread = {
  /** One at a time. Raises what `read` raises. */
  readonly ask: (order: QuestionOrder, read: ReadLater) => Promise<Asked>
  readonly close: () => Promise<void>
}

/** Megabytes of what a question makes. Attack: a call that fills the memory of all that this process does. */
const HEAP_MB_MAX = 512

export const createQuestionThread = (charter: Uint8Array): QuestionThread => {
  let running: Started | undefined
  let isClosed = false
  return {
    ask: async (order, read) => {
      if (isClosed) return { answer: LOST, cpuMs: 0 }
      if (running === undefined || running.isLost()) running = start(charter)
      return running.ask(order, read)
    },
    close: async () => {
      isClosed = true
      await running?.close()
    },
  }
}

const LOST: QuestionAnswer = { is: 'failed', message: 'the thread for questions has ended' }

type Started = QuestionThread & { readonly isLost: () => boolean }

const start = (charter: Uint8Array): Started => {
  const isSource = import.meta.url.endsWith('.ts')
  const file = new URL(`./question-worker.${isSource ? 'ts' : 'js'}`, import.meta.url)
  // From sources the thread has to find the other package's sources as well.
  const hook = new URL('../../../../scripts/source.mjs', import.meta.url)
  const signal = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)
  const worker = new Worker(file, {
    workerData: { charter, signal } satisfies QuestionsStart,
    execArgv: isSource ? ['--import', hook.href] : [],
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB_MAX },
  })
  worker.unref()
  let hear: ((words: FromQuestions) => void) | undefined
  let lost: string | undefined
  const end = (why: string): void => {
    lost ??= why
    hear?.({ is: 'answered', answer: { is: 'failed', message: lost }, cpuMs: 0 })
  }
  worker.on('message', (words: FromQuestions) => hear?.(words))
  worker.on('error', (error: unknown) => {
    end(error instanceof Error ? error.message : String(error))
  })
  worker.on('exit', () => end('the thread for questions has ended'))
  const tell = (words: ToQuestions): void => {
    worker.postMessage(words)
    Atomics.store(new Int32Array(signal), 0, 1)
    Atomics.notify(new Int32Array(signal), 0)
  }
  return {
    isLost: () => lost !== undefined,
    ask: (order, read) =>
      new Promise((resolve, reject) => {
        if (lost !== undefined) {
          resolve({ answer: { is: 'failed', message: lost }, cpuMs: 0 })
          return
        }
        let unread: { readonly why: unknown } | undefined
        worker.ref()
        hear = (words) => {
          if (words.is === 'wanted') {
            read(words.account, words.path).then(
              (value) => tell({ is: 'value', value }),
              (why: unknown) => {
                unread = { why }
                tell({ is: 'unread' })
              },
            )
            return
          }
          hear = undefined
          worker.unref()
          if (unread) reject(unread.why instanceof Error ? unread.why : new Error('not read'))
          else resolve({ answer: words.answer, cpuMs: words.cpuMs })
        }
        worker.postMessage(order)
      }),
    close: async () => {
      await worker.terminate()
    },
  }
}
