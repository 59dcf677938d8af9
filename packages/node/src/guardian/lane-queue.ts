/**
 * The queue before the lane threads: hands work to those that are free, execution first, then signatures, some at a time.
 *
 * Promise. Whatever is asked is answered, also where a thread is lost or fails: then it is replaced, because what it keeps may not be
 * what the main thread thinks it keeps. Where no other can be started there are fewer, and with none left the caller does the work.
 */
import { concatBytes } from 'tallystick/base'
import type { GoodSignature, ThreadAnswer } from './lane-order.ts'
import type { LaneThread } from './lane-thread.ts'

/** Work for whichever thread is free. An answer that failed costs the thread its place. */
export type LaneTask = (thread: LaneThread) => Promise<ThreadAnswer>

export type LaneQueue = {
  /** For each whether it is good; undefined where no thread could say. */
  readonly check: (checks: readonly GoodSignature[]) => Promise<readonly (boolean | undefined)[]>
  /** The next free threads run what they are given, before anything else. `none`: there is no thread, and it was not tried. */
  readonly run: (task: LaneTask) => Promise<ThreadAnswer | NoThread>
  /** How many threads there are. */
  readonly size: () => number
  readonly close: () => Promise<void>
}

export type NoThread = { readonly is: 'none' }

export type LaneQueueOptions = {
  readonly threads: number
  readonly start: () => LaneThread
  /** Told of a thread that was lost or failed. */
  readonly onLost: (why: string) => void
}

/**
 * With so few threads, a batch that burns little is executed on the main one: to hand it over and back costs more than it saves, and they
 * have its signatures to check meanwhile.
 */
export const FEW_THREADS = 2
/** Signatures in one order: as long as a batch may have to wait that is executed in threads. Each order costs two messages. */
const CHECKS_MAX = 12
/**
 * Where batches are executed on the main thread, which hands nothing out meanwhile: as long as a batch takes there, so that the others
 * have something to do until it is done.
 */
const CHECKS_BESIDE_MAX = 48

type Urgent = {
  readonly task: LaneTask
  readonly settle: (answer: ThreadAnswer | NoThread) => void
}

type Waiting = {
  readonly check: GoodSignature
  readonly settle: (good: boolean | undefined) => void
}

type State = {
  readonly options: LaneQueueOptions
  readonly all: Set<LaneThread>
  readonly free: LaneThread[]
  readonly urgent: Urgent[]
  readonly waiting: Waiting[]
  isClosed: boolean
}

export const createLaneQueue = (options: LaneQueueOptions): LaneQueue => {
  const all = Array.from({ length: options.threads }, options.start)
  const state: State = {
    options,
    all: new Set(all),
    free: [...all],
    urgent: [],
    waiting: [],
    isClosed: false,
  }
  return {
    size: () => state.all.size,
    check: (checks) => {
      const found = checks.map(
        (check) =>
          new Promise<boolean | undefined>((settle) => state.waiting.push({ check, settle })),
      )
      handOut(state)
      return Promise.all(found)
    },
    run: (task) =>
      new Promise((settle) => {
        state.urgent.push({ task, settle })
        handOut(state)
      }),
    close: async () => {
      state.isClosed = true
      await Promise.all(Array.from(state.all, (one) => one.close()))
    },
  }
}

const handOut = (state: State): void => {
  const { all, free, urgent, waiting } = state
  if (all.size === 0) {
    for (const { settle } of urgent.splice(0)) settle({ is: 'none' })
    for (const { settle } of waiting.splice(0)) settle(undefined)
  }
  while (urgent.length > 0 || waiting.length > 0) {
    const thread = free.pop()
    if (!thread) return
    const one = urgent.shift()
    const done = one ? runOne(thread, one) : checkSome(thread, waiting.splice(0, checksFor(state)))
    void done.then(async (answer) => {
      if (answer.is !== 'failed') free.push(thread)
      else await replace(state, thread, answer.message)
      handOut(state)
    })
  }
}

/** A thread's part of what waits, so that none has much to do while others have nothing. */
const checksFor = ({ all, waiting }: State): number =>
  all.size > FEW_THREADS
    ? CHECKS_MAX
    : Math.max(CHECKS_MAX, Math.min(CHECKS_BESIDE_MAX, Math.ceil(waiting.length / all.size)))

const runOne = async (thread: LaneThread, { task, settle }: Urgent): Promise<ThreadAnswer> => {
  const answer = await task(thread).catch(failedWith)
  settle(answer)
  return answer
}

const failedWith = (error: unknown): ThreadAnswer => ({
  is: 'failed',
  message: error instanceof Error ? error.message : String(error),
})

const checkSome = async (thread: LaneThread, some: readonly Waiting[]): Promise<ThreadAnswer> => {
  const checks = concatBytes(
    ...some.flatMap(({ check }) => [check.publicKey, check.digest, check.signature]),
  )
  const answer = await thread.ask({ is: 'check', checks })
  for (const [at, { settle }] of some.entries()) {
    settle(answer.is === 'checked' ? answer.good[at] === 1 : undefined)
  }
  return answer
}

/** Another thread in the place of one, if it can be started and answers. */
const replace = async (state: State, lost: LaneThread, why: string): Promise<void> => {
  const { options, all, free } = state
  if (!state.isClosed) {
    options.onLost(why)
    // Who asks meanwhile waits for it: what cost one thread its place is not tried on the main one.
    const other = await startAnother(options)
    await lost.close()
    if (other) {
      all.add(other)
      free.push(other)
    }
  }
  all.delete(lost)
}

const startAnother = async ({ start }: LaneQueueOptions): Promise<LaneThread | undefined> => {
  try {
    const thread = start()
    const { is } = await thread.ask({ is: 'check', checks: new Uint8Array(0) })
    if (is === 'checked') return thread
    await thread.close()
  } catch {
    // As where the machine has no room for another thread.
  }
  return undefined
}
