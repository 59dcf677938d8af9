/**
 * The operator's log and map over its journal of vows: entry n of the journal is leaf n of the log.
 *
 * Safety. A checkpoint is a function of the journal alone: of its first `size` entries, with the time of the last of them.
 * Journal times never go back, so every vow that comes later has at least that time, whichever process takes it, and what was
 * vowed for before is in (`checkpoint.ts`). Two processes over one database, and the next life of this one, sign the same
 * for the same size. Nothing about it has to be remembered for that.
 *
 * What is remembered is for speed: packs of the log (`log-packs.ts`), and the last checkpoint, which is compared with the
 * journal before anything is signed over it (`last-checkpoint.ts`).
 *
 * A start compares and no more. Log and map are loaded beside what the operator answers otherwise, after the store has looked at
 * its file and takes vows; until they are, its last checkpoint is shown, which is as true as it was, and questions for proofs
 * wait.
 *
 * Not promised. That the newest vows are in it: the log is brought up to date when somebody asks, and a checkpoint is signed
 * at most once in `checkpointMs`.
 */
import { hash as nodeHash } from 'node:crypto'
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import {
  concatBytes,
  Fault,
  idFromBytes,
  type MachineId,
  type SuiteId,
  U64_MAX,
} from 'tallystick/base'
import { transitionId } from 'tallystick/kernel'
import {
  type Checkpoint,
  type ChildMap,
  checkpointDigest,
  createChildMap,
  type InclusionAnswer,
  createLog,
  LOG_ENTRY_BYTES,
  LOG_TILE_ENTRIES,
  logEntry,
  type LogEntry,
  type LogNodes,
  type MapAnswer,
  type OperatorLog,
  type SignedCheckpoint,
  submission,
  vowKey,
} from 'tallystick/models'
import type { Entry, Store } from '../store/store.ts'
import { lostVows, readLastCheckpoint, rememberCheckpoint } from './last-checkpoint.ts'
import { readPacks, writePack } from './log-packs.ts'
import type { OperatorKey } from './operator-key.ts'

export type VowLog = {
  /**
   * Compares the journal with the last checkpoint, and begins to load. Raises `operator/lost-vows`. What it gives is when
   * everything is loaded; nothing waits for that but proofs and new checkpoints.
   */
  readonly restore: () => Promise<{ readonly loaded: Promise<void> }>
  readonly checkpoint: () => Promise<SignedCheckpoint>
  readonly entries: (from: bigint, limit: number) => Promise<readonly LogEntry[]>
  /** That one size begins another. Raises `log/out-of-range`. */
  readonly growth: (from: bigint, to: bigint) => Promise<LogNodes>
  /** Raises `operator/unknown-step` for what is not in the last checkpoint. */
  readonly inclusion: (machine: MachineId, sequence: bigint) => Promise<InclusionAnswer>
  readonly mapped: (of: Pick<LogEntry, 'machine' | 'sequence' | 'parent'>) => Promise<MapAnswer>
  /** For metrics: entries in memory and the bytes that they take. */
  readonly size: () => number
  readonly memoryBytes: () => number
}

export type VowLogOptions = {
  readonly store: Store
  readonly journal: string
  readonly suite: SuiteId
  readonly key: OperatorKey
  readonly checkpointMs: number
  readonly clockMs: () => number
  /** Entries beyond which the log does not go. */
  readonly sizeMax: () => bigint
}

type Held = {
  log: OperatorLog
  map: ChildMap
  /** Entries that are in the map: as many as the checkpoint covers. */
  mapped: number
  /** Bytes of the entries since the last pack. */
  tail: Uint8Array[]
  /** Bytes of entries that are not in the map yet. */
  unmapped: Uint8Array[]
  lastTime: bigint
  signed: SignedCheckpoint | undefined
  signedAtMs: number
  isLoaded: boolean
}

export const createVowLog = (options: VowLogOptions): VowLog => {
  const held: Held = {
    log: createLog(sha256),
    map: createChildMap(options.suite),
    mapped: 0,
    tail: [],
    unmapped: [],
    lastTime: 0n,
    signed: undefined,
    signedAtMs: -Infinity,
    isLoaded: false,
  }
  // One at a time: each goes on where the one before stopped.
  let line: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = line.then(work)
    line = turn.catch(() => undefined)
    return turn
  }
  let loading: Promise<void> = Promise.resolve()
  // Never over a part of the log: what could not be loaded is not signed for.
  const onceLoaded = async <T>(work: () => Promise<T>): Promise<T> => {
    await loading
    return inTurn(work)
  }
  const fresh = (): Promise<SignedCheckpoint> => onceLoaded(() => freshCheckpoint(options, held))
  return {
    restore: async () => {
      const isCompared = await inTurn(() => compare(options, held))
      const loaded = inTurn(async () => {
        // Until then nobody gets a receipt, and loading would take the processor from the look.
        if (isCompared) await untilLookedAt(options.store)
        await load(options, held)
      })
      loading = loaded
      if (!isCompared) await loaded
      return { loaded }
    },
    checkpoint: async () => (held.signed && !held.isLoaded ? held.signed : fresh()),
    entries: (from, limit) => entriesFrom(options, from, limit),
    growth: async (from, to) => {
      await loading
      if (to > BigInt(held.log.size())) await onceLoaded(() => catchUp(options, held))
      if (from <= 0n || from > to || to > BigInt(held.log.size())) {
        throw new Fault('log/out-of-range', `a log of ${to} entries does not go on from ${from}`)
      }
      return held.log.prefix(Number(from), Number(to))
    },
    inclusion: async (machine, sequence) => {
      const entry = await options.store.find(options.journal, vowKey({ machine, sequence }))
      if (!entry) throw unknownStep(machine, sequence)
      await loading
      const known = held.signed ?? (await fresh())
      const checkpoint = entry.index < known.checkpoint.size ? known : await fresh()
      const size = Number(checkpoint.checkpoint.size)
      if (Number(entry.index) >= size) throw unknownStep(machine, sequence)
      const nodes = held.log.inclusion(Number(entry.index), size)
      return { checkpoint, entry: logEntryFrom(entry), index: entry.index, nodes }
    },
    mapped: (of) => onceLoaded(() => mapAnswerFor(options, held, of)),
    size: () => held.log.size(),
    memoryBytes: () => held.log.memoryBytes() + held.map.memoryBytes(),
  }
}

const LOOK_MS = 10

const untilLookedAt = async (store: Store): Promise<void> => {
  while (store.status().is === 'checking') await pause(LOOK_MS)
}

const sha256 = (bytes: Uint8Array): Uint8Array =>
  new Uint8Array(nodeHash('sha256', bytes, 'buffer'))

const unknownStep = (machine: MachineId, step: bigint): Fault =>
  new Fault('operator/unknown-step', 'no such step is in the log yet', { machine, step })

/** Whether the last checkpoint was found to be one of this journal; else the log has to be loaded first. */
const compare = async (options: VowLogOptions, held: Held): Promise<boolean> => {
  const last = await readLastCheckpoint(options.store, options.journal)
  if (!last?.isCompared) return false
  // Signed again, since an operator may have been given another key.
  held.signed = sign(options, last.signed.checkpoint)
  return true
}

const load = async (options: VowLogOptions, held: Held): Promise<void> => {
  const { size } = await options.store.head(options.journal)
  const filling = held.map.fill(Number(size))
  for await (const page of readPacks(options.store)) {
    for (const { entries, tile } of page) {
      held.log.appendTile(tile)
      filling.take(entries)
      held.lastTime = logEntry.decode(entries.subarray(-LOG_ENTRY_BYTES)).time
    }
    await nextTurn()
  }
  while (filling.build()) await nextTurn()
  held.mapped = held.log.size()
  await catchUp(options, held)
  await checkAgainstLast(options, held)
  held.isLoaded = true
}

/** What was signed before has to begin what is here. */
const checkAgainstLast = async ({ store, journal }: VowLogOptions, held: Held): Promise<void> => {
  const last = await readLastCheckpoint(store, journal)
  if (!last) return
  const { size, logRoot } = last.signed.checkpoint
  const isHere = size <= BigInt(held.log.size())
  if (!isHere || idFromBytes<'log-root'>(held.log.root(Number(size))) !== logRoot) {
    throw lostVows(size, BigInt(held.log.size()))
  }
}

/** Entries of one page of the journal. */
const PAGE = 64

/** Takes in what the journal has and the log has not, a page between two turns of the event loop. */
const catchUp = async (options: VowLogOptions, held: Held): Promise<void> => {
  for (;;) {
    const from = BigInt(held.log.size())
    const left = options.sizeMax() - from
    const count = left < BigInt(PAGE) ? Number(left) : PAGE
    const page = count > 0 ? await options.store.read(options.journal, from, count) : []
    if (page.length === 0) return
    for (const one of page) await takeIn(options, held, one)
    await nextTurn()
  }
}

const takeIn = async (options: VowLogOptions, held: Held, of: Entry): Promise<void> => {
  const bytes = logEntry.encode(logEntryFrom(of))
  held.log.append(bytes)
  held.lastTime = of.time
  held.unmapped.push(bytes)
  held.tail.push(bytes)
  if (held.tail.length < LOG_TILE_ENTRIES) return
  const at = held.log.tileCount() - 1
  const entries = concatBytes(...held.tail)
  held.tail = []
  await writePack(options.store, at, { entries, tile: held.log.tile(at) })
}

const logEntryFrom = (of: Entry): LogEntry => {
  const { transition, interaction } = submission.decode(of.value)
  const { machine, sequence, parent } = transition
  // The interaction's suite is that of the terms: it was checked before the vow.
  const child = transitionId(interaction.suite, transition)
  return { machine, sequence, parent, child, time: of.time }
}

const entriesFrom = async (
  { store, journal }: VowLogOptions,
  from: bigint,
  limit: number,
): Promise<readonly LogEntry[]> => {
  if (from > U64_MAX || limit < 1) return []
  return (await store.read(journal, from, limit)).map(logEntryFrom)
}

const freshCheckpoint = async (options: VowLogOptions, held: Held): Promise<SignedCheckpoint> => {
  const isYoung = options.clockMs() - held.signedAtMs < options.checkpointMs
  if (held.signed && isYoung) return held.signed
  await catchUp(options, held)
  for (const bytes of held.unmapped) held.map.add(logEntry.decode(bytes))
  held.unmapped = []
  held.mapped = held.log.size()
  const checkpoint: Checkpoint = {
    size: BigInt(held.mapped),
    time: held.lastTime,
    logRoot: idFromBytes<'log-root'>(held.log.root()),
    mapRoot: held.map.root(),
  }
  held.signedAtMs = options.clockMs()
  if (held.signed?.checkpoint.size === checkpoint.size) return held.signed
  const signed = sign(options, checkpoint)
  // Before it is shown: what was signed for is looked at again at the next start.
  await rememberCheckpoint(options.store, options.journal, signed)
  held.signed = signed
  return signed
}

const sign = ({ key, suite }: VowLogOptions, checkpoint: Checkpoint): SignedCheckpoint => ({
  checkpoint,
  signature: key.sign(checkpointDigest(suite, checkpoint)),
})

const mapAnswerFor = async (
  options: VowLogOptions,
  held: Held,
  of: Pick<LogEntry, 'machine' | 'sequence' | 'parent'>,
): Promise<MapAnswer> => {
  const checkpoint = await freshCheckpoint(options, held)
  const entry = await options.store.find(options.journal, vowKey(of))
  const isIn = entry !== undefined && entry.index < checkpoint.checkpoint.size
  const found = isIn ? logEntryFrom(entry) : undefined
  const child = found?.parent === of.parent ? found.child : undefined
  return { checkpoint, child, proof: held.map.prove(of) }
}
