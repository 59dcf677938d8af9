/**
 * The scheduler: checks signatures and executes interactions in threads, as many at a time as there are threads.
 *
 * Safety. A batch is split into lanes by the table of locks (`lanesOf`): interactions of different lanes share no account that any of
 * them holds for writing, so lanes see nothing of each other and the result is that of executing the batch in its order, on one
 * thread: the same transitions, bit for bit. A property test holds both to each other. What threads hand back becomes the main
 * thread's machines; nothing of it is shown or signed before it is stored, which is the executor's matter.
 *
 * Liveness. A batch is executed before signatures are checked that came later. A lane of accounts that are too large to hand over is
 * executed here, and so is a batch of which there is nothing to share out, unless it may burn so much that this thread would be missed. A thread that is lost fails the batch, and the executor
 * stops: only a new start knows what the disk holds.
 */
import { concatBytes, type Verifier } from 'tallystick/base'
import { charter as charterCodec, type Machine, transitionId } from 'tallystick/kernel'
import {
  accountsOf,
  type HeadOf,
  keyOfPath,
  lanesOf,
  MOI,
  type MoiHead,
  type MoiId,
  type MoiInteraction,
  type NetworkMachine,
  prepare,
  readAccount,
  type Refusal,
  type Refused,
  shareOut,
  type Validate,
  validateRegistered,
  validateSigned,
} from 'tallystick/moi'
import { entriesOf, replace } from 'tallystick/state'
import { type Executed, executedFrom } from './entries.ts'
import { knowing } from './good-signatures.ts'
import {
  CHECK_BYTES,
  type GoodSignature,
  type LaneDone,
  type LaneHead,
  type LaneItem,
  type LaneOrder,
  laneOrders,
  laneResults,
  type ThreadAnswer,
} from './lane-order.ts'
import { latticeEntry } from './store/entry.ts'
import { startLaneThread, type LaneThread } from './lane-thread.ts'

export type ScheduledItem = LaneItem & { readonly read: MoiInteraction }

export type Admission = {
  readonly refusal: Refusal | undefined
  /** To be handed in again when the interaction is executed. */
  readonly good: readonly GoodSignature[]
}

export type Scheduler = {
  /** As `validate`, with its signatures checked in threads. */
  readonly admit: (of: Omit<Validate, 'verifier'>) => Promise<Admission>
  /** As `prepare` for one after the other. `headOf` knows all of `accountsOf`; it is asked while nothing else changes heads. */
  readonly execute: (
    batch: readonly ScheduledItem[],
    of: { readonly headOf: HeadOf; readonly time: bigint },
  ) => Promise<readonly (Executed | Refused)[]>
  readonly close: () => Promise<void>
}

export type SchedulerOptions = {
  readonly network: NetworkMachine
  readonly verifier: Verifier
  /** 0 to do everything here. */
  readonly threads: number
  /** Values of an account that is handed to a thread at most. */
  readonly valuesMax?: number
  /** Accounts that a thread keeps. */
  readonly keptMax?: number
  /** Fuel of a lane from which on it goes to a thread even where it is the only one, so that this one goes on answering. */
  readonly heavyFuel?: bigint
}

const VALUES_MAX = 512
const KEPT_MAX = 16_384
/** A tenth of a second or so. */
const HEAVY_FUEL = 1_000_000n
/** Signatures in one order: as long as a batch may have to wait. */
const CHECKS_MAX = 4

export const createScheduler = (options: SchedulerOptions): Scheduler => {
  const { network, verifier } = options
  const charter = charterCodec.encode(network.charter)
  const threads = Array.from({ length: options.threads }, () => startLaneThread({ charter }))
  const queue = createQueue(threads)
  return {
    admit: async (of) => {
      const asked: GoodSignature[] = []
      const refusal = validateSigned({ ...of, verifier: believing(verifier, asked) })
      // Refused before signatures were looked at.
      if (asked.length === 0) return { refusal, good: [] }
      const good: readonly boolean[] =
        threads.length === 0 ? asked.map((one) => isGood(verifier, one)) : await queue.check(asked)
      if (good.every(Boolean)) {
        const why = refusal ?? validateRegistered({ ...of, verifier })
        return { refusal: why, good: why ? [] : asked }
      }
      // What a wrong signature is called depends on which one it is.
      const known = asked.filter((_, at) => good[at])
      return { refusal: validateSigned({ ...of, verifier: knowing(verifier, known) }), good: [] }
    },
    execute: async (batch, of) => executeBatch({ ...options, queue }, batch, of),
    close: async () => {
      await Promise.all(threads.map((one) => one.close()))
    },
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

const isGood = (verifier: Verifier, { publicKey, digest, signature }: GoodSignature): boolean =>
  verifier.verify('secp256k1-ecdsa', publicKey, digest, signature)

type Waiting = { readonly check: GoodSignature; readonly settle: (good: boolean) => void }

type Share = readonly (readonly number[])[]

type Answered = {
  readonly share: Share
  readonly thread: LaneThread
  readonly answer: ThreadAnswer
}

type Task = (thread: LaneThread) => Promise<Answered>

type Queue = {
  readonly check: (checks: readonly GoodSignature[]) => Promise<readonly boolean[]>
  /** The next free threads run what they are given, before anything else. */
  readonly take: (tasks: readonly Task[]) => Promise<readonly Answered[]>
  readonly size: number
}

/** Hands work to threads that are free: execution first, then signatures, some at a time. */
const createQueue = (threads: readonly LaneThread[]): Queue => {
  const free = [...threads]
  const urgent: ((thread: LaneThread) => Promise<void>)[] = []
  const waiting: Waiting[] = []
  const next = (): void => {
    while (free.length > 0 && (urgent.length > 0 || waiting.length > 0)) {
      const thread = free.pop()
      if (!thread) return
      const task = urgent.shift()
      const run = task ? task(thread) : checkSome(thread, waiting.splice(0, CHECKS_MAX))
      void run.finally(() => {
        free.push(thread)
        next()
      })
    }
  }
  return {
    size: threads.length,
    check: (checks) => {
      const all = checks.map(
        (check) => new Promise<boolean>((settle) => waiting.push({ check, settle })),
      )
      next()
      return Promise.all(all)
    },
    take: (tasks) => {
      const all = tasks.map(
        (task) =>
          new Promise<Answered>((resolve, reject) => {
            urgent.push(async (thread) => {
              try {
                resolve(await task(thread))
              } catch (error) {
                reject(error)
              }
            })
          }),
      )
      next()
      return Promise.all(all)
    },
  }
}

/** A thread that is lost finds nothing good. */
const checkSome = async (thread: LaneThread, some: readonly Waiting[]): Promise<void> => {
  const checks = concatBytes(
    ...some.flatMap(({ check }) => [check.publicKey, check.digest, check.signature]),
  )
  const answer = await thread.ask({ is: 'check', checks })
  for (const [at, { settle }] of some.entries()) {
    settle(answer.is === 'checked' && answer.good[at] === 1)
  }
}

type Executing = SchedulerOptions & { readonly queue: Queue }

const executeBatch = async (
  of: Executing,
  batch: readonly ScheduledItem[],
  { headOf, time }: { readonly headOf: HeadOf; readonly time: bigint },
): Promise<readonly (Executed | Refused)[]> => {
  const { network, queue } = of
  const locks = batch.map(({ read }) =>
    accountsOf(read, (account, path) => {
      const head = headOf(account)
      return head && readAccount(network, head.machine, path)
    }),
  )
  const lanes = queue.size === 0 ? [batch.map((_, at) => at)] : lanesOf(locks)
  const valuesMax = of.valuesMax ?? VALUES_MAX
  const isSmall = (lane: readonly number[]): boolean =>
    lane.every((at) =>
      [...(locks[at]?.keys() ?? [])].every(
        (account) => (headOf(account)?.machine.state.size ?? 0) <= valuesMax,
      ),
    )
  const done = new Map<number, Executed | Refused>()
  const isShared = (lane: readonly number[]): boolean =>
    queue.size > 0 && (lanes.length > 1 || fuelOf(batch, lane) >= (of.heavyFuel ?? HEAVY_FUEL))
  const abroad = lanes.filter((lane) => isShared(lane) && isSmall(lane))
  const here = lanes.filter((lane) => !abroad.includes(lane))
  const accounts = (lane: readonly number[]): ReadonlySet<MoiId> =>
    new Set(lane.flatMap((at) => [...(locks[at]?.keys() ?? [])]))
  const shares = shareOut(abroad, queue.size).filter((one) => one.length > 0)
  const running = queue.take(
    shares.map((share) => async (thread: LaneThread) => {
      // Before what is handed over, so that nothing of it is forgotten.
      const forget = forgotten(thread, of.keptMax ?? KEPT_MAX)
      const orders = share.map((lane): LaneOrder => ({
        heads: [...accounts(lane)].flatMap((account) => laneHead(thread, account, headOf)),
        items: lane.flatMap((at) => itemAt(batch, at)),
      }))
      const order = { is: 'execute', time, lanes: laneOrders.encode(orders), forget } as const
      const answer = await thread.ask(order)
      return { share, thread, answer }
    }),
  )
  for (const lane of here) {
    for (const [at, one] of executeHere(of, batch, { lane, headOf, time })) done.set(at, one)
  }
  for (const { share, thread, answer } of await running) {
    for (const [at, one] of takeOver(of, { share, thread, answer, headOf })) done.set(at, one)
  }
  return batch.flatMap((_, at) => done.get(at) ?? [])
}

const fuelOf = (batch: readonly ScheduledItem[], lane: readonly number[]): bigint =>
  lane.reduce((sum, at) => sum + (batch[at]?.read.fuelLimit ?? 0n), 0n)

const itemAt = (batch: readonly ScheduledItem[], at: number): readonly LaneItem[] => {
  const item = batch[at]
  return item ? [{ args: item.args, signatures: item.signatures, good: item.good }] : []
}

/** An account for a thread, with its values if the thread has not got it as it stands. Notes that it has now. */
const laneHead = (thread: LaneThread, account: MoiId, headOf: HeadOf): readonly LaneHead[] => {
  const head = headOf(account)
  if (!head) return []
  const { machine, tesseract } = head
  const isKept = thread.kept.get(account) === machine.headId
  thread.kept.delete(account)
  thread.kept.set(account, machine.headId)
  const values = isKept ? undefined : entriesOf(machine.state)
  return [{ account, tesseract, transition: machine.head, values }]
}

/** Accounts that a thread has kept for longest without use, beyond what it may keep. */
const forgotten = (thread: LaneThread, keptMax: number): readonly MoiId[] => {
  const accounts: MoiId[] = []
  for (const account of thread.kept.keys()) {
    if (thread.kept.size - accounts.length <= keptMax) break
    accounts.push(account)
  }
  for (const account of accounts) thread.kept.delete(account)
  return accounts
}

type Here = { readonly lane: readonly number[]; readonly headOf: HeadOf; readonly time: bigint }

const executeHere = (
  { network, verifier }: Executing,
  batch: readonly ScheduledItem[],
  { lane, headOf, time }: Here,
): ReadonlyMap<number, Executed | Refused> => {
  const moved = new Map<MoiId, MoiHead>()
  const done = new Map<number, Executed | Refused>()
  for (const at of lane) {
    const item = batch[at]
    if (!item) continue
    const one = prepare({
      network,
      args: item.args,
      signatures: item.signatures,
      time,
      headOf: (account) => moved.get(account) ?? headOf(account),
      verifier: knowing(verifier, item.good),
    })
    const executed = one.is === 'refused' ? one : executedFrom(one)
    done.set(at, executed)
    if (executed.is === 'refused') continue
    for (const [account, head] of executed.moved) moved.set(account, head)
  }
  return done
}

/** A thread's results with machines of this thread's. */
const takeOver = (
  of: Executing,
  { share, thread, answer, headOf }: Answered & { readonly headOf: HeadOf },
): ReadonlyMap<number, Executed | Refused> => {
  if (answer.is !== 'executed') {
    throw new Error(
      answer.is === 'failed' ? answer.message : 'a thread has answered something else',
    )
  }
  const done = new Map<number, Executed | Refused>()
  const lanes = laneResults.decode(answer.lanes)
  for (const [place, lane] of share.entries()) {
    const moved = new Map<MoiId, MoiHead>()
    const before: HeadOf = (account) => moved.get(account) ?? headOf(account)
    for (const [order, at] of lane.entries()) {
      const result = lanes[place]?.[order]
      if (!result) throw new Error('a thread has left something out')
      const one = result.is === 'refused' ? result : withMachines(of.network, result, before)
      done.set(at, one)
      if (one.is === 'refused') continue
      for (const [account, head] of one.moved) {
        moved.set(account, head)
        thread.kept.set(account, head.machine.headId)
      }
    }
  }
  return done
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
