/**
 * The scheduler: checks signatures and executes interactions in threads, as many at a time as there are threads.
 *
 * Safety. A batch is split into lanes by the table of locks (`lanesOf`): interactions of different lanes share no account that any of
 * them holds for writing, so lanes see nothing of each other and the result is that of executing the batch in its order, on one
 * thread: the same transitions, bit for bit. A property test holds both to each other. What threads hand back becomes the main
 * thread's machines; nothing of it is shown or signed before it is stored, which is the executor's matter.
 *
 * Liveness. A batch is executed before signatures are checked that came later. A lane of accounts that are too large to hand over is
 * executed here, and so is a batch of which there is nothing to share out, or that few threads would get, unless it may burn so much that
 * this thread would be missed.
 * A thread that is lost is replaced (`lane-queue.ts`), and an interaction with which execution breaks leaves the others alone
 * (`execute-batch.ts`).
 */
import type { Verifier } from 'tallystick/base'
import { charter as charterCodec } from 'tallystick/kernel'
import {
  type HeadOf,
  type NetworkMachine,
  type Refusal,
  type Validate,
  validateRegistered,
  validateSigned,
} from 'tallystick/moi'
import { type ChecksHere, createChecksHere } from './checks-here.ts'
import { executeBatch, type Result, type ScheduledItem } from './execute-batch.ts'
import { knowing } from './good-signatures.ts'
import { CHECK_BYTES, type GoodSignature } from './lane-order.ts'
import { createLaneQueue, type LaneQueue } from './lane-queue.ts'
import { startLaneThread, type LaneThread } from './lane-thread.ts'

export type Admission = {
  readonly refusal: Refusal | undefined
  /** To be handed in again when the interaction is executed. */
  readonly good: readonly GoodSignature[]
}

export type Scheduler = {
  /** As `validate`, with its signatures checked in threads. */
  readonly admit: (of: Omit<Validate, 'verifier'>) => Promise<Admission>
  /**
   * As `prepare` for one after the other, each that breaks left out. `headOf` knows all of `accountsOf`; it is asked while nothing else
   * changes heads.
   */
  readonly execute: (
    batch: readonly ScheduledItem[],
    of: { readonly headOf: HeadOf; readonly time: bigint },
  ) => Promise<readonly Result[]>
  readonly close: () => Promise<void>
}

export type SchedulerOptions = {
  readonly network: NetworkMachine
  readonly verifier: Verifier
  /** 0 to do everything here. */
  readonly threads: number
  /** As in `BatchOptions`. */
  readonly valuesMax?: number
  readonly keptMax?: number
  readonly keptBytesMax?: number
  readonly heavyFuel?: bigint
  /** A thread; `startLaneThread` if missing. */
  readonly start?: () => LaneThread
  /** Told why a thread was lost. */
  readonly onLost?: (why: string) => void
}

export const createScheduler = (options: SchedulerOptions): Scheduler => {
  const { network, verifier } = options
  const charter = charterCodec.encode(network.charter)
  const queue = createLaneQueue({
    threads: options.threads,
    start: options.start ?? (() => startLaneThread({ charter })),
    onLost: options.onLost ?? (() => undefined),
  })
  const here = createChecksHere(verifier)
  return {
    admit: async (of) => {
      const asked: GoodSignature[] = []
      const refusal = validateSigned({ ...of, verifier: believing(verifier, asked) })
      // Refused before signatures were looked at.
      if (asked.length === 0) return { refusal, good: [] }
      const good = await checkAll(queue, here, asked)
      if (good.every(Boolean)) {
        const why = refusal ?? validateRegistered({ ...of, verifier })
        return { refusal: why, good: why ? [] : asked }
      }
      // What a wrong signature is called depends on which one it is.
      const known = asked.filter((_, at) => good[at])
      return { refusal: validateSigned({ ...of, verifier: knowing(verifier, known) }), good: [] }
    },
    execute: (batch, of) => executeBatch({ ...options, queue }, batch, of),
    close: queue.close,
  }
}

/** Takes every signature for good, and notes what was asked. */
const believing = (verifier: Verifier, asked: GoodSignature[]): Verifier => ({
  acceptsKey: verifier.acceptsKey,
  verify: (scheme, publicKey, digest, signature) => {
    const isSized = publicKey.length + digest.length + signature.length === CHECK_BYTES
    if (scheme !== 'secp256k1-ecdsa' || !isSized) return false
    asked.push({ publicKey, digest, signature })
    return true
  },
})

/** In threads; here what no thread could say. */
const checkAll = async (
  queue: LaneQueue,
  here: ChecksHere,
  asked: readonly GoodSignature[],
): Promise<readonly boolean[]> => {
  if (queue.size() === 0) return here.check(asked)
  const found = await queue.check(asked)
  const unknown = await here.check(asked.filter((_, at) => found[at] === undefined))
  let next = 0
  return found.map((good) => good ?? unknown[next++] ?? false)
}
