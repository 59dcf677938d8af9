/**
 * What signatures alone allow: how many of these transfers' signatures are checked in a second of processor time, by as many threads as
 * will be busy when a guardian is measured. Two processors may be two halves of one, and then a second of one is worth less while the other
 * is busy too; a limit that was measured beside an idle one would be too high.
 */
import { Worker } from 'node:worker_threads'
import { isFault } from 'tallystick/base'
import { readSignatures } from 'tallystick/moi'
import type { Plan } from './moi-load.ts'
import { payerAt } from './moi-payers.ts'

export type SignatureCheck = {
  readonly publicKey: Uint8Array
  readonly digest: Uint8Array
  readonly signature: Uint8Array
}

/** What a thread is asked for. */
export type SignatureOrder = { readonly rounds: number; readonly isPortable: boolean }

export type SignatureLimit = {
  /** Checks in a second of processor time, measured now; by the code of browsers where that is asked for. */
  readonly measure: (isPortable?: boolean) => Promise<number>
  readonly close: () => Promise<void>
}

const WARM_UP = 6
const ROUNDS = 2

/** Of the first transfer of each payer of a plan. */
export const createSignatureLimit = async (
  plan: Plan,
  threads: number,
): Promise<SignatureLimit> => {
  const checks = plan.flatMap((own, at) => checkOf(own[0], at))
  const file = new URL(
    `./moi-signatures-worker.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`,
    import.meta.url,
  )
  const workers = Array.from({ length: threads }, () => new Worker(file, { workerData: checks }))
  const run = (order: SignatureOrder): Promise<unknown> =>
    Promise.all(
      workers.map(
        (worker) =>
          new Promise((resolve) => {
            worker.once('message', resolve)
            worker.postMessage(order)
          }),
      ),
    )
  await run({ rounds: WARM_UP, isPortable: false })
  return {
    measure: async (isPortable = false) => {
      const before = process.cpuUsage()
      await run({ rounds: ROUNDS, isPortable })
      const { user, system } = process.cpuUsage(before)
      return (threads * ROUNDS * checks.length) / ((user + system) / 1e6)
    },
    close: async () => {
      await Promise.all(workers.map((one) => one.terminate()))
    },
  }
}

const checkOf = (
  ready: Plan[number][number] | undefined,
  at: number,
): readonly SignatureCheck[] => {
  if (!ready) return []
  const read = readSignatures(ready.signatures)
  const signature = isFault(read) ? undefined : read[0]?.signature
  if (!signature) throw new Error('a transfer bears a signature')
  return [{ publicKey: payerAt(2 * at).publicKey, digest: ready.digest, signature }]
}
