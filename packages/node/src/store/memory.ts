/** A store in memory, for tests and simulations. It keeps the contract but for durability: nothing outlives the process. */
import { STORE_ENTRIES_MAX, STORE_PAGE_BYTES_MAX } from '../limits.ts'
import { checkedUnit, checkIndex, checkKey, checkName, pageSize, placeOf } from './bounds.ts'
import { chainNext, chainStart } from './chain.ts'
import { storeError } from './errors.ts'
import type { Append, Entry, JournalHead, Outcome, Put, Recorded, Store, Unit } from './store.ts'

type Memory = {
  readonly journals: Map<string, Entry[]>
  readonly entries: Map<string, Entry>
  readonly spaces: Map<string, Map<string, Recorded>>
}

export const createMemoryStore = (): Store => {
  const memory: Memory = { journals: new Map(), entries: new Map(), spaces: new Map() }
  let closed = false
  const open = (): Memory => {
    if (closed) throw storeError('store/closed', 'the store was closed')
    return memory
  }
  return {
    // Tests run two operators over one.
    isShared: true,
    commit: async (unit) => store(open(), checkedUnit(unit)),
    find: async (journal, key) => {
      checkName(journal)
      checkKey(key)
      return open().entries.get(placeOf(journal, key))
    },
    read: async (journal, from, limit) => {
      checkName(journal)
      checkIndex(from)
      const entries = open().journals.get(journal) ?? []
      const start = from > BigInt(entries.length) ? entries.length : Number(from)
      return pageOf(entries.slice(start, start + pageSize(limit)))
    },
    head: async (journal) => {
      checkName(journal)
      return headOf(open(), journal)
    },
    get: async (space, key) => {
      checkName(space)
      checkKey(key)
      return open().spaces.get(space)?.get(hexOf(key))
    },
    scan: async (space, after, limit) => {
      checkName(space)
      if (after !== undefined) checkKey(after)
      const low = after === undefined ? '' : hexOf(after)
      const records = [...(open().spaces.get(space) ?? [])]
        .filter(([place]) => place > low)
        .sort(([one], [two]) => (one < two ? -1 : 1))
        .map(([, record]) => record)
      return pageOf(records.slice(0, pageSize(limit)))
    },
    count: async (space) => {
      checkName(space)
      return open().spaces.get(space)?.size ?? 0
    },
    backup: async () => {
      throw storeError('store/unfit', 'a store in memory has nothing to copy to a file')
    },
    status: () => (closed ? { is: 'stopped', why: 'it was closed' } : { is: 'open' }),
    close: async () => {
      closed = true
    },
  }
}

const store = (memory: Memory, unit: Unit): Outcome => {
  for (const append of unit.appends) {
    const entry = memory.entries.get(placeOf(append.journal, append.key))
    if (entry !== undefined) return { is: 'taken', entry }
  }
  const put = unit.puts.findIndex((each) => isStale(each, recordOf(memory, each)))
  if (put >= 0) return { is: 'stale', put }
  for (const each of unit.puts) keep(memory, each)
  return { is: 'stored', entries: unit.appends.map((append) => appendTo(memory, append)) }
}

const isStale = (put: Put, record: Recorded | undefined): boolean =>
  put.ifVersion !== undefined && put.ifVersion !== (record?.version ?? 0n)

const appendTo = (memory: Memory, append: Append): Entry => {
  const head = headOf(memory, append.journal)
  if (head.size >= BigInt(STORE_ENTRIES_MAX))
    throw storeError('store/out-of-bounds', `${append.journal} has as many entries as fit`)
  const link = {
    ...append,
    index: head.size,
    time: append.time > head.time ? append.time : head.time,
  }
  const entry = { ...link, chain: chainNext(head.chain, link) }
  const entries = memory.journals.get(append.journal) ?? []
  entries.push(entry)
  memory.journals.set(append.journal, entries)
  memory.entries.set(placeOf(append.journal, append.key), entry)
  return entry
}

const headOf = (memory: Memory, journal: string): JournalHead => {
  const entries = memory.journals.get(journal) ?? []
  const last = entries.at(-1)
  return last === undefined
    ? { size: 0n, time: 0n, chain: chainStart(journal) }
    : { size: BigInt(entries.length), time: last.time, chain: last.chain }
}

const recordOf = (memory: Memory, put: Put): Recorded | undefined =>
  memory.spaces.get(put.space)?.get(hexOf(put.key))

const keep = (memory: Memory, put: Put): void => {
  const space = memory.spaces.get(put.space) ?? new Map<string, Recorded>()
  memory.spaces.set(put.space, space)
  const place = hexOf(put.key)
  if (put.value === undefined) space.delete(place)
  else {
    const version = (space.get(place)?.version ?? 0n) + 1n
    space.set(place, { key: put.key, value: put.value, version })
  }
}

/** At least one item, and then as many as the bytes of a page hold. */
const pageOf = <Item extends { readonly value: Uint8Array }>(items: readonly Item[]): Item[] => {
  const page: Item[] = []
  let size = 0
  for (const item of items) {
    size += item.value.length
    if (page.length > 0 && size > STORE_PAGE_BYTES_MAX) return page
    page.push(item)
  }
  return page
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
