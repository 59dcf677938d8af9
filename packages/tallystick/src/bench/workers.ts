/**
 * Verification of one stored chain by several worker threads, each a part of it.
 *
 * Each part but the first is anchored in the record before it, at its word; the whole holds because the worker of the
 * part before has to end with that very head. Records lie in shared memory and are not copied.
 */
import { Worker } from 'node:worker_threads'
import { equalBytes } from '../base/bytes.ts'
import { type ChainHead, chainHead, headFromRecord, RECORD_BYTES } from '../kernel/chain-record.ts'

/** Links `from` to `to` − 1 of shared records, and the head to hold them against. */
export type WorkOrder = {
  readonly records: Uint8Array<SharedArrayBuffer>
  readonly from: number
  readonly to: number
  readonly anchor: ChainHead
}

/** The head that a part leads to, or the code of its fault. */
export type WorkAnswer = { readonly head: ChainHead } | { readonly fault: string }

export type Team = {
  /** The head that the chain leads to, or the code of its first fault. */
  readonly verify: (records: Uint8Array<SharedArrayBuffer>, start: ChainHead) => Promise<WorkAnswer>
  readonly dismiss: () => Promise<void>
}

export const createTeam = (size: number): Team => {
  // Sources run as they are; what is installed is JavaScript.
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const file = new URL(`./chain-worker.${extension}`, import.meta.url)
  const workers = Array.from({ length: size }, () => new Worker(file))
  return {
    verify: async (records, start) => {
      const orders = partsOf(records, start, size)
      const answers = await Promise.all(orders.map((order, at) => ask(workers[at], order)))
      return joined(orders, answers)
    },
    dismiss: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()))
    },
  }
}

const ask = (worker: Worker | undefined, order: WorkOrder): Promise<WorkAnswer> =>
  new Promise((resolve, reject) => {
    if (worker === undefined) throw new Error('a part without a worker')
    const settle = (answer: WorkAnswer): void => {
      worker.off('error', reject)
      resolve(answer)
    }
    worker.once('error', reject)
    worker.once('message', settle)
    worker.postMessage(order)
  })

const partsOf = (
  records: Uint8Array<SharedArrayBuffer>,
  start: ChainHead,
  count: number,
): readonly WorkOrder[] => {
  const links = records.length / RECORD_BYTES
  return Array.from({ length: count }, (_, part) => {
    const from = Math.floor((links * part) / count)
    const to = Math.floor((links * (part + 1)) / count)
    const before = records.slice((from - 1) * RECORD_BYTES, from * RECORD_BYTES)
    return { records, from, to, anchor: from === 0 ? start : headFromRecord(before) }
  })
}

/** The verdict on the whole: the first fault, or a part that does not end where the next one begins. */
const joined = (orders: readonly WorkOrder[], answers: readonly WorkAnswer[]): WorkAnswer => {
  let whole: WorkAnswer = { fault: 'chain/wrong-length' }
  for (const [at, answer] of answers.entries()) {
    if ('fault' in answer) return answer
    const next = orders[at + 1]?.anchor
    if (next !== undefined && !isSameHead(next, answer.head)) return { fault: 'chain/wrong-id' }
    whole = answer
  }
  return whole
}

const isSameHead = (a: ChainHead, b: ChainHead): boolean =>
  equalBytes(chainHead.encode(a), chainHead.encode(b))
