/**
 * Submissions: interactions that somebody sends, from bytes to the pool; and what became of each.
 *
 * Promise. What is refused changes nothing, and is told in MOI's words. What is taken is executed when its turn comes, or leaves the
 * pool with a reason that can be asked for. An interaction is known by the hash of its bytes: sent twice it is taken once.
 */
import { hexFromBytes, isFault } from 'tallystick/base'
import {
  interactionHash,
  type MoiHead,
  type MoiSignature,
  type NetworkMachine,
  readInteraction,
  readSignatures,
  sequenceOf,
} from 'tallystick/moi'
import { setBounded } from '../server/bounded-map.ts'
import type { Hub } from './hub.ts'
import type { GuardianLimits } from './limits.ts'
import { loadNamed, readerOf } from './heads.ts'
import type { Machines } from './machines.ts'
import type { GuardianMetrics } from './metrics.ts'
import type { Pool, Pooled } from './pool.ts'
import { rpcError } from './rpc/error.ts'
import type { Scheduler } from './scheduler.ts'
import type { MoiId } from './store/entry.ts'
import type { Lattice } from './store/lattice.ts'
import type { Waits } from './waits.ts'

export type Submissions = {
  /** Hash of the interaction, 64 digits. Raises an `RpcError`. */
  readonly submit: (args: Uint8Array, signatures: Uint8Array) => Promise<string>
  /** Why an interaction left the pool without a receipt, as long as it is remembered. */
  readonly droppedFor: (hash: string) => string | undefined
  readonly drop: (one: Pooled, why: string) => void
  /** Gives up what waited too long. */
  readonly expire: () => void
}

export type SubmissionsOptions = {
  readonly lattice: Lattice
  readonly machines: Machines
  readonly pool: Pool
  readonly hub: Hub
  readonly waits: Waits
  readonly metrics: GuardianMetrics
  readonly network: NetworkMachine
  readonly scheduler: Scheduler
  readonly limits: GuardianLimits
  readonly clockMs: () => number
  /** Undefined, or why nothing is taken now. */
  readonly closed: () => string | undefined
  /** Told that somebody's turn may have come. */
  readonly wake: () => void
}

export const createSubmissions = (options: SubmissionsOptions): Submissions => {
  const { pool, hub, waits, limits, metrics } = options
  const dropped = new Map<string, string>()
  let openMs = options.clockMs()
  const drop = (one: Pooled, why: string): void => {
    setBounded(dropped, one.hash, why, limits.droppedKept)
    metrics.dropped()
    waits.settle(one.hash)
  }
  return {
    submit: async (args, signatures) => {
      const submitted = readSubmission(args, signatures, options.clockMs())
      const { hash, one } = submitted
      if (pool.has(one.hash)) throw rpcError('known-interaction')
      if (options.closed() !== undefined) throw rpcError('later')
      const good = await admit(options, submitted).catch(async (error: unknown): Promise<never> => {
        // Whatever else speaks against it by now, it was executed: its number is used, and more of the account may be.
        throw (await options.lattice.entryByHash(hash)) ? rpcError('known-interaction') : error
      })
      // Others of the same key may have been executed while its signatures were checked.
      const pushed = pool.add({ ...one, good }, await nextOf(options, one))
      for (const other of pushed) drop(other, 'the pool was full, and its turn had not come')
      dropped.delete(one.hash)
      hub.tell({ is: 'pending', hash: one.hash })
      options.wake()
      return one.hash
    },
    droppedFor: (hash) => dropped.get(hash),
    drop,
    expire: () => {
      const nowMs = options.clockMs()
      // Nobody's turn comes while the store takes nothing: that time is not held against who was taken in.
      if (options.closed() !== undefined) openMs = nowMs
      for (const one of pool.expire(nowMs, openMs)) drop(one, 'its turn did not come in time')
    },
  }
}

type Submitted = {
  readonly hash: Uint8Array
  readonly one: Pooled
  readonly signatures: readonly MoiSignature[]
}

const readSubmission = (args: Uint8Array, bytes: Uint8Array, sinceMs: number): Submitted => {
  const read = readInteraction(args)
  if (isFault(read)) throw rpcError('refused', `invalid interaction: ${read.message}`, read.code)
  const signatures = readSignatures(bytes)
  if (isFault(signatures)) {
    throw rpcError('refused', `invalid signatures: ${signatures.message}`, signatures.code)
  }
  const hash = interactionHash(args)
  const one = { hash: hexFromBytes(hash), args, signatures: bytes, read, sinceMs, good: [] }
  return { hash, one, signatures }
}

/** The signatures that were found good. Raises an `RpcError`. */
const admit = async (
  { machines, network, scheduler }: SubmissionsOptions,
  { one, signatures }: Submitted,
): Promise<Pooled['good']> => {
  const heads = new Map<MoiId, MoiHead>()
  const unloaded = await loadNamed({ machines, network }, one.read, heads)
  if (unloaded) throw rpcError('refused', unloaded.message, unloaded.code)
  const { refusal, good } = await scheduler.admit({
    args: one.read,
    bytes: one.args,
    signatures,
    read: readerOf(network, heads),
    network: network.network,
    at: 'pool',
  })
  if (refusal) throw rpcError('refused', refusal.message, refusal.code)
  return good
}

/** The committed number of the interaction's key. */
const nextOf = async (
  { machines, network }: SubmissionsOptions,
  { read: { sender } }: Pooled,
): Promise<bigint> => {
  const head = await machines.load(sender.id)
  const heads = new Map(head ? [[sender.id, head]] : [])
  return sequenceOf(readerOf(network, heads), sender.id, sender.keyId)
}
