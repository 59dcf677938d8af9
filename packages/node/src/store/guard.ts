/**
 * The vow guard: what keeps an honest operator from signing a second child after its database was set back.
 *
 * A database can be older than what its operator has signed: it was restored from a backup, a disk lost its last writes,
 * damage made a part of it unreadable. The operator then knows nothing of its latest vows, and would sign other children
 * of the same parents: evidence against somebody who never meant to lie.
 *
 * Safety. Every outcome of a commit that concerns the guarded journal, and every entry that is read from it, is held back
 * until the guard's own file, beside the database, is synced with the journal's size and chain up to there. A signature
 * rests on such an outcome, so whatever was signed lies below the size that the guard remembers. At a start the journal
 * has to have an entry at that size with that chain: then it has every entry that was ever released, in its place. If
 * not, nothing is appended: an entry that stands is still answered, since it can only be signed the same way again. Entries
 * come back from the guard's own latest ones, or from copies that others hold (`recover`); the chain says whether they
 * are the ones. Only when the guard's size and chain are reached does the journal grow again.
 *
 * Where there is a journal and no guard, nobody here knows what was released. The same holds, until somebody who asked
 * the operator's peers says how far they have seen its journal (`trust`).
 *
 * Liveness. A lag that the guard's own entries cover is repaired at the start, without anybody. A database from before the
 * guard's entries waits for copies. A journal that has another entry in the guard's place is another history, and waits
 * for ever: its key has to be given up.
 *
 * Not covered. Guard and database lost or set back together, as by a snapshot of the whole disk: then only peers know.
 * Two machines with one key. A disk that acknowledges syncs of both files and keeps neither. In a database that several
 * processes share, each guard covers what its own process has released; all of them have to be kept.
 */
import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { GUARD_AREA_BYTES, STORE_BATCH_BYTES_MAX, STORE_UNIT_ITEMS_MAX } from '../limits.ts'
import { chainNext, chainStart } from './chain.ts'
import { messageOf, storeError, type StoreError } from './errors.ts'
import {
  type GuardFile,
  type GuardHead,
  type GuardPlace,
  openGuardFile,
  syncFolder,
} from './guard-file.ts'
import { createGuardWriter, type GuardWriter } from './guard-writer.ts'
import type { Append, Entry, JournalHead, Outcome, Put, Store, StoreStatus, Unit } from './store.ts'

export type GuardOptions = {
  /** Where the guard's file lies. Not inside what a backup copies. */
  readonly path: string
  /** The journal whose entries are signed. */
  readonly journal: string
  /** Bytes of each of the two areas for the latest entries; the same for the life of a guard. */
  readonly areaBytes?: number
}

export type GuardedStore = Store & {
  /** Indices of entries that the guard remembers and the store lacks: the first, and the one after the last. */
  readonly lacks: () => Promise<{ readonly from: bigint; readonly to: bigint } | undefined>
  /**
   * Takes entries from elsewhere: all that the store lacks and the guard does not hold itself, in order, with their times. They are
   * stored if they lead to the chain that the guard remembers, and else refused together.
   */
  readonly recover: (entries: readonly Append[]) => Promise<StoreStatus>
  /**
   * Where the guard is missing: makes a new one, if the journal is as long as others have seen it. The caller has compared
   * what they have seen with this journal; only the size is looked at here.
   */
  readonly trust: (seenSize: bigint) => Promise<StoreStatus>
  /**
   * Gives up what the guard remembers and the store lacks: begins a new guard over what is there, after these records are
   * durable. For who has learned elsewhere at which places it may have signed, and signs at none of them from then on; that is
   * what the records say. Does nothing over a journal that has other entries than the guard remembers.
   */
  readonly renounce: (puts: readonly Put[]) => Promise<StoreStatus>
  /** Entries of the guard's own that the store lacks: the latest ones, in order. */
  readonly remembered: () => Promise<readonly Entry[]>
  /** Whether entries had to come from the guard when the store was opened: then records beside the journal may be old. */
  readonly wasSetBack: () => boolean
}

type Held = {
  readonly inner: Store
  readonly options: GuardOptions
  /** Undefined where there is no guard that can be read. */
  guard: GuardWriter | undefined
  /** Undefined once everything remembered is there. */
  quarantine: string | undefined
  wasSetBack: boolean
  /** What the guard's file held when it was opened. */
  tail: readonly Entry[]
}

export const guardStore = async (inner: Store, options: GuardOptions): Promise<GuardedStore> => {
  const held: Held = {
    inner,
    options,
    guard: undefined,
    quarantine: undefined,
    wasSetBack: false,
    tail: [],
  }
  await open(held)
  const covers = (journal: string, entries: readonly Entry[]): Promise<void> => {
    const last = entries.at(-1)
    if (journal !== options.journal || last === undefined) return Promise.resolve()
    return cover(held, { size: last.index + 1n, chain: last.chain }, entries)
  }
  return {
    ...inner,
    commit: (unit) => commit(held, unit, covers),
    find: async (journal, key) => {
      const entry = await inner.find(journal, key)
      if (entry !== undefined) await covers(journal, [entry])
      return entry
    },
    read: async (journal, from, limit) => {
      const entries = await inner.read(journal, from, limit)
      await covers(journal, entries)
      return entries
    },
    head: async (journal) => {
      const head = await inner.head(journal)
      if (journal === options.journal) await cover(held, head, [])
      return head
    },
    status: () => statusOf(held),
    lacks: async () => {
      const from = (await inner.head(options.journal)).size
      const to = held.guard?.head().size ?? from
      return from < to ? { from, to } : undefined
    },
    recover: async (entries) => {
      if (held.quarantine !== undefined && held.guard !== undefined) {
        const { size } = await inner.head(options.journal)
        const next = size + BigInt(entries.length)
        await repair(held, [...entries, ...held.tail.filter(({ index }) => index >= next)])
      }
      return statusOf(held)
    },
    trust: async (seenSize) => {
      if (held.guard === undefined) await replace(held, seenSize)
      return statusOf(held)
    },
    renounce: async (puts) => {
      if (held.quarantine !== undefined) await renounce(held, puts)
      return statusOf(held)
    },
    remembered: async () => {
      const { size } = await inner.head(options.journal)
      return held.quarantine === undefined ? [] : held.tail.filter(({ index }) => index >= size)
    },
    wasSetBack: () => held.wasSetBack,
    close: async () => {
      await inner.close()
      await held.guard?.close()
    },
  }
}

const statusOf = (held: Held): StoreStatus => {
  const { quarantine } = held
  if (quarantine !== undefined) return { is: 'quarantined', why: quarantine }
  const status = held.guard?.status() ?? { is: 'open' }
  return status.is === 'open' ? held.inner.status() : status
}

/** Looks at what is there, and repairs what the guard's own entries cover. */
const open = async (held: Held): Promise<void> => {
  const { inner, options } = held
  const head = await inner.head(options.journal)
  if (!existsSync(options.path)) {
    if (head.size === 0n) held.guard = await create(held, head)
    else
      held.quarantine = `there are ${head.size} entries and no guard that says how many there were`
    return
  }
  const file = await openGuardFile(options.path, placeOf(options), false)
  if (file.found.head === undefined) {
    await file.close()
    held.quarantine = 'the guard is damaged, or of another journal'
    return
  }
  held.guard = createGuardWriter(file, file.found.head)
  held.tail = file.found.tail
  await repair(
    held,
    file.found.tail.filter(({ index }) => index >= head.size),
  )
}

const placeOf = ({ journal, areaBytes }: GuardOptions): GuardPlace => ({
  name: journal,
  start: chainStart(journal),
  areaBytes: areaBytes ?? GUARD_AREA_BYTES,
})

/** A new guard, complete under its name or not there. */
const create = async (held: Held, head: JournalHead): Promise<GuardWriter> => {
  const { path } = held.options
  const part = `${path}.new`
  await rm(part, { force: true })
  const file: GuardFile = await openGuardFile(part, placeOf(held.options), true)
  const from: GuardHead = { size: head.size, chain: head.chain }
  await file.write(from, [])
  await rename(part, path)
  await syncFolder(path)
  return createGuardWriter(file, from)
}

const replace = async (held: Held, seenSize: bigint): Promise<void> => {
  const head = await held.inner.head(held.options.journal)
  if (head.size < seenSize) {
    held.quarantine = `others have seen ${seenSize} entries, and there are ${head.size}`
    return
  }
  held.guard = await create(held, head)
  held.quarantine = undefined
}

const renounce = async (held: Held, puts: readonly Put[]): Promise<void> => {
  const { inner, options } = held
  const head = await inner.head(options.journal)
  const remembered = held.guard?.head()
  // Another history: what was signed in it is not known to the guard, and what the guard knows is not in it.
  if (remembered !== undefined && head.size >= remembered.size) return
  for (let at = 0; at < puts.length; at += STORE_UNIT_ITEMS_MAX) {
    await inner.commit({ appends: [], puts: puts.slice(at, at + STORE_UNIT_ITEMS_MAX) })
  }
  await held.guard?.close()
  held.guard = await create(held, head)
  held.quarantine = undefined
}

/** Ends the quarantine if the journal has what the guard remembers, with the help of these entries if need be. */
const repair = async (held: Held, entries: readonly Append[]): Promise<void> => {
  const remembered = held.guard?.head()
  if (remembered === undefined) return
  const { inner, options } = held
  const head = await inner.head(options.journal)
  const missing = Number(remembered.size - head.size)
  if (missing > 0) {
    const taken = entries.slice(0, missing)
    if (taken.length < missing || !leadTo(remembered, head, taken)) {
      held.quarantine = `the guard remembers ${remembered.size} entries, and there are ${head.size}`
      return
    }
    held.wasSetBack = true
    for (const appends of unitsOf(taken)) await inner.commit({ appends, puts: [] })
  }
  held.quarantine = (await isWhole(held, remembered))
    ? undefined
    : 'the journal has other entries than the guard remembers: its key must sign nothing any more'
}

/** Whether entries after a head make the journal that the guard remembers. Nothing was stored yet. */
const leadTo = (remembered: GuardHead, head: JournalHead, entries: readonly Append[]): boolean => {
  let { size: index, chain, time } = head
  for (const entry of entries) {
    if (entry.time < time) return false
    chain = chainNext(chain, { ...entry, index })
    time = entry.time
    index += 1n
  }
  return equal(chain, remembered.chain)
}

const unitsOf = (entries: readonly Append[]): readonly (readonly Append[])[] => {
  const units: Append[][] = []
  let size = 0
  for (const entry of entries) {
    const last = units.at(-1)
    size += entry.value.length
    if (
      last === undefined ||
      last.length === STORE_UNIT_ITEMS_MAX ||
      size > STORE_BATCH_BYTES_MAX
    ) {
      units.push([entry])
      size = entry.value.length
    } else last.push(entry)
  }
  return units
}

const isWhole = async (held: Held, remembered: GuardHead): Promise<boolean> => {
  const { inner, options } = held
  const head = await inner.head(options.journal)
  if (head.size < remembered.size) return false
  if (head.size === remembered.size) return equal(head.chain, remembered.chain)
  if (remembered.size === 0n) return true
  const [last] = await inner.read(options.journal, remembered.size - 1n, 1)
  return last !== undefined && equal(last.chain, remembered.chain)
}

/** Resolves when the guard's file is synced at least that far. */
const cover = (held: Held, head: GuardHead, entries: readonly Entry[]): Promise<void> => {
  const { guard } = held
  // Without a guard, what stands is answered: it can only be signed again as it was.
  if (guard === undefined || head.size <= guard.head().size) return Promise.resolve()
  return held.quarantine === undefined
    ? guard.advance(head, entries)
    : Promise.reject(quarantined(held))
}

const commit = async (
  held: Held,
  unit: Unit,
  covers: (journal: string, entries: readonly Entry[]) => Promise<void>,
): Promise<Outcome> => {
  const { inner, options } = held
  if (!unit.appends.some(({ journal }) => journal === options.journal)) return inner.commit(unit)
  if (held.quarantine !== undefined) return whatStands(held, unit, covers)
  // A guard that had no room gets another chance before anything is stored that it could not cover.
  if (held.guard && held.guard.status().is !== 'open') await held.guard.retry()
  const outcome = await inner.commit(unit)
  if (outcome.is === 'stored')
    await covers(
      options.journal,
      outcome.entries.filter(({ journal }) => journal === options.journal),
    )
  if (outcome.is === 'taken') await covers(outcome.entry.journal, [outcome.entry])
  return outcome
}

const whatStands = async (
  held: Held,
  unit: Unit,
  covers: (journal: string, entries: readonly Entry[]) => Promise<void>,
): Promise<Outcome> => {
  for (const append of unit.appends) {
    const entry = await held.inner.find(append.journal, append.key)
    if (entry === undefined) continue
    await covers(append.journal, [entry])
    return { is: 'taken', entry }
  }
  throw quarantined(held)
}

const quarantined = (held: Held): StoreError =>
  storeError('store/quarantined', messageOf(held.quarantine))

const equal = (one: Uint8Array, two: Uint8Array): boolean => Buffer.compare(one, two) === 0
