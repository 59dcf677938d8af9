/**
 * The guardian's lattice on disk: every interaction that it executed, and what any account held at any height.
 *
 * Safety. An interaction is one entry of a journal that the guard watches (`store/guard.ts`), and `add` resolves when the entry is
 * durable; nothing that follows from it is shown or signed before. One process has the folder, heads come from this journal alone,
 * and a store that lacks entries that the guard remembers takes no new ones: so no second child of a parent is ever signed.
 * The rows beside the journal follow from the entries. They are written later, those of many entries together (`late-rows.ts`), and
 * a mark says how far they are complete; a start completes them, also after the guard had to give entries back. So a process that is
 * killed at any moment comes back with exactly the entries that were durable, and executes nothing again.
 *
 * Not promised. That interactions in the pool outlive the process: they are sent again by whoever wants them.
 */
import { bytesFromId, equalBytes, idFromBytes, u64 } from 'tallystick/base'
import type { Path, Transition } from 'tallystick/kernel'
import { STORE_BATCH_BYTES_MAX } from '../../limits.ts'
import { storeError } from '../../store/errors.ts'
import type { Append, Store } from '../../store/store.ts'
import { type LatticeEntry, latticeEntry, type MoiId, type TesseractId } from './entry.ts'
import { type Certificates, certificatesIn } from './certificates.ts'
import { createLateRows, type LateRows } from './late-rows.ts'
import { createRecent, remember } from './recent.ts'
import {
  afterRows,
  beforeRow,
  fromLogKey,
  hasPrefix,
  heightOfRow,
  LEAF_PREFIX_BYTES,
  leafPrefix,
  leafRow,
  type LeafRow,
  LEAVES,
  logKey,
  LOGS,
  MARK,
  MARK_KEY,
  rowsOf,
  stepRow,
  STEPS,
  TESSERACTS,
  tesseractKey,
} from './rows.ts'

/** The journal that the guard watches. */
export const INTERACTIONS = 'guardian/interactions'

export type Added = { readonly hash: Uint8Array; readonly entry: LatticeEntry }

/** With the entry in its codec, where somebody has encoded it already. */
export type ToAdd = Added & { readonly bytes?: Uint8Array }

export type StoredEntry = Added & { readonly index: bigint }

export type Height = {
  readonly account: MoiId
  readonly height: bigint
  readonly tesseract: TesseractId
  readonly transition: Transition
  readonly index: bigint
}

export type Lattice = Certificates & {
  /** How many entries there are to see. */
  readonly size: () => bigint
  /**
   * Stores entries in their order. Resolves when they are durable; they are seen only after `show`. Where it raises, the same entries may
   * be handed in again, and no others before them: some may be there already.
   */
  readonly add: (entries: readonly ToAdd[]) => Promise<void>
  /** What was added is seen from now on. */
  readonly show: () => void
  readonly entryAt: (index: bigint) => Promise<StoredEntry | undefined>
  readonly entryByHash: (hash: Uint8Array) => Promise<StoredEntry | undefined>
  readonly entryByTesseract: (of: TesseractId) => Promise<StoredEntry | undefined>
  /** The newest step of an account, or the newest that is not above a height. */
  readonly stepOf: (account: MoiId, height?: bigint) => Promise<Height | undefined>
  /** The newest step of an account among so many entries. */
  readonly stepWithin: (account: MoiId, size: bigint) => Promise<Height | undefined>
  /** A value as it was at a height. */
  readonly leafAt: (account: MoiId, path: Path, height: bigint) => Promise<Uint8Array | undefined>
  /** All values of an account as they were at a height, up to a number of them. Raises an error for more. */
  readonly leavesAt: (
    account: MoiId,
    height: bigint,
    countMax: number,
  ) => Promise<readonly LeafRow[]>
  /** Accounts in the order of their ids, after one of them. */
  readonly accounts: (after: MoiId | undefined, limit: number) => Promise<readonly Height[]>
  /** Entries with logs on an account while it stood at a height of a range, whose end does not count; so many at most. */
  readonly logsOf: (of: LogRange) => Promise<readonly StoredEntry[]>
  /** Stores the rows that wait, so that the next start has nothing to complete. Raises what the store raises. */
  readonly finish: () => Promise<void>
}

export type LogRange = {
  readonly account: MoiId
  readonly from: bigint
  readonly to: bigint
  readonly limit: number
  /** An entry, and the height of the account in it, after which to begin. */
  readonly after?: { readonly height: bigint; readonly index: bigint } | undefined
}

export const openLattice = async (store: Store): Promise<Lattice> => {
  const late = createLateRows(store)
  await completeRows(store, late)
  let stored = (await store.head(INTERACTIONS)).size
  let shown = stored
  const recent = createRecent()
  const entryAt: Lattice['entryAt'] = async (index) => {
    if (index >= shown) return undefined
    const known = recent.byIndex.get(index)
    if (known) return known
    const [found] = await store.read(INTERACTIONS, index, 1)
    return found && { hash: found.key, entry: latticeEntry.decode(found.value), index: found.index }
  }
  const isSeen = (index: bigint): boolean => index < shown
  const stepOf: Lattice['stepOf'] = async (account, height) => {
    const newest = recent.heads.get(account)
    const isNewest = height === undefined || newest?.height === height
    return newest && isNewest ? newest : findStep(late, isSeen, account, height)
  }
  return {
    size: () => shown,
    add: async (entries) => {
      const from = stored
      const kept = entries.map(({ hash, entry }, at) => ({ hash, entry, index: from + BigInt(at) }))
      // Before anything is stored: an entry of which no rows can be made would keep each start from opening.
      const rows = kept.map(({ entry, index }) => rowsOf(entry, index))
      await late.room()
      await add(store, entries, from)
      stored += BigInt(entries.length)
      // No two entries have a row in common: each has its index, and an account its height, once.
      for (const [at, own] of rows.entries()) late.add(own, from + BigInt(at) + 1n)
      recent.waiting.push(...kept)
    },
    show: () => {
      shown = stored
      remember(recent)
    },
    entryAt,
    entryByHash: async (hash) => {
      const known = recent.byHash.get(Buffer.from(hash).toString('latin1'))
      if (known) return known
      const found = await store.find(INTERACTIONS, hash)
      if (!found || !isSeen(found.index)) return undefined
      return { hash, entry: latticeEntry.decode(found.value), index: found.index }
    },
    ...readersOf(late, { entryAt, stepOf }),
    finish: late.flush,
    ...certificatesIn(store),
  }
}

/** What is answered from rows. */
const readersOf = (
  late: LateRows,
  { entryAt, stepOf }: Pick<Lattice, 'entryAt' | 'stepOf'>,
): Omit<
  Lattice,
  'size' | 'add' | 'show' | 'entryAt' | 'entryByHash' | 'finish' | keyof Certificates
> => ({
  entryByTesseract: async (of) => {
    const found = await late.get(TESSERACTS, tesseractKey(of))
    return found && entryAt(u64.decode(found))
  },
  stepOf,
  stepWithin: async (account, size) => {
    const newest = await stepOf(account)
    const isWithin = newest === undefined || newest.index < size
    return isWithin ? newest : findStep(late, (index) => index < size, account, undefined)
  },
  leafAt: async (account, path, height) => {
    const prefix = leafPrefix(account, path)
    const range = { prefix, after: beforeRow(prefix, height), limit: 1 }
    const [found] = await late.scan(LEAVES, range)
    return found && leafRow.decode(found.value).value
  },
  leavesAt: (account, height, countMax) => leavesAt(late, { account, height, countMax }),
  accounts: (after, limit) => listAccounts(late, stepOf, after, limit),
  logsOf: (of) => logsOf(late, entryAt, of),
})

type Encoded = Added & { readonly value: Uint8Array }

const add = async (store: Store, entries: readonly ToAdd[], from: bigint): Promise<void> => {
  let next = from
  for (const unit of unitsOf(entries)) {
    await addUnit(store, unit, next)
    next += BigInt(unit.length)
  }
}

/** Nearly always one. Attack: receipts of some megabytes each, so that a batch of them has more bytes than one unit takes. */
const unitsOf = (entries: readonly ToAdd[]): readonly (readonly Encoded[])[] => {
  const units: Encoded[][] = []
  let size = 0
  for (const { hash, entry, bytes } of entries) {
    const value = bytes ?? latticeEntry.encode(entry)
    size += value.length
    const last = units.at(-1)
    if (last && size <= STORE_BATCH_BYTES_MAX) last.push({ hash, entry, value })
    else {
      units.push([{ hash, entry, value }])
      size = value.length
    }
  }
  return units
}

const addUnit = async (store: Store, unit: readonly Encoded[], from: bigint): Promise<void> => {
  const appends = unit.map(({ hash, entry, value }): Append => ({
    journal: INTERACTIONS,
    key: hash,
    value,
    time: entry.time * 1000n,
  }))
  const outcome = await store.commit({ appends, puts: [] })
  if (outcome.is === 'stale') throw contradiction(outcome.is)
  if (outcome.is === 'taken') await checkStored(store, appends, from)
  else if (outcome.entries.at(-1)?.index !== from + BigInt(unit.length) - 1n)
    throw contradiction('another place')
}

/**
 * Whether a unit stands in its place already, whole: a store that was full or away may have had it before it said so. Reading it makes
 * sure that the guard has it too.
 */
const checkStored = async (
  store: Store,
  appends: readonly Append[],
  from: bigint,
): Promise<void> => {
  for (let at = 0; at < appends.length;) {
    const found = await store.read(INTERACTIONS, from + BigInt(at), appends.length - at)
    if (found.length === 0) throw contradiction('a part of them')
    for (const { key, value } of found) {
      const own = appends[at]
      const isSame = own && equalBytes(own.key, key) && equalBytes(own.value, value)
      if (!isSame) throw contradiction('another')
      at += 1
    }
  }
}

const contradiction = (what: string): Error =>
  storeError('store/stopped', `an interaction was stored before, or elsewhere: ${what}`)

/** Rows of entries that a killed process, or the guard, left without them. */
const completeRows = async (store: Store, late: LateRows): Promise<void> => {
  const { size } = await store.head(INTERACTIONS)
  const mark = await store.get(MARK, MARK_KEY)
  let next = mark ? u64.decode(mark.value) : 0n
  // Above the journal only where somebody put an older journal under newer rows, which the guard has noticed already.
  while (next < size) {
    const page = await store.read(INTERACTIONS, next, PAGE)
    if (page.length === 0) throw storeError('store/damaged', `entry ${next} is missing`)
    for (const found of page) {
      await late.room()
      late.add(rowsOf(latticeEntry.decode(found.value), found.index), found.index + 1n)
    }
    next += BigInt(page.length)
  }
  await late.flush()
}

const PAGE = 256

const findStep = async (
  rows: LateRows,
  isSeen: (index: bigint) => boolean,
  account: MoiId,
  height: bigint | undefined,
): Promise<Height | undefined> => {
  const prefix = bytesFromId(account)
  let after = beforeRow(prefix, height)
  for (;;) {
    const [found] = await rows.scan(STEPS, { prefix, after, limit: 1 })
    if (!found) return undefined
    const row = stepRow.decode(found.value)
    if (isSeen(row.index)) return { account, height: heightOfRow(found.key), ...row }
    // Stored and not yet to be seen; the one before it is.
    after = found.key
  }
}

/** Rows that are looked at together. Of a value that changed more often than that, the rest is jumped over. */
const LEAF_PAGE = 64
const PAGES_EACH_TURN = 8

const leavesAt = async (
  rows: LateRows,
  of: { readonly account: MoiId; readonly height: bigint; readonly countMax: number },
): Promise<readonly LeafRow[]> => {
  const account = bytesFromId(of.account)
  const leaves: LeafRow[] = []
  // The value that is being looked at, and whether its newest row that counts has been found.
  let prefix: Uint8Array | undefined
  let isFound = false
  for (let after: Uint8Array = account, pages = 1; ; pages++) {
    const page = await rows.scan(LEAVES, { prefix: account, after, limit: LEAF_PAGE })
    // Reads are answered on this thread: others have their turn between them.
    if (pages % PAGES_EACH_TURN === 0) await new Promise((resolve) => setImmediate(resolve))
    for (const row of page) {
      if (prefix === undefined || !hasPrefix(row.key, prefix)) {
        prefix = row.key.slice(0, LEAF_PREFIX_BYTES)
        isFound = false
      }
      if (isFound || heightOfRow(row.key) > of.height) continue
      isFound = true
      const leaf = leafRow.decode(row.value)
      if (leaf.value !== undefined) leaves.push(leaf)
      if (leaves.length > of.countMax) {
        throw storeError('store/out-of-bounds', `more than ${of.countMax} values of one account`)
      }
    }
    if (page.length === 0 || prefix === undefined) return leaves
    after = isFound ? afterRows(prefix) : beforeRow(prefix, of.height)
  }
}

const logsOf = async (
  rows: LateRows,
  entryAt: Lattice['entryAt'],
  { account, from, to, limit, after: place }: LogRange,
): Promise<readonly StoredEntry[]> => {
  const prefix = bytesFromId(account)
  const entries: StoredEntry[] = []
  // Just before the first key of the first height.
  const before = from === 0n ? prefix : logKey(account, from - 1n, LAST_INDEX)
  const isWithin = place !== undefined && place.height >= from
  const after = isWithin ? logKey(account, place.height, place.index) : before
  for (const row of await rows.scan(LOGS, { prefix, after, limit })) {
    const { height, index } = fromLogKey(row.key)
    if (height >= to) return entries
    const found = await entryAt(index)
    if (found) entries.push(found)
  }
  return entries
}

const LAST_INDEX = 0xffff_ffff_ffff_ffffn

const listAccounts = async (
  rows: LateRows,
  stepOf: Lattice['stepOf'],
  after: MoiId | undefined,
  limit: number,
): Promise<readonly Height[]> => {
  const accounts: Height[] = []
  const next = rows.nextPrefixes(STEPS, after === undefined ? undefined : bytesFromId(after))
  while (accounts.length < limit) {
    const account = await next()
    if (!account) return accounts
    const head = await stepOf(idFromBytes<'moi'>(account))
    if (head) accounts.push(head)
  }
  return accounts
}
