/** A worker thread that verifies the part of a chain that it is sent. */
import { parentPort } from 'node:worker_threads'
import { isFault } from '../base/fault.ts'
import { verifyRange } from '../kernel/chain-verify.ts'
import type { WorkAnswer, WorkOrder } from './workers.ts'

parentPort?.on('message', (order: WorkOrder) => {
  const verdict = verifyRange(order)
  const answer: WorkAnswer = isFault(verdict) ? { fault: verdict.code } : { head: verdict }
  parentPort?.postMessage(answer)
})
