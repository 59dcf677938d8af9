/**
 * The scheduler: checks signatures and executes interactions in threads, as many at a time as there are threads.
 *
 * Safety. A batch is split into lanes by the table of locks (`lanesOf`): interactions of different lanes share no account that any of
 * them holds for writing, so lanes see nothing of each other and the result is that of executing the batch in its order, on one
 * thread: the same transitions, bit for bit. A property test holds both to each other. What threads hand back becomes the main
 * thread's machines; nothing of it is shown or signed before it is stored, which is the executor's matter.
 *
 * Liveness. A batch is executed before signatures are checked that came later. A lane of accounts that are too large to hand over is
 * executed here, and so is a batch of which there is nothing to share out. A thread that is lost fails the batch, and the executor
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
  type Prepared,
  readAccount,
  type Refusal,
  type Refused,
  validate,
  type Validate,
} from 'tallystick/moi'
import { entriesOf, replace } from 'tallystick/state'
import { knowing } from './good-signatures.ts'
import {
  CHECK_BYTES,
  type GoodSignature,
  type LaneDone,
  type LaneHead,
  type LaneItem,
  type LaneOrder,
  type ThreadAnswer,
} from './lane-order.ts'
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
  ) => Promise<readonly (Prepared | Refused)[]>
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
}

const VALUES_MAX = 512
const KEPT_MAX = 16_384
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
      const refusal = validate({ ...of, verifier: believing(verifier, asked) })
      // Refused before signatures were looked at.
      if (asked.length === 0) return { refusal, good: [] }
      const good: readonly boolean[] =
        threads.length === 0 ? asked.map((one) => isGood(verifier, one)) : await queue.check(asked)
      if (good.every(Boolean)) return { refusal, good: refusal ? [] : asked }
      // What a wrong signature is called depends on which one it is.
      const known = asked.filter((_, at) => good[at])
      return { refusal: validate({ ...of, verifier: knowing(verifier, known) }), good: [] }
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

type Queue = {
  readonly threads: readonly LaneThread[]
  readonly check: (checks: readonly GoodSignature[]) => Promise<readonly boolean[]>
  /** A thread runs this as soon as it is free, before anything else. `begin` is called then. */
  readonly run: <T>(thread: LaneThread, begin: () => Promise<T>) => Promise<T>
}

type Desk = {
  readonly thread: LaneThread
  readonly urgent: (() => Promise<void>)[]
  isFree: boolean
}

/** Hands work to threads that are free: execution first, then signatures, some at a time. */
const createQueue = (threads: readonly LaneThread[]): Queue => {
  const desks = threads.map((thread): Desk => ({ thread, urgent: [], isFree: true }))
  const waiting: Waiting[] = []
  const workFor = ({ thread, urgent }: Desk): Promise<void> | undefined => {
    const task = urgent.shift()
    if (task) return task()
    return waiting.length > 0 ? checkSome(thread, waiting.splice(0, CHECKS_MAX)) : undefined
  }
  const next = (): void => {
    for (const desk of desks) {
      const work = desk.isFree ? workFor(desk) : undefined
      if (!work) continue
      desk.isFree = false
      void work.finally(() => {
        desk.isFree = true
        next()
      })
    }
  }
  return {
    threads,
    check: (checks) => {
      const all = checks.map(
        (check) => new Promise<boolean>((settle) => waiting.push({ check, settle })),
      )
      next()
      return Promise.all(all)
    },
    run: (thread, begin) =>
      new Promise((resolve, reject) => {
        const desk = desks.find((one) => one.thread === thread)
        desk?.urgent.push(() => begin().then(resolve, reject))
        next()
      }),
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
): Promise<readonly (Prepared | Refused)[]> => {
  const { network, queue } = of
  const locks = batch.map(({ read }) =>
    accountsOf(read, (account, path) => {
      const head = headOf(account)
      return head && readAccount(network, head.machine, path)
    }),
  )
  const accounts = (lane: readonly number[]): readonly MoiId[] => [
    ...new Set(lane.flatMap((at) => [...(locks[at]?.keys() ?? [])])),
  ]
  const { abroad, here } = splitLanes(of, { lanes: lanesOf(locks), accounts, headOf })
  const shares = assign(
    queue.threads,
    abroad,
    (thread, lane) =>
      accounts(lane).filter((one) => thread.kept.get(one) === headOf(one)?.machine.headId).length,
  )
  const running = shares.map(({ thread, share }) =>
    queue.run(thread, async (): Promise<Answered> => {
      // Before what is handed over, so that nothing of it is forgotten.
      const forget = forgotten(thread, of.keptMax ?? KEPT_MAX)
      const orders = share.map((lane): LaneOrder => {
        const mine = accounts(lane).filter((one) => headOf(one) !== undefined)
        return {
          accounts: mine,
          heads: mine.flatMap((account) => laneHead(thread, account, headOf)),
          items: lane.flatMap((at) => itemAt(batch, at)),
        }
      })
      const answer = await thread.ask({ is: 'execute', time, lanes: orders, forget })
      return { share, thread, answer }
    }),
  )
  const done = new Map<number, Prepared | Refused>()
  for (const lane of here) {
    for (const [at, one] of executeHere(of, batch, { lane, headOf, time })) done.set(at, one)
  }
  for (const { share, thread, answer } of await Promise.all(running)) {
    for (const [at, one] of takeOver(of, { share, thread, answer, headOf })) done.set(at, one)
  }
  return batch.flatMap((_, at) => done.get(at) ?? [])
}

type Splitting = {
  readonly lanes: Share
  readonly accounts: (lane: readonly number[]) => readonly MoiId[]
  readonly headOf: HeadOf
}

/** What threads execute, and what is executed here: all of it where there is nothing to share out, and lanes of large accounts. */
const splitLanes = (
  { queue, valuesMax = VALUES_MAX }: Executing,
  { lanes, accounts, headOf }: Splitting,
): { readonly abroad: Share; readonly here: Share } => {
  if (queue.threads.length === 0 || lanes.length < 2) return { abroad: [], here: lanes }
  const isSmall = (lane: readonly number[]): boolean =>
    accounts(lane).every((one) => (headOf(one)?.machine.state.size ?? 0) <= valuesMax)
  const sizes = lanes.map((lane) => ({ lane, isSmall: isSmall(lane) }))
  return {
    abroad: sizes.flatMap((one) => (one.isSmall ? [one.lane] : [])),
    here: sizes.flatMap((one) => (one.isSmall ? [] : [one.lane])),
  }
}

type Assigned = { readonly thread: LaneThread; readonly share: (readonly number[])[]; size: number }

/**
 * Shares lanes out, the longest first: each to the thread that keeps most of its accounts, as long as that has not more than its
 * part, else to the one that has least to do.
 */
const assign = (
  threads: readonly LaneThread[],
  lanes: Share,
  keptBy: (thread: LaneThread, lane: readonly number[]) => number,
): readonly Assigned[] => {
  const all = threads.map((thread): Assigned => ({ thread, share: [], size: 0 }))
  const part = Math.ceil(lanes.reduce((sum, one) => sum + one.length, 0) / threads.length)
  for (const lane of [...lanes].sort((a, b) => b.length - a.length)) {
    let best: { readonly to: Assigned; readonly kept: number } | undefined
    for (const to of all) {
      const kept = to.size + lane.length > part ? -1 : keptBy(to.thread, lane)
      const isBetter = !best || kept > best.kept || (kept === best.kept && to.size < best.to.size)
      if (isBetter) best = { to, kept }
    }
    best?.to.share.push(lane)
    if (best) best.to.size += lane.length
  }
  return all.filter((one) => one.share.length > 0)
}

const itemAt = (batch: readonly ScheduledItem[], at: number): readonly LaneItem[] => {
  const item = batch[at]
  return item ? [{ args: item.args, signatures: item.signatures, good: item.good }] : []
}

/** An account for a thread that has not got it as it stands. Notes that it has now. */
const laneHead = (thread: LaneThread, account: MoiId, headOf: HeadOf): readonly LaneHead[] => {
  const head = headOf(account)
  if (!head) return []
  const { machine, tesseract } = head
  const isKept = thread.kept.get(account) === machine.headId
  thread.kept.delete(account)
  thread.kept.set(account, machine.headId)
  if (isKept) return []
  return [{ account, tesseract, transition: machine.head, values: entriesOf(machine.state) }]
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
): ReadonlyMap<number, Prepared | Refused> => {
  const moved = new Map<MoiId, MoiHead>()
  const done = new Map<number, Prepared | Refused>()
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
    done.set(at, one)
    if (one.is === 'refused') continue
    for (const { account, head } of one.tesseract.steps) moved.set(account, head)
  }
  return done
}

/** A thread's results with machines of this thread's. */
const takeOver = (
  of: Executing,
  { share, thread, answer, headOf }: Answered & { readonly headOf: HeadOf },
): ReadonlyMap<number, Prepared | Refused> => {
  if (answer.is !== 'executed') {
    throw new Error(
      answer.is === 'failed' ? answer.message : 'a thread has answered something else',
    )
  }
  const done = new Map<number, Prepared | Refused>()
  for (const [place, lane] of share.entries()) {
    const moved = new Map<MoiId, MoiHead>()
    const before: HeadOf = (account) => moved.get(account) ?? headOf(account)
    for (const [order, at] of lane.entries()) {
      const result = answer.lanes[place]?.[order]
      if (!result) throw new Error('a thread has left something out')
      const one = result.is === 'refused' ? result : withMachines(of.network, result, before)
      done.set(at, one)
      if (one.is === 'refused') continue
      for (const { account, head } of one.tesseract.steps) {
        moved.set(account, head)
        thread.kept.set(account, head.machine.headId)
      }
    }
  }
  return done
}

const withMachines = (
  network: NetworkMachine,
  result: Extract<LaneDone, { is: 'prepared' }>,
  before: HeadOf,
): Prepared => {
  const { tesseract, changes } = result
  const steps = tesseract.steps.map((step) => {
    const old: Machine = before(step.account)?.machine ?? network.open(step.account)
    const own = changes.filter((one) => one.account === step.account)
    const state = replace(
      old.state,
      own.map(({ path, value }) => ({ key: keyOfPath(network, path), value })),
    )
    const headId = transitionId(MOI, step.transition)
    const machine: Machine = { ...old, head: step.transition, headId, state }
    return { ...step, head: { machine, tesseract: tesseract.hash } }
  })
  return { ...result, tesseract: { ...tesseract, steps } }
}
