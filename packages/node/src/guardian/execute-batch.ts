/**
 * One batch, executed in threads and here: the same as one interaction after the other.
 *
 * Promise. An interaction with which execution breaks, by a mistake of ours, comes to `broken` and to nothing else: those before and
 * after it in its lane are executed as if it had not been there, and so are all others. `prepare` changes nothing that was there
 * before, so there is nothing to undo. A share that fails or loses its thread is done again, interaction by interaction, to find
 * out which it was.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { isFault, type Verifier } from 'tallystick/base'
import { type Machine, transitionId } from 'tallystick/kernel'
import {
  accountsOf,
  type HeadOf,
  keyOfPath,
  lanesOf,
  type Locks,
  MOI,
  type MoiHead,
  type MoiId,
  type MoiInteraction,
  type NetworkMachine,
  prepare,
  readAccount,
  readSignatures,
  type Refused,
  shareOut,
} from 'tallystick/moi'
import { entriesOf, replace } from 'tallystick/state'
import { type Executed, executedFrom } from './entries.ts'
import { knowing } from './good-signatures.ts'
import {
  type Broken,
  brokenBy,
  type LaneDone,
  type LaneHead,
  type LaneItem,
  type LaneOrder,
  laneOrders,
  laneResults,
  type ThreadAnswer,
} from './lane-order.ts'
import { FEW_THREADS, type LaneQueue, type NoThread } from './lane-queue.ts'
import type { LaneThread } from './lane-thread.ts'
import { GUARDIAN_LIMITS } from './limits.ts'
import { latticeEntry } from './store/entry.ts'

export type ScheduledItem = LaneItem & { readonly read: MoiInteraction }

/** What an interaction came to. */
export type Result = Executed | Refused | Broken

export type BatchOptions = {
  readonly network: NetworkMachine
  readonly verifier: Verifier
  readonly queue: LaneQueue
  /** Values of an account that is handed to a thread at most. */
  readonly valuesMax?: number
  /** Accounts that a thread keeps. */
  readonly keptMax?: number
  /** And their bytes. */
  readonly keptBytesMax?: number
  /** Fuel of a lane from which on it goes to a thread even where it is the only one, so that this one goes on answering. */
  readonly heavyFuel?: bigint
}

/** A tenth of a second or so. */
const HEAVY_FUEL = 1_000_000n

/** Positions of interactions that follow each other; several of them for one thread. */
type Lane = readonly number[]
type Share = readonly Lane[]

type Batch = {
  readonly of: BatchOptions
  readonly items: readonly ScheduledItem[]
  readonly locks: readonly (Locks | Broken)[]
  readonly headOf: HeadOf
  readonly time: bigint
  readonly done: Map<number, Result>
}

export const executeBatch = async (
  of: BatchOptions,
  items: readonly ScheduledItem[],
  { headOf, time }: { readonly headOf: HeadOf; readonly time: bigint },
): Promise<readonly Result[]> => {
  const { queue } = of
  const locks = items.map((one) => locksFor(of.network, one, headOf))
  const batch: Batch = { of, items, locks, headOf, time, done: new Map() }
  const { here, abroad } = divide(batch)
  const running = Promise.all(
    shareOut(abroad, queue.size())
      .filter((one) => one.length > 0)
      .map((share) => executeAbroad(batch, share)),
  )
  const turn = createTurn()
  for (const lane of here) await executeHere(batch, lane, turn)
  await running
  return items.flatMap((_, at) => batch.done.get(at) ?? [])
}

const locksFor = (
  network: NetworkMachine,
  { read }: ScheduledItem,
  headOf: HeadOf,
): Locks | Broken => {
  try {
    return accountsOf(read, (account, path) => {
      const head = headOf(account)
      return head && readAccount(network, head.machine, path)
    })
  } catch (error) {
    return brokenBy(error)
  }
}

const isBroken = (of: Locks | Broken): of is Broken => 'is' in of

const NOTHING: Locks = new Map()

/** Which lanes are executed on this thread, and which in others. */
const divide = (batch: Batch): { readonly here: readonly Lane[]; readonly abroad: Share } => {
  const { of, items, locks, done } = batch
  const { queue } = of
  for (const [at, one] of locks.entries()) if (isBroken(one)) done.set(at, one)
  const sound = (lane: Lane): Lane => lane.filter((at) => !done.has(at))
  const all =
    queue.size() === 0
      ? [items.map((_, at) => at)]
      : lanesOf(locks.map((one) => (isBroken(one) ? NOTHING : one)))
  const lanes = all.map(sound).filter((lane) => lane.length > 0)
  const heavyFuel = of.heavyFuel ?? HEAVY_FUEL
  const total = fuelOf(items, lanes.flat())
  const isWide = lanes.length > 1 && (queue.size() > FEW_THREADS || total >= heavyFuel)
  const isShared = (lane: Lane): boolean =>
    queue.size() > 0 && (isWide || fuelOf(items, lane) >= heavyFuel)
  const abroad = lanes.filter((lane) => isShared(lane) && isSmall(batch, lane))
  return { here: lanes.filter((lane) => !abroad.includes(lane)), abroad }
}

const fuelOf = (items: readonly ScheduledItem[], lane: Lane): bigint =>
  lane.reduce((sum, at) => sum + (items[at]?.read.fuelLimit ?? 0n), 0n)

const isSmall = (batch: Batch, lane: Lane): boolean => {
  const valuesMax = batch.of.valuesMax ?? GUARDIAN_LIMITS.laneValues
  return accountsIn(batch, lane).every(
    (account) => (batch.headOf(account)?.machine.state.size ?? 0) <= valuesMax,
  )
}

const accountsIn = ({ locks }: Batch, lane: Lane): readonly MoiId[] => [
  ...new Set(
    lane.flatMap((at) => {
      const of = locks[at]
      return of === undefined || isBroken(of) ? [] : [...of.keys()]
    }),
  ),
]

/** So long may interactions hold up what else this thread does: to read a large manifest burns little fuel and takes a while. */
const TURN_MS = 20

/** Lets others have their turn where the last one is long ago. */
const createTurn = (): (() => Promise<void>) => {
  let since = performance.now()
  return async () => {
    if (performance.now() - since < TURN_MS) return
    await nextTurn()
    since = performance.now()
  }
}

const executeHere = async (batch: Batch, lane: Lane, turn: () => Promise<void>): Promise<void> => {
  const moved = new Map<MoiId, MoiHead>()
  for (const at of lane) {
    await turn()
    const result = executeOne(batch, at, (account) => moved.get(account) ?? batch.headOf(account))
    batch.done.set(at, result)
    if (result.is !== 'executed') continue
    for (const [account, head] of result.moved) moved.set(account, head)
  }
}

const executeOne = ({ of, items, time }: Batch, at: number, headOf: HeadOf): Result => {
  const item = items[at]
  if (!item) throw new Error('a lane is of positions in its batch')
  const { args, signatures, good } = item
  const { network, verifier } = of
  try {
    const read = readSignatures(signatures)
    const one = prepare({
      network,
      args,
      signatures,
      ...(isFault(read) ? {} : { read: { args: item.read, signatures: read } }),
      time,
      headOf,
      verifier: knowing(verifier, good),
    })
    return one.is === 'refused' ? one : executedFrom(one)
  } catch (error) {
    return brokenBy(error)
  }
}

const executeAbroad = async (batch: Batch, share: Share): Promise<void> => {
  const before = share.map(() => batch.headOf)
  const tried = await tryShare(batch, share, before)
  if (tried.is !== 'executed') {
    for (const lane of share) await executeOneByOne(batch, lane)
    return
  }
  for (const [place, lane] of share.entries()) {
    for (const [order, at] of lane.entries()) {
      const one = tried.lanes[place]?.[order]
      if (one) batch.done.set(at, one)
    }
  }
}

/** What a lane came to, found with one order for each of its interactions. */
const executeOneByOne = async (batch: Batch, lane: Lane): Promise<void> => {
  const moved = new Map<MoiId, MoiHead>()
  const headOf: HeadOf = (account) => moved.get(account) ?? batch.headOf(account)
  for (const at of lane) {
    const result = await executeAlone(batch, at, headOf)
    batch.done.set(at, result)
    if (result.is !== 'executed') continue
    for (const [account, head] of result.moved) moved.set(account, head)
  }
}

/** In a thread; here where there is none. */
const executeAlone = async (batch: Batch, at: number, headOf: HeadOf): Promise<Result> => {
  const tried = await tryShare(batch, [[at]], [headOf])
  switch (tried.is) {
    case 'executed':
      return tried.lanes[0]?.[0] ?? brokenBy('a thread has left it out')
    case 'failed':
      return brokenBy(tried.message)
    case 'none':
      return executeOne(batch, at, headOf)
  }
}

type Tried =
  | NoThread
  | { readonly is: 'executed'; readonly lanes: readonly (readonly Result[])[] }
  | { readonly is: 'failed'; readonly message: string }

/** The results of a share by lane and order, as one thread finds them; or why it does not. */
const tryShare = async (batch: Batch, share: Share, heads: readonly HeadOf[]): Promise<Tried> => {
  const { of, items, time } = batch
  let lanes: readonly (readonly Result[])[] = []
  const answer = await of.queue.run(async (thread) => {
    // Before what is handed over, so that nothing of it is forgotten.
    const { laneAccounts, laneBytes } = GUARDIAN_LIMITS
    const { keptMax = laneAccounts, keptBytesMax = laneBytes } = of
    const forget = thread.kept.forget(keptMax, keptBytesMax)
    const orders = share.map((lane, place): LaneOrder => ({
      heads: accountsIn(batch, lane).flatMap((account) =>
        laneHead(thread, account, heads[place]?.(account)),
      ),
      items: lane.flatMap((at) => itemAt(items, at)),
    }))
    const order = { is: 'execute', time, lanes: laneOrders.encode(orders), forget } as const
    const said = await thread.ask(order)
    // Within the task: a thread whose results cannot be taken over is not to be used again.
    if (said.is === 'executed') lanes = takeOver(of.network, thread, { share, said, heads })
    return said
  })
  if (answer.is === 'none') return answer
  if (answer.is === 'executed') return { is: 'executed', lanes }
  const message = answer.is === 'failed' ? answer.message : 'a thread has answered something else'
  return { is: 'failed', message }
}

const itemAt = (items: readonly ScheduledItem[], at: number): readonly LaneItem[] => {
  const item = items[at]
  return item ? [{ args: item.args, signatures: item.signatures, good: item.good }] : []
}

/** An account for a thread, with its values if the thread has not got it as it stands. Notes that it has now. */
const laneHead = (
  thread: LaneThread,
  account: MoiId,
  head: MoiHead | undefined,
): readonly LaneHead[] => {
  if (!head) return []
  const { machine, tesseract } = head
  const isKept = thread.kept.headOf(account) === machine.headId
  thread.kept.set(account, machine)
  const values = isKept ? undefined : entriesOf(machine.state)
  return [{ account, tesseract, transition: machine.head, values }]
}

type Said = {
  readonly share: Share
  readonly said: Extract<ThreadAnswer, { readonly is: 'executed' }>
  readonly heads: readonly HeadOf[]
}

/** A thread's results with machines of this thread's. */
const takeOver = (
  network: NetworkMachine,
  thread: LaneThread,
  { share, said, heads }: Said,
): readonly (readonly Result[])[] => {
  const lanes = laneResults.decode(said.lanes)
  return share.map((lane, place) => {
    const moved = new Map<MoiId, MoiHead>()
    const before: HeadOf = (account) => moved.get(account) ?? heads[place]?.(account)
    return lane.map((_, order): Result => {
      const result = lanes[place]?.[order]
      if (!result) throw new Error('a thread has left something out')
      if (result.is !== 'executed') return result
      const one = withMachines(network, result, before)
      for (const [account, head] of one.moved) {
        moved.set(account, head)
        thread.kept.set(account, head.machine)
      }
      return one
    })
  })
}

const withMachines = (
  network: NetworkMachine,
  result: Extract<LaneDone, { is: 'executed' }>,
  before: HeadOf,
): Executed => {
  const entry = latticeEntry.decode(result.entry)
  const { tesseract } = entry
  const moved = entry.steps.map(({ account, transition }): readonly [MoiId, MoiHead] => {
    const old: Machine = before(account)?.machine ?? network.open(account)
    const own = entry.changes.filter((one) => one.account === account)
    const state = replace(
      old.state,
      own.map(({ path, value }) => ({ key: keyOfPath(network, path), value })),
    )
    const headId = transitionId(MOI, transition)
    return [account, { machine: { ...old, head: transition, headId, state }, tesseract }]
  })
  return { ...result, entry, bytes: result.entry, moved: new Map(moved) }
}
