/**
 * Rows that are written later than the entries they follow from, many at a time.
 *
 * Why. Rows of an entry lie all over the store's index, so that a page is written for nearly each of them. An account that moves again
 * and again has its rows side by side: those of a thousand entries together take a fraction of the pages that they take one by one.
 *
 * Promise. A row is found from the moment on at which it is handed over, here until it is stored and in the store from then on. The mark
 * never says more than what is stored. Rows that wait are bounded: who hands over more waits until some are stored.
 *
 * Not promised. That rows outlive the process: whoever opens the store makes those again that the mark does not cover.
 */
import { STORE_BATCH_BYTES_MAX, STORE_UNIT_ITEMS_MAX } from '../../limits.ts'
import type { Put, Store } from '../../store/store.ts'
import { ACCOUNT_BYTES, hasPrefix, markPut, type NewRow } from './rows.ts'

export type Row = Omit<NewRow, 'space'>

export type LateRows = {
  /** Takes the rows of entries that are stored, no key twice. `size`: how many entries have all their rows with these. */
  readonly add: (rows: readonly NewRow[], size: bigint) => void
  /** Resolves when there is room for more. Raises what the store raises. */
  readonly room: () => Promise<void>
  readonly get: (space: string, key: Uint8Array) => Promise<Uint8Array | undefined>
  /**
   * Rows of a space whose keys have a prefix and come after `after`, in ascending order of keys: up to `limit`, fewer where they are
   * large, none where there are no more. The prefix has 32 bytes or more.
   */
  readonly scan: (space: string, range: RowRange) => Promise<readonly Row[]>
  /** First 32 bytes of keys of a space, after these, each once and in order. */
  readonly nextPrefixes: (
    space: string,
    after: Uint8Array | undefined,
  ) => () => Promise<Uint8Array | undefined>
  /** Stores what there is. Raises what the store raises; then it is tried again when more comes. */
  readonly flush: () => Promise<void>
}

export type RowRange = {
  readonly prefix: Uint8Array
  readonly after: Uint8Array
  readonly limit: number
}

export type LateRowsOptions = {
  /** Rows, and bytes of them, that are written together; twice as many may wait. */
  readonly together?: number
  readonly bytesTogether?: number
}

/** Of a thousand transfers. */
const TOGETHER = 8192
const BYTES_TOGETHER = STORE_BATCH_BYTES_MAX

/** By space, and by the first bytes of the key. */
type Waiting = {
  readonly spaces: Map<string, Map<string, Group>>
  count: number
  bytes: number
  size: bigint
}

type Group = { readonly rows: Row[]; isSorted: boolean }

type State = {
  readonly store: Store
  readonly together: number
  readonly bytesTogether: number
  open: Waiting
  /** Being stored, or not stored yet because the store would not. */
  closed: Waiting | undefined
  writing: Promise<void> | undefined
}

const nothing = (): Waiting => ({ spaces: new Map(), count: 0, bytes: 0, size: 0n })

export const createLateRows = (store: Store, options: LateRowsOptions = {}): LateRows => {
  const state: State = {
    store,
    together: options.together ?? TOGETHER,
    bytesTogether: options.bytesTogether ?? BYTES_TOGETHER,
    open: nothing(),
    closed: undefined,
    writing: undefined,
  }
  return {
    add: (rows, size) => {
      for (const row of rows) hold(state.open, row)
      state.open.size = size
      if (!isEnough(state, 1)) return
      // Who waits for it hears of an error; else it is tried again when more comes.
      write(state).catch(() => undefined)
    },
    room: async () => {
      while (isEnough(state, 2)) await write(state)
    },
    get: async (space, key) => {
      const [held] = heldAfter(state, space, { prefix: key, after: NO_KEY, limit: 1 })
      return (held ?? (await store.get(space, key)))?.value
    },
    scan: (space, range) => scan(state, space, range),
    nextPrefixes: (space, after) => nextPrefixes(state, space, after),
    flush: async () => {
      while (state.closed !== undefined || state.open.count > 0) await write(state)
    },
  }
}

const NO_KEY = new Uint8Array(0)

const isEnough = ({ open, together, bytesTogether }: State, times: number): boolean =>
  open.count >= times * together || open.bytes >= times * bytesTogether

const groupName = (key: Uint8Array): string =>
  Buffer.from(key.buffer, key.byteOffset, ACCOUNT_BYTES).toString('latin1')

const hold = (waiting: Waiting, { space, key, value }: NewRow): void => {
  const groups = waiting.spaces.get(space) ?? new Map<string, Group>()
  waiting.spaces.set(space, groups)
  const name = groupName(key)
  const group = groups.get(name)
  if (group) {
    group.rows.push({ key, value })
    group.isSorted = false
  } else groups.set(name, { rows: [{ key, value }], isSorted: true })
  waiting.count += 1
  waiting.bytes += key.length + value.length
}

const byKey = (one: Row, two: Row): number => Buffer.compare(one.key, two.key)

/** Sorted when somebody looks: most groups are looked at once, to be stored. */
const sortedRows = (group: Group): readonly Row[] => {
  if (!group.isSorted) group.rows.sort(byKey)
  group.isSorted = true
  return group.rows
}

/** What is held of a range, up to `limit` of each of the two, in order and each key once. */
const heldAfter = ({ open, closed }: State, space: string, range: RowRange): readonly Row[] => {
  const name = groupName(range.prefix)
  const found = [closed, open].flatMap((waiting) => {
    const group = waiting?.spaces.get(space)?.get(name)
    return group ? rowsAfter(sortedRows(group), range) : []
  })
  return inOrder(found)
}

/** Of sorted rows. Attack: one account with thousands of rows, of which a page is asked for after the other. */
const rowsAfter = (rows: readonly Row[], { prefix, after, limit }: RowRange): readonly Row[] => {
  const isBefore = ({ key }: Row): boolean =>
    Buffer.compare(key, after) <= 0 || Buffer.compare(key, prefix) < 0
  let low = 0
  let high = rows.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const row = rows[middle]
    if (row && isBefore(row)) low = middle + 1
    else high = middle
  }
  const page = rows.slice(low, low + limit)
  return page.filter(({ key }) => startsWith(key, prefix))
}

const startsWith = (key: Uint8Array, prefix: Uint8Array): boolean =>
  hasPrefix(key, prefix) || Buffer.compare(key, prefix) === 0

const inOrder = (rows: readonly Row[]): readonly Row[] =>
  rows.toSorted(byKey).filter((row, at, all) => at === 0 || byKey(all[at - 1] ?? row, row) !== 0)

const scan = async (state: State, space: string, range: RowRange): Promise<readonly Row[]> => {
  // First what is held: a row that is stored meanwhile is then found twice, and not never.
  const held = heldAfter(state, space, range)
  const { prefix, after, limit } = range
  const stored = await state.store.scan(space, after, limit)
  const last = stored.at(-1)
  // The store's page may end before the rows do: what is held beyond it comes with the next one.
  const within = last ? held.filter((row) => byKey(row, last) <= 0) : held
  const own = stored.filter(({ key }) => hasPrefix(key, prefix))
  return inOrder([...own, ...within]).slice(0, limit)
}

const nextPrefixes = (
  state: State,
  space: string,
  after: Uint8Array | undefined,
): (() => Promise<Uint8Array | undefined>) => {
  const names = [state.closed, state.open].flatMap((waiting) => [
    ...(waiting?.spaces.get(space)?.keys() ?? []),
  ])
  const held = [...new Set(names)].toSorted().map((name) => Buffer.from(name, 'latin1'))
  let last = after
  const isAfterLast = (one: Uint8Array): boolean =>
    last === undefined || Buffer.compare(one, last) > 0
  let at = 0
  return async () => {
    const from = last && Buffer.concat([last, Buffer.alloc(LONGEST, 0xff)])
    const [row] = await state.store.scan(space, from, 1)
    const stored = row?.key.slice(0, ACCOUNT_BYTES)
    let own = held[at]
    while (own && !isAfterLast(own)) own = held[++at]
    const isStored = stored !== undefined && (!own || Buffer.compare(stored, own) <= 0)
    last = isStored ? stored : own
    return last
  }
}

/** No key has so many bytes behind its first 32. */
const LONGEST = 96

/** Stores what is closed, and closes what is open for that. One at a time. */
const write = (state: State): Promise<void> => {
  state.writing ??= writeClosed(state).finally(() => {
    state.writing = undefined
  })
  return state.writing
}

const writeClosed = async (state: State): Promise<void> => {
  if (state.closed === undefined) {
    state.closed = state.open
    state.open = nothing()
  }
  const { closed } = state
  for (const unit of unitsOf(closed)) await state.store.commit({ appends: [], puts: unit })
  state.closed = undefined
}

/**
 * In the order in which the store's index has them, so that what lies on one page is written at once; the mark comes last. A unit is put
 * together when the one before it is stored: thousands of rows in one turn would hold up whoever asks for something.
 */
function* unitsOf(waiting: Waiting): Generator<readonly Put[]> {
  let unit: Put[] = []
  let size = 0
  for (const put of putsOf(waiting)) {
    const bytes = put.key.length + (put.value?.length ?? 0)
    if (
      unit.length === STORE_UNIT_ITEMS_MAX ||
      (size > 0 && size + bytes > STORE_BATCH_BYTES_MAX)
    ) {
      yield unit
      unit = []
      size = 0
    }
    unit.push(put)
    size += bytes
  }
  yield unit
}

function* putsOf({ spaces, size }: Waiting): Generator<Put> {
  for (const [space, groups] of spaces) {
    for (const name of [...groups.keys()].toSorted()) {
      const group = groups.get(name)
      for (const row of group ? sortedRows(group) : []) yield { space, ...row }
    }
  }
  yield markPut(size)
}
