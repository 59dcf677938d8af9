/**
 * Inboxes: what others leave for a device, kept in the order in which it came until the device has read it.
 *
 * Promise. An item is in a device's inbox once, however often it is left, and durable before its sender is told. Only the
 * device moves its cursor, and never back. What was acknowledged is not shown again.
 *
 * Not promised. That an operator takes everything: an inbox has a cap of items and of bytes that its device has not
 * acknowledged, and there are only so many inboxes. A full one refuses (attack: filling an operator's disk under made-up
 * names). What was acknowledged stays on the disk: journals only grow.
 */
import {
  bytesFromId,
  type Codec,
  Fault,
  INBOX_ITEM_BYTES_MAX,
  INBOX_ITEMS_MAX,
  type SignerId,
  struct,
  u64,
  type Verifier,
} from 'tallystick/base'
import { checkInboxCursor, type InboxCursor, type InboxItem, inboxItemKey } from 'tallystick/models'
import type { Store } from '../store/store.ts'
import type { ServerLimits } from './limits.ts'
import type { News } from './news.ts'
import type { OperatorKey } from './operator-key.ts'

export type Inboxes = {
  /** Leaves an item; the index at which it stands, old or new. Raises `inbox/full` and `inbox/too-many`. */
  readonly leave: (device: SignerId, item: Uint8Array) => Promise<bigint>
  /** Unread items from an index on, as many as fit an answer, and the index to go on from. */
  readonly read: (
    device: SignerId,
    from: bigint,
    limit: number,
  ) => Promise<{ readonly items: readonly InboxItem[]; readonly next: bigint }>
  /** Raises what `checkInboxCursor` returns, and `inbox/not-there` for what was never left. */
  readonly acknowledge: (device: SignerId, cursor: InboxCursor) => Promise<void>
}

export type InboxesOptions = {
  readonly store: Store
  readonly key: OperatorKey
  readonly verifier: Verifier
  readonly news: News
  readonly limits: ServerLimits
  readonly clock: () => bigint
}

export const inboxTopic = (device: SignerId): string => `inbox/${device}`

type Level = {
  /** Everything before it was acknowledged. */
  readonly read: bigint
  /** Items and bytes that were not. */
  readonly items: bigint
  readonly bytes: bigint
}

const level: Codec<Level> = struct<Level>({ read: u64, items: u64, bytes: u64 })
const LEVELS = 'inbox-levels'
const COUNT = 'inbox-count'
const COUNT_KEY = new Uint8Array([0])
const EMPTY: Level = { read: 0n, items: 0n, bytes: 0n }

export const createInboxes = (options: InboxesOptions): Inboxes => {
  const { store, limits } = options
  const levelOf = async (
    device: SignerId,
  ): Promise<{ readonly level: Level; readonly version: bigint }> => {
    const record = await store.get(LEVELS, bytesFromId(device))
    return record
      ? { level: level.decode(record.value), version: record.version }
      : { level: EMPTY, version: 0n }
  }
  const read: Inboxes['read'] = async (device, from, limit) => {
    const start = maxOf(from, (await levelOf(device)).level.read)
    const count = Math.min(limit, INBOX_ITEMS_MAX)
    const items: InboxItem[] = []
    let size = 0
    for (const { index, time, value } of await store.read(inboxTopic(device), start, count)) {
      size += value.length
      if (items.length > 0 && size > limits.answerBytes) break
      items.push({ index, time, item: value })
    }
    return { items, next: start + BigInt(items.length) }
  }
  return {
    leave: (device, item) => leave(options, levelOf, device, item),
    read,
    acknowledge: (device, cursor) => acknowledge(options, levelOf, device, cursor),
  }
}

type LevelOf = (device: SignerId) => Promise<{ readonly level: Level; readonly version: bigint }>

const leave = async (
  options: InboxesOptions,
  levelOf: LevelOf,
  device: SignerId,
  item: Uint8Array,
): Promise<bigint> => {
  const { store, limits } = options
  if (item.length > INBOX_ITEM_BYTES_MAX) {
    throw new Fault('request/too-large', `an item of ${item.length} bytes`)
  }
  const journal = inboxTopic(device)
  const key = inboxItemKey(item)
  for (;;) {
    const known = await store.find(journal, key)
    if (known) return known.index
    const { level: now, version } = await levelOf(device)
    const next = { ...now, items: now.items + 1n, bytes: now.bytes + BigInt(item.length) }
    if (next.items > limits.inboxItems || next.bytes > limits.inboxBytes) {
      throw new Fault('inbox/full', 'the device has not read what was left for it')
    }
    const put = { space: LEVELS, key: bytesFromId(device), value: level.encode(next) }
    const opened = version === 0n ? [await countPut(options)] : []
    const outcome = await store.commit({
      appends: [{ journal, key, value: item, time: options.clock() }],
      puts: [{ ...put, ifVersion: version }, ...opened],
    })
    if (outcome.is === 'taken') return outcome.entry.index
    if (outcome.is === 'stale') continue
    options.news.tell(journal)
    return outcome.entries[0]?.index ?? 0n
  }
}

/** Counts a new inbox. */
const countPut = async ({ store, limits }: InboxesOptions) => {
  const record = await store.get(COUNT, COUNT_KEY)
  const count = record ? u64.decode(record.value) : 0n
  if (count >= limits.inboxes) {
    throw new Fault('inbox/too-many', 'this operator keeps no more inboxes')
  }
  return {
    space: COUNT,
    key: COUNT_KEY,
    value: u64.encode(count + 1n),
    ifVersion: record?.version ?? 0n,
  }
}

const acknowledge = async (
  options: InboxesOptions,
  levelOf: LevelOf,
  device: SignerId,
  cursor: InboxCursor,
): Promise<void> => {
  const { store, key, verifier } = options
  const fault = checkInboxCursor(device, key.idIn(cursor.suite), cursor, verifier)
  if (fault) throw fault
  const journal = inboxTopic(device)
  for (;;) {
    const { level: now, version } = await levelOf(device)
    if (cursor.next <= now.read) return
    if (cursor.next > (await store.head(journal)).size) {
      throw new Fault('inbox/not-there', `item ${cursor.next - 1n} was never left`)
    }
    const gone = await bytesBetween(store, journal, now.read, cursor.next)
    const next: Level = {
      read: cursor.next,
      items: now.items - (cursor.next - now.read),
      bytes: now.bytes - gone,
    }
    const outcome = await store.commit({
      appends: [],
      puts: [
        {
          space: LEVELS,
          key: bytesFromId(device),
          value: level.encode(next),
          ifVersion: version,
        },
      ],
    })
    if (outcome.is === 'stored') return
  }
}

const bytesBetween = async (
  store: Store,
  journal: string,
  from: bigint,
  to: bigint,
): Promise<bigint> => {
  let sum = 0n
  for (let at = from; at < to;) {
    const entries = await store.read(journal, at, Math.min(Number(to - at), INBOX_ITEMS_MAX))
    if (entries.length === 0) throw new Error('a journal has an entry at each index below its size')
    for (const one of entries) sum += BigInt(one.value.length)
    at += BigInt(entries.length)
  }
  return sum
}

const maxOf = (a: bigint, b: bigint): bigint => (a > b ? a : b)
