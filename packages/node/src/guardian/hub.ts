/**
 * The hub: what happens at a guardian, told to sockets as it happens and to filters when they ask.
 *
 * Promise. A subscription is told everything that fits from its beginning to its end, in the order in which it became durable. A
 * filter holds what came since it was last asked; one that holds too much, or is not asked for too long, is given up, and who asks
 * for it then is told that there is none, instead of being told a part as if it were the whole.
 */
import { randomBytes } from 'node:crypto'
import type { GuardianLimits } from './limits.ts'
import { rpcError } from './rpc/error.ts'
import type { Answer } from './rpc/method.ts'
import type { MoiId } from './store/entry.ts'

export type NewsLog = {
  readonly account: MoiId
  /** Where the account stood. */
  readonly height: bigint
  /** 64 digits each. */
  readonly topics: readonly string[]
  readonly answer: Answer
  /** Bytes of the answer, more or less. */
  readonly size: number
}

export type News =
  | { readonly is: 'pending'; readonly hash: string }
  | {
      readonly is: 'tesseract'
      /** Those that moved. */
      readonly accounts: ReadonlySet<MoiId>
      readonly answer: Answer
      readonly size: number
      readonly logs: readonly NewsLog[]
    }

/** What of some news is wanted. */
export type Wish =
  | { readonly is: 'pending' }
  | { readonly is: 'tesseracts'; readonly account: MoiId | undefined }
  | {
      readonly is: 'logs'
      readonly account: MoiId
      /** For each position which hashes may stand there; none where any may. */
      readonly topics: readonly (readonly string[])[]
      readonly from: bigint
      /** Does not count itself; undefined for no end. */
      readonly to: bigint | undefined
    }

export type Hub = {
  readonly tell: (news: News) => void
  /** Calls until what is returned is called. */
  readonly listen: (wish: Wish, hear: (answer: Answer, size: number) => void) => () => void
  /** Id of a new filter. Raises `too-many`. */
  readonly addFilter: (wish: Wish) => string
  /** What came since it was asked last. Raises `unknown-filter`. */
  readonly changesOf: (id: string) => readonly Answer[]
  readonly removeFilter: (id: string) => boolean
  /** Whether anybody wants to be told of tesseracts or logs. */
  readonly isHeard: () => boolean
  readonly counts: () => { readonly filters: number; readonly listeners: number }
  readonly close: () => void
}

type Filter = { readonly items: Answer[]; bytes: number; askedMs: number; stop: () => void }

export const createHub = (limits: GuardianLimits, clockMs: () => number): Hub => {
  const listeners = new Set<{
    readonly wish: Wish
    readonly hear: (answer: Answer, size: number) => void
  }>()
  const filters = new Map<string, Filter>()
  const drop = (id: string): boolean => {
    filters.get(id)?.stop()
    return filters.delete(id)
  }
  const listen: Hub['listen'] = (wish, hear) => {
    const listener = { wish, hear }
    listeners.add(listener)
    return () => listeners.delete(listener)
  }
  const sweep = (): void => {
    for (const [id, one] of filters) if (clockMs() - one.askedMs > limits.filterMs) drop(id)
  }
  const sweeping = setInterval(sweep, Math.max(10, limits.filterMs / 4))
  sweeping.unref()
  return {
    tell: (news) => {
      for (const { wish, hear } of listeners) {
        for (const { answer, size } of wanted(wish, news)) hear(answer, size)
      }
    },
    listen,
    addFilter: (wish) => {
      sweep()
      if (filters.size >= limits.filters) throw rpcError('too-many', 'too many filters')
      const id = newId()
      const filter: Filter = { items: [], bytes: 0, askedMs: clockMs(), stop: () => undefined }
      filter.stop = listen(wish, (answer, size) => {
        filter.bytes += size
        const isFull =
          filter.items.length >= limits.filterItems || filter.bytes > limits.filterBytes
        if (isFull) drop(id)
        else filter.items.push(answer)
      })
      filters.set(id, filter)
      return id
    },
    changesOf: (id) => {
      const filter = filters.get(id)
      if (!filter || clockMs() - filter.askedMs > limits.filterMs) throw rpcError('unknown-filter')
      filter.askedMs = clockMs()
      filter.bytes = 0
      return filter.items.splice(0)
    },
    removeFilter: drop,
    isHeard: () => [...listeners].some(({ wish }) => wish.is !== 'pending'),
    counts: () => ({ filters: filters.size, listeners: listeners.size }),
    close: () => clearInterval(sweeping),
  }
}

const ID_BYTES = 16

/** That nobody guesses, so that nobody empties somebody else's filter. */
export const newId = (): string => `0x${randomBytes(ID_BYTES).toString('hex')}`

type Told = { readonly answer: Answer; readonly size: number }

const wanted = (wish: Wish, news: News): readonly Told[] => {
  switch (news.is) {
    case 'pending':
      return wish.is === 'pending' ? [{ answer: `0x${news.hash}`, size: news.hash.length }] : []
    case 'tesseract':
      switch (wish.is) {
        case 'pending':
          return []
        case 'tesseracts':
          return wish.account === undefined || news.accounts.has(wish.account) ? [news] : []
        case 'logs':
          return news.logs.filter((one) => isWanted(wish, one))
      }
  }
}

const isWanted = (wish: Extract<Wish, { readonly is: 'logs' }>, log: NewsLog): boolean =>
  log.account === wish.account &&
  log.height >= wish.from &&
  (wish.to === undefined || log.height < wish.to) &&
  matchesTopics(wish.topics, log.topics)

/** By position: each that is named has to be there, one of several where several are named. */
export const matchesTopics = (
  wanted: readonly (readonly string[])[],
  topics: readonly string[],
): boolean => wanted.every((anyOf, at) => anyOf.length === 0 || anyOf.includes(topics[at] ?? ''))
