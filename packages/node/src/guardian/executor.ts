/**
 * The executor: takes interactions out of the pool, has them executed as if one after the other, and makes what came of them durable before
 * anybody sees it.
 *
 * Safety. Interactions of a batch see each other's effects, and nobody else does until the batch is on disk: views, receipts,
 * filters and signatures begin with `show`. A store that is full or away is waited for, with the batch in hand and nothing of it told
 * to anybody. If it cannot be stored for another reason, the batch is as if it had never been, and the executor stops: only a new start
 * knows what the disk holds. What is signed is a root over bonds whose transitions are in the journal, and the journal is the
 * guardian's record of vows: for each account it has one child for each parent.
 *
 * Liveness. While one batch is being synced the next ones are admitted, so a sync is shared by all that came meanwhile. One that
 * can no longer be executed leaves the pool with its reason, and nobody waits behind it for longer than the pool allows. One with which
 * execution breaks, by a mistake of ours, leaves the pool likewise: no receipt is written, because what would write it is what broke, and
 * because nobody could come to it by executing again. Its number stays free, and the log names it.
 */
import type { MoiHead, NetworkMachine, Refusal } from 'tallystick/moi'
import type { OperatorLogger } from '../server/log.ts'
import { errorFields } from '../server/start-operator.ts'
import { storeErrorCode } from '../store/errors.ts'
import type { Result } from './execute-batch.ts'
import { loadHeads } from './heads.ts'
import type { Hub, News } from './hub.ts'
import { type Broken, brokenBy } from './lane-order.ts'
import type { GuardianLimits } from './limits.ts'
import type { Machines } from './machines.ts'
import type { GuardianMetrics } from './metrics.ts'
import type { Pool, Pooled } from './pool.ts'
import type { Scheduler } from './scheduler.ts'
import type { Sealer } from './sealer.ts'
import type { MoiId } from './store/entry.ts'
import type { Lattice } from './store/lattice.ts'
import type { Trouble } from './trouble.ts'
import { type Patience, untilStored } from './until-stored.ts'
import type { Waits } from './waits.ts'

export type Executor = {
  /** Looks at the pool again. */
  readonly wake: () => void
  /** Finishes the batch at hand and takes no other. */
  readonly stop: () => Promise<void>
  /** Why it has stopped by itself, if it has. */
  readonly failure: () => string | undefined
}

export type ExecutorOptions = {
  readonly lattice: Lattice
  readonly machines: Machines
  readonly pool: Pool
  readonly hub: Hub
  readonly waits: Waits
  readonly sealer: Sealer
  readonly metrics: GuardianMetrics
  readonly limits: GuardianLimits
  readonly log: OperatorLogger
  /** Told of a store that takes nothing. */
  readonly trouble: Trouble
  readonly network: NetworkMachine
  readonly scheduler: Scheduler
  /** Remembers why an interaction left without a receipt. */
  readonly drop: (one: Pooled, why: string) => void
  /** What is told of entries, in their order. */
  readonly news: (from: bigint, to: bigint) => Promise<readonly News[]>
  /** Seconds since 1970. */
  readonly now: () => bigint
}

type Outcome = { readonly one: Pooled; readonly of: Result }

export const createExecutor = (options: ExecutorOptions): Executor => {
  let running: Promise<void> | undefined
  let isAwake = false
  let isStopping = false
  let failure: string | undefined
  const work = async (): Promise<void> => {
    // Whoever calls in the same turn of the event loop is in the first batch already.
    await Promise.resolve()
    try {
      // Who calls while the last batch is settled is not forgotten.
      while (isAwake && !isStopping) {
        isAwake = false
        await empty(options, () => isStopping)
      }
    } catch (error) {
      isStopping = true
      failure = error instanceof Error ? error.message : String(error)
      options.log('error', 'execution stopped', errorFields(error))
    } finally {
      running = undefined
    }
  }
  return {
    wake: () => {
      isAwake = true
      if (!isStopping) running ??= work()
    },
    stop: async () => {
      isStopping = true
      await running
      await options.sealer.stop()
    },
    failure: () => failure,
  }
}

/** Works off whatever is due. */
const empty = async (options: ExecutorOptions, isStopping: () => boolean): Promise<void> => {
  const { pool, sealer, limits } = options
  for (;;) {
    const batch = isStopping() ? [] : pool.take(limits.batchItems)
    if (batch.length === 0) return
    await workOff(options, batch, isStopping)
    await sealer.hasRoom()
  }
}

const workOff = async (
  options: ExecutorOptions,
  batch: readonly Pooled[],
  isStopping: () => boolean,
): Promise<void> => {
  const { lattice, machines, pool, metrics } = options
  const from = lattice.size()
  const patience: Patience = { ...options.trouble, isStopping }
  // Reads what a store that is away does not answer; nothing has come of it before it is stored.
  const outcomes = await untilStored(() => executeAll(options, batch), patience)
  const done = outcomes.flatMap(({ of }) => (of.is === 'executed' ? [of] : []))
  if (done.length > 0) {
    const startedMs = performance.now()
    await untilStored(() => lattice.add(done), patience)
    metrics.committed(done.length, (performance.now() - startedMs) / 1000)
    for (const { moved } of done) for (const [account, head] of moved) machines.set(account, head)
    lattice.show()
    for (const { status, operations } of done) metrics.executed(status, operations)
  }
  const settled = outcomes.filter((one) => !isEarly(one, outcomes))
  pool.giveBack(outcomes.flatMap((one) => (isEarly(one, outcomes) ? [one.one] : [])))
  pool.settle(
    settled.map(({ one }) => one),
    (one) => nextOf(one, outcomes),
  )
  for (const one of settled) tellOutcome(options, one)
  if (done.length === 0) return
  options.sealer.seal(done.map(({ entry }) => entry))
  await tellNews(options, from)
}

const executeAll = async (
  options: ExecutorOptions,
  batch: readonly Pooled[],
): Promise<readonly Outcome[]> => {
  // Where accounts stand, with what this batch has done to them on top of what everybody sees.
  const heads = new Map<MoiId, MoiHead>()
  const outcomes: Outcome[] = []
  const time = await timeOf(options)
  for (const part of partsOf(batch))
    outcomes.push(...(await execute(options, part, { heads, time })))
  return outcomes
}

const tellOutcome = ({ drop, waits, log }: ExecutorOptions, { one, of }: Outcome): void => {
  switch (of.is) {
    case 'executed':
      waits.settle(one.hash)
      return
    case 'refused':
      drop(one, of.refusal.message)
      return
    case 'broken':
      // What broke is for whoever runs this, and not for whoever sent it.
      log('error', 'an interaction broke execution', { hash: one.hash, error: of.message })
      drop(one, 'the guardian failed to execute it')
  }
}

/** Nobody hears of a mistake in telling; it is no reason to execute nothing more. */
const tellNews = async (options: ExecutorOptions, from: bigint): Promise<void> => {
  const { hub, lattice, log } = options
  if (!hub.isHeard()) return
  try {
    for (const news of await options.news(from, lattice.size())) hub.tell(news)
  } catch (error) {
    log('error', 'news were not told', { from, ...errorFields(error) })
  }
}

/** Refused because one before it was: its turn comes when somebody sends that number again. */
const isEarly = ({ one, of }: Outcome, outcomes: readonly Outcome[]): boolean =>
  of.is === 'refused' &&
  of.refusal.code === 'sequence' &&
  one.read.sender.sequence > nextOf(one, outcomes)

/** By the clock, and never before the last interaction. */
const timeOf = async ({ lattice, now }: ExecutorOptions): Promise<bigint> => {
  const size = lattice.size()
  const last = size === 0n ? undefined : await lattice.entryAt(size - 1n)
  const time = now()
  return last && last.entry.time > time ? last.entry.time : time
}

const INHERIT = 3

/**
 * A sub-account's identifier may depend on how many there are, and so on what comes before it in a batch. What it touches is known
 * only then, so such an interaction is executed by itself.
 */
const partsOf = (batch: readonly Pooled[]): readonly (readonly Pooled[])[] => {
  const parts: Pooled[][] = []
  let open: Pooled[] | undefined
  for (const one of batch) {
    const isAlone = one.read.operations.some(({ type }) => type === INHERIT)
    if (open && !isAlone) open.push(one)
    else {
      const part = [one]
      parts.push(part)
      open = isAlone ? undefined : part
    }
  }
  return parts
}

const execute = async (
  options: ExecutorOptions,
  part: readonly Pooled[],
  { heads, time }: { readonly heads: Map<MoiId, MoiHead>; readonly time: bigint },
): Promise<readonly Outcome[]> => {
  const refused: Outcome[] = []
  const due: Pooled[] = []
  for (const one of part) {
    const why = await headsFor(options, one, heads)
    if (!why) due.push(one)
    else refused.push({ one, of: 'is' in why ? why : { is: 'refused', refusal: why } })
  }
  const results = await options.scheduler.execute(due, {
    headOf: (account) => heads.get(account),
    time,
  })
  const executed = due.map((one, at): Outcome => {
    const of = results[at]
    if (!of) throw new Error('every interaction of a batch comes to something')
    if (of.is === 'executed') for (const [account, head] of of.moved) heads.set(account, head)
    return { one, of }
  })
  return [...refused, ...executed]
}

/** Adds the heads that it needs, or returns why not. Raises what the store raises: that is not the interaction's doing. */
const headsFor = async (
  options: ExecutorOptions,
  one: Pooled,
  heads: Map<MoiId, MoiHead>,
): Promise<Refusal | Broken | undefined> => {
  try {
    return await loadHeads(options, one.read, heads)
  } catch (error) {
    if (storeErrorCode(error) !== undefined) throw error
    return brokenBy(error)
  }
}

/** The number that comes after those of the batch that were executed; the same again after one that was refused. */
const nextOf = (one: Pooled, outcomes: readonly Outcome[]): bigint => {
  const { id, keyId } = one.read.sender
  let next: bigint | undefined
  for (const { one: other, of } of outcomes) {
    const { sender } = other.read
    if (sender.id !== id || sender.keyId !== keyId) continue
    if (of.is === 'executed') next = sender.sequence + 1n
    else next ??= sender.sequence
  }
  return next ?? one.read.sender.sequence
}
