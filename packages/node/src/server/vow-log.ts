/**
 * The operator's log and map over its journal of vows: entry n of the journal is leaf n of the log.
 *
 * Safety. A checkpoint is a function of the journal alone: of its first `size` entries, with the time of the last of them.
 * Journal times never go back, so every vow that comes later has at least that time, whichever process takes it, and what was
 * vowed for before is in (`checkpoint.ts`). Two processes over one database, and the next life of this one, sign the same
 * for the same size. Nothing about it has to be remembered for that.
 *
 * What is remembered is for speed: packs of 256 entries with the tile of hashes above them, so that a start reads those and
 * hashes nothing of the log. The last checkpoint is kept too: a journal that is shorter than what was signed for, or leads to
 * another root, is one that has lost vows, and nothing is signed over it.
 *
 * Not promised. That the newest vows are in it: the log is brought up to date when somebody asks, and a checkpoint is signed
 * at most once in `checkpointMs`.
 */
import { hash as nodeHash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
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
  LOG_ENTRY_BYTES,
  LOG_TILE_BYTES,
  LOG_TILE_ENTRIES,
  logEntry,
  type LogEntry,
  type LogNodes,
  type MapAnswer,
  type OperatorLog,
  restoreLog,
  type SignedCheckpoint,
  signedCheckpoint,
  submission,
  vowKey,
} from 'tallystick/models'
import type { Entry, Store } from '../store/store.ts'
import type { OperatorKey } from './operator-key.ts'

export type VowLog = {
  /** Reads what was remembered and what came after it. Raises `operator/lost-vows`. */
  readonly restore: () => Promise<void>
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
}

export const createVowLog = (options: VowLogOptions): VowLog => {
  const held: Held = {
    log: restoreLog([], [], sha256),
    map: createChildMap(options.suite),
    mapped: 0,
    tail: [],
    unmapped: [],
    lastTime: 0n,
    signed: undefined,
    signedAtMs: -Infinity,
  }
  // One at a time: each goes on where the one before stopped.
  let line: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = line.then(work)
    line = turn.catch(() => undefined)
    return turn
  }
  const fresh = (): Promise<SignedCheckpoint> => inTurn(() => freshCheckpoint(options, held))
  const last = (): Promise<SignedCheckpoint> =>
    held.signed ? Promise.resolve(held.signed) : fresh()
  return {
    restore: () => inTurn(() => restore(options, held)),
    checkpoint: fresh,
    entries: (from, limit) => entriesFrom(options, from, limit),
    growth: async (from, to) => {
      if (to > BigInt(held.log.size())) await inTurn(() => catchUp(options, held))
      if (from <= 0n || from > to || to > BigInt(held.log.size())) {
        throw new Fault('log/out-of-range', `a log of ${to} entries does not go on from ${from}`)
      }
      return held.log.prefix(Number(from), Number(to))
    },
    inclusion: async (machine, sequence) => {
      const entry = await options.store.find(options.journal, vowKey({ machine, sequence }))
      if (!entry) throw unknownStep(machine, sequence)
      const known = await last()
      const checkpoint = entry.index < known.checkpoint.size ? known : await fresh()
      const size = Number(checkpoint.checkpoint.size)
      if (Number(entry.index) >= size) throw unknownStep(machine, sequence)
      const nodes = held.log.inclusion(Number(entry.index), size)
      return { checkpoint, entry: logEntryFrom(entry), index: entry.index, nodes }
    },
    mapped: (of) => inTurn(() => mapAnswerFor(options, held, of)),
    size: () => held.log.size(),
    memoryBytes: () => held.log.memoryBytes() + held.map.memoryBytes(),
  }
}

const sha256 = (bytes: Uint8Array): Uint8Array =>
  new Uint8Array(nodeHash('sha256', bytes, 'buffer'))

const unknownStep = (machine: MachineId, step: bigint): Fault =>
  new Fault('operator/unknown-step', 'no such step is in the log yet', { machine, step })

const PACKS = 'log-packs'
const CHECKPOINTS = 'checkpoints'
const LAST = new Uint8Array([0])
const PACK_ENTRIES_BYTES = LOG_TILE_ENTRIES * LOG_ENTRY_BYTES

/** Packs in one page of the store. */
const PACKS_EACH = 16

const restore = async (options: VowLogOptions, held: Held): Promise<void> => {
  const { tiles, entries } = await readPacks(options)
  held.log = restoreLog(partsOf(tiles, LOG_TILE_BYTES), [], sha256)
  held.map.load(partsOf(entries, LOG_ENTRY_BYTES))
  held.mapped = held.log.size()
  const last = entries.subarray(-LOG_ENTRY_BYTES)
  held.lastTime = last.length > 0 ? logEntry.decode(last).time : 0n
  await catchUp(options, held)
  await checkAgainstLast(options, held)
}

type Packs = { readonly tiles: Uint8Array; readonly entries: Uint8Array }

/** All packs, in two pieces that go back to the system whole: thousands of small ones would stay with the process. */
const readPacks = async ({ store, journal }: VowLogOptions): Promise<Packs> => {
  const count = Number((await store.head(journal)).size / BigInt(LOG_TILE_ENTRIES))
  const tiles = new Uint8Array(count * LOG_TILE_BYTES)
  const entries = new Uint8Array(count * PACK_ENTRIES_BYTES)
  let at = 0
  while (at < count) {
    const page = await store.scan(PACKS, at === 0 ? undefined : packKey(at - 1), PACKS_EACH)
    for (const { key, value } of page) {
      const isNext = at < count && Buffer.compare(key, packKey(at)) === 0
      if (!isNext || value.length !== PACK_ENTRIES_BYTES + LOG_TILE_BYTES) break
      entries.set(value.subarray(0, PACK_ENTRIES_BYTES), at * PACK_ENTRIES_BYTES)
      tiles.set(value.subarray(PACK_ENTRIES_BYTES), at * LOG_TILE_BYTES)
      at++
    }
    // What is missing is hashed again from the journal.
    if (page.length === 0 || Buffer.compare(page.at(-1)?.key ?? NO_KEY, packKey(at - 1)) !== 0)
      break
    await nextTurn()
  }
  return {
    tiles: tiles.subarray(0, at * LOG_TILE_BYTES),
    entries: entries.subarray(0, at * PACK_ENTRIES_BYTES),
  }
}

const NO_KEY = new Uint8Array(0)

function* partsOf(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

/** What was signed before has to begin what is here. */
const checkAgainstLast = async ({ store }: VowLogOptions, held: Held): Promise<void> => {
  const record = await store.get(CHECKPOINTS, LAST)
  if (!record) return
  const { size, logRoot } = signedCheckpoint.decode(record.value).checkpoint
  const isHere = size <= BigInt(held.log.size())
  if (!isHere || idFromBytes<'log-root'>(held.log.root(Number(size))) !== logRoot) {
    throw new Fault(
      'operator/lost-vows',
      `a checkpoint over ${size} vows was signed, and the journal has ${held.log.size()}`,
    )
  }
}

/** Entries of one page of the journal. */
const PAGE = 64

/** Takes in what the journal has and the log has not, a page between two turns of the event loop. */
const catchUp = async (options: VowLogOptions, held: Held): Promise<void> => {
  for (;;) {
    const page = await options.store.read(options.journal, BigInt(held.log.size()), PAGE)
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
  const value = concatBytes(...held.tail, held.log.tile(at))
  held.tail = []
  // Another process may have stored the same bytes before.
  await options.store.commit({
    appends: [],
    puts: [{ space: PACKS, key: packKey(at), value, ifVersion: 0n }],
  })
}

/** Highest byte first, so that packs lie in their order. */
const packKey = (at: number): Uint8Array => {
  const key = new Uint8Array(8)
  new DataView(key.buffer).setBigUint64(0, BigInt(at))
  return key
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
  const signature = options.key.sign(checkpointDigest(options.suite, checkpoint))
  const signed = { checkpoint, signature }
  // Before it is shown: what was signed for is looked at again at the next start.
  await remember(options, signed)
  held.signed = signed
  return signed
}

/** Keeps the checkpoint, unless one of a larger size is kept. */
const remember = async ({ store }: VowLogOptions, signed: SignedCheckpoint): Promise<void> => {
  for (;;) {
    const record = await store.get(CHECKPOINTS, LAST)
    const kept = record && signedCheckpoint.decode(record.value).checkpoint.size
    if (kept !== undefined && kept >= signed.checkpoint.size) return
    const put = { space: CHECKPOINTS, key: LAST, value: signedCheckpoint.encode(signed) }
    const outcome = await store.commit({
      appends: [],
      puts: [{ ...put, ifVersion: record?.version ?? 0n }],
    })
    if (outcome.is === 'stored') return
  }
}

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
