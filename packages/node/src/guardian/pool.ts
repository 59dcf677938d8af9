/**
 * The pool: interactions that were admitted and not executed yet, one queue for each key of each account.
 *
 * Promise. An interaction waits until its number is the next of its key; those whose turn it is come out in the order in which they
 * came in, each once. A number is taken once: what is in the pool is not replaced. Everything is bounded: items and bytes in all,
 * items of one sender, how far ahead a number may be, and how long one may wait.
 *
 * Not promised. Anything after the process has ended: nothing of the pool is stored.
 */
import { MOI_FUEL_MAX } from 'tallystick/base'
import type { MoiInteraction } from 'tallystick/moi'
import type { GoodSignature } from './lane-order.ts'
import type { GuardianLimits } from './limits.ts'
import { rpcError } from './rpc/error.ts'
import type { MoiId } from './store/entry.ts'

/** An interaction as it came in. */
export type Pooled = {
  /** 64 digits. */
  readonly hash: string
  readonly args: Uint8Array
  readonly signatures: Uint8Array
  readonly read: MoiInteraction
  /** Its signatures that were checked when it was admitted. */
  readonly good: readonly GoodSignature[]
  /** Milliseconds of a clock that never goes back. */
  readonly sinceMs: number
}

export type Pool = {
  /**
   * Takes it in. Raises an `RpcError` where there is no place for it. `next` is the committed number of its key. Returns those that had
   * to leave: one whose turn it is pushes out who waits behind a gap, the longest there first.
   */
  readonly add: (one: Pooled, next: bigint) => readonly Pooled[]
  readonly has: (hash: string) => boolean
  readonly find: (hash: string) => Pooled | undefined
  /** Up to so many whose turn it is, in the order in which they came. They stay in the pool until they are settled. */
  readonly take: (limit: number) => readonly Pooled[]
  /** They leave the pool; the next number of each key is told. */
  readonly settle: (ones: readonly Pooled[], next: (of: Pooled) => bigint) => void
  /** They were taken and their turn has not come after all. Before the others of their batch are settled. */
  readonly giveBack: (ones: readonly Pooled[]) => void
  /** Those that waited too long, which leave the pool. `fromMs`: when the time began that counts. */
  readonly expire: (nowMs: number, fromMs?: number) => readonly Pooled[]
  /** The number after those that wait without a gap, from the committed one on. */
  readonly nextOf: (account: MoiId, keyId: number, committed: bigint) => bigint
  readonly queues: () => readonly QueueView[]
  readonly counts: () => PoolCounts
}

export type QueueView = {
  readonly account: MoiId
  readonly keyId: number
  /** Whose turn it is, now or after those before them. */
  readonly pending: readonly Pooled[]
  /** Which wait for a number that nobody has sent. */
  readonly queued: readonly Pooled[]
}

export type PoolCounts = {
  readonly pending: number
  readonly queued: number
  readonly bytes: number
}

type Queue = {
  readonly account: MoiId
  readonly keyId: number
  next: bigint
  /** The first number from `next` on that nobody has sent. */
  free: bigint
  readonly items: Map<bigint, Pooled>
}

type State = {
  readonly limits: GuardianLimits
  readonly queues: Map<string, Queue>
  readonly byHash: Map<string, Pooled>
  /** Whose turn it is, in the order in which they became so. */
  readonly ready: Map<string, Pooled>
  readonly perSender: Map<MoiId, { readonly count: number; readonly bytes: number }>
  /** Handed out and not settled. */
  readonly taken: Set<string>
  bytes: number
}

export const createPool = (limits: GuardianLimits): Pool => {
  const state: State = {
    limits,
    queues: new Map(),
    byHash: new Map(),
    ready: new Map(),
    perSender: new Map(),
    taken: new Set(),
    bytes: 0,
  }
  return {
    add: (one, next) => add(state, one, next),
    has: (hash) => state.byHash.has(hash),
    find: (hash) => state.byHash.get(hash),
    take: (limit) => take(state, limit),
    settle: (ones, next) => settle(state, ones, next),
    giveBack: (ones) => {
      for (const { hash } of ones) state.taken.delete(hash)
    },
    expire: (nowMs, fromMs = 0) => {
      const late = [...state.byHash.values()].filter(
        (one) =>
          nowMs - Math.max(one.sinceMs, fromMs) > limits.poolMs && !state.taken.has(one.hash),
      )
      for (const one of late) remove(state, one)
      return late
    },
    nextOf: (account, keyId, committed) =>
      nextFree(state.queues.get(queueName(account, keyId)), committed),
    queues: () => [...state.queues.values()].map(viewOf),
    counts: () => countsOf(state),
  }
}

const queueName = (account: MoiId, keyId: number): string => `${account} ${keyId}`
const nameOf = ({ read: { sender } }: Pooled): string => queueName(sender.id, sender.keyId)
const sizeOf = (one: Pooled): number => one.args.length + one.signatures.length

const add = (state: State, one: Pooled, next: bigint): readonly Pooled[] => {
  const { limits } = state
  const { id, keyId, sequence } = one.read.sender
  if (state.byHash.has(one.hash)) throw rpcError('known-interaction')
  if (sequence < next) throw rpcError('refused', 'invalid nonce', 'sequence')
  if (sequence > next + BigInt(limits.poolAhead)) throw rpcError('too-far-ahead')
  const known = state.queues.get(nameOf(one))
  if (known && sequence < known.next) throw rpcError('refused', 'invalid nonce', 'sequence')
  if (known?.items.has(sequence) === true) throw rpcError('other-interaction')
  const own = state.perSender.get(id) ?? NOTHING
  const isOver = own.count >= limits.poolEach || own.bytes + sizeOf(one) > limits.poolEachBytes
  if (isOver) throw rpcError('sender-limit')
  const isDue = sequence === nextFree(known, next)
  const pushed = isDue ? makeRoom(state, one) : []
  if (!fits(state, one)) throw rpcError('full-pool')
  const queue: Queue = known ?? { account: id, keyId, next, free: next, items: new Map() }
  state.queues.set(nameOf(one), queue)
  queue.items.set(sequence, one)
  goOn(queue, queue.next < next ? next : queue.next)
  state.byHash.set(one.hash, one)
  state.perSender.set(id, { count: own.count + 1, bytes: own.bytes + sizeOf(one) })
  state.bytes += sizeOf(one)
  if (sequence === queue.next) state.ready.set(one.hash, one)
  return pushed
}

const NOTHING = { count: 0, bytes: 0 } as const

const fits = ({ byHash, bytes, limits }: State, one: Pooled): boolean =>
  byHash.size < limits.poolItems && bytes + sizeOf(one) <= limits.poolBytes

/** The first number of a key that nobody has sent, from its next on. */
const nextFree = (queue: Queue | undefined, next: bigint): bigint => {
  if (queue && queue.free >= next) return queue.free
  let free = next
  while (queue?.items.has(free) === true) free += 1n
  return free
}

/** Begins with another number. What was counted once is not counted again: attack: to make long queues, and longer ones. */
const goOn = (queue: Queue, next: bigint): void => {
  queue.next = next
  if (queue.free < next) queue.free = next
  while (queue.items.has(queue.free)) queue.free += 1n
}

/** Who waits behind a gap may wait for ever, and pays for nothing meanwhile (attack: to fill the pool with such). */
const makeRoom = (state: State, one: Pooled): readonly Pooled[] => {
  const pushed: Pooled[] = []
  if (fits(state, one)) return pushed
  for (const other of state.byHash.values()) {
    if (fits(state, one)) break
    const queue = state.queues.get(nameOf(other))
    if (!queue || other.read.sender.sequence < queue.free) continue
    remove(state, other)
    pushed.push(other)
  }
  return pushed
}

/**
 * Those of one key follow each other within one batch: as soon as one is handed out, the next one's turn has come, because a batch is
 * executed in this order.
 */
const take = (state: State, limit: number): readonly Pooled[] => {
  const taken: Pooled[] = []
  let fuel = 0n
  const isFull = (one: Pooled): boolean =>
    taken.length >= limit || (taken.length > 0 && fuel + fuelOf(one) > state.limits.batchFuel)
  for (const [hash, one] of state.ready) {
    if (isFull(one)) break
    state.ready.delete(hash)
    const queue = state.queues.get(nameOf(one))
    let next: Pooled | undefined = one
    while (next && !isFull(next)) {
      taken.push(next)
      fuel += fuelOf(next)
      next = queue?.items.get(next.read.sender.sequence + 1n)
    }
  }
  for (const one of taken) state.taken.add(one.hash)
  return taken
}

/** However much is promised, more than this is not burnt. */
const fuelOf = ({ read }: Pooled): bigint => (read.fuelLimit > FUEL_MAX ? FUEL_MAX : read.fuelLimit)

const FUEL_MAX = BigInt(MOI_FUEL_MAX)

const settle = (state: State, ones: readonly Pooled[], next: (of: Pooled) => bigint): void => {
  for (const one of ones) remove(state, one)
  for (const one of ones) {
    const queue = state.queues.get(nameOf(one))
    if (!queue) continue
    goOn(queue, next(one))
    const head = queue.items.get(queue.next)
    if (head) state.ready.set(head.hash, head)
  }
}

const remove = (state: State, one: Pooled): void => {
  state.taken.delete(one.hash)
  if (!state.byHash.delete(one.hash)) return
  const { id, sequence } = one.read.sender
  const name = nameOf(one)
  const queue = state.queues.get(name)
  queue?.items.delete(sequence)
  if (queue && sequence >= queue.next && sequence < queue.free) queue.free = sequence
  if (queue?.items.size === 0) state.queues.delete(name)
  state.ready.delete(one.hash)
  state.bytes -= sizeOf(one)
  const own = state.perSender.get(id) ?? NOTHING
  if (own.count <= 1) state.perSender.delete(id)
  else state.perSender.set(id, { count: own.count - 1, bytes: own.bytes - sizeOf(one) })
}

const viewOf = ({ account, keyId, next, items }: Queue): QueueView => {
  const pending: Pooled[] = []
  for (let at = next, one = items.get(at); one; at += 1n, one = items.get(at)) pending.push(one)
  const known = new Set(pending)
  const queued = [...items.values()]
    .filter((one) => !known.has(one))
    .sort((one, two) => (one.read.sender.sequence < two.read.sender.sequence ? -1 : 1))
  return { account, keyId, pending, queued }
}

const countsOf = (state: State): PoolCounts => {
  let pending = 0
  for (const queue of state.queues.values()) pending += viewOf(queue).pending.length
  return { pending, queued: state.byHash.size - pending, bytes: state.bytes }
}
