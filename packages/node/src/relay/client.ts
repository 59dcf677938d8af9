/**
 * A client of several relays, none of which is trusted with anything but delay.
 *
 * | call | gives |
 * |---|---|
 * | `fetch(relays, filter)` | everything that is stored, each event once, and for each relay whether it showed all it has |
 * | `follow(relays, filter, …)` | everything that is stored and comes, each event once, over broken connections |
 * | `publish(relays, event)` | what became of the event at each relay |
 * | `info(relay)` | the relay's document about itself |
 *
 * Promise. What comes out was checked (`connection.ts`): form, id, signature, filter. An event that one relay of those asked has and
 * shows is not missed, whatever the others do; a relay that did not show all it has is named, with the reason. Followers open broken
 * connections again, with growing pauses, and ask again for what came meanwhile.
 *
 * Not promised. Order: relays have none. Completeness where every relay withholds the same event: links between events show such a gap
 * (`inputTree` names missing parents), and others can be asked for it by its id.
 */
import type { Verifier } from 'tallystick/base'
import type { NostrEvent } from 'tallystick/nostr'
import { connectRelay, type RelayConnection } from './connection.ts'
import { createKnownEvents, type Filter, type Refused, type RelaySurroundings } from './filter.ts'
import { follow, type Following, type FollowHandlers } from './follow.ts'
import { FETCHED_EVENTS_MAX, KNOWN_EVENTS_MAX, RELAYS_MAX, SILENCE_MS } from './limits.ts'
import { fetchPages, type Paged } from './page.ts'
import { type Confirm, isOnRelay, type Published, publishOver } from './publish.ts'
import { fetchRelayInfo, type RelayInfo } from './relay-document.ts'
import type { EventSigner } from './signer.ts'

export type RelayClientOptions = {
  readonly verifier: Verifier
  /** Keys that log in where a relay asks for it. */
  readonly logins?: readonly EventSigner[]
  /** Milliseconds after which a relay counts as silent. */
  readonly silenceMs?: number
  /** Milliseconds since 1970. */
  readonly now?: () => number
}

export type FetchedFrom = {
  readonly relay: string
  readonly outcome: Paged | { readonly is: 'unreachable'; readonly why: string }
  /** Events that it showed. */
  readonly count: number
  /** Events that others showed and it did not. */
  readonly lacks: number
  readonly refused: Readonly<Refused>
}

export type Fetched = {
  /** Ascending by time and id. */
  readonly events: readonly NostrEvent[]
  readonly relays: readonly FetchedFrom[]
  /** Whether at least one relay showed all it has. */
  readonly isComplete: boolean
}

export type PublishedTo = {
  readonly relays: readonly { readonly relay: string; readonly outcome: Published }[]
  /** How many relays have it, as far as they were asked. */
  readonly count: number
}

export type RelayClient = {
  readonly fetch: (
    relays: readonly string[],
    filter: Filter,
    options?: {
      /** Who may have written: splits a second that holds more than a page. */
      readonly authors?: readonly string[]
    },
  ) => Promise<Fetched>
  readonly follow: (
    relays: readonly string[],
    filter: Filter,
    handlers: FollowHandlers,
  ) => Following
  readonly publish: (
    relays: readonly string[],
    event: NostrEvent,
    options?: { readonly confirm?: Confirm },
  ) => Promise<PublishedTo>
  /** Asked once for each relay. */
  readonly info: (relay: string) => Promise<RelayInfo | undefined>
  /** The open connection to a relay, or a new one. For checks of one relay. */
  readonly connection: (relay: string) => Promise<RelayConnection>
  readonly close: () => void
}

export const createRelayClient = (options: RelayClientOptions): RelayClient => {
  const by: RelaySurroundings = {
    verifier: options.verifier,
    logins: options.logins ?? [],
    known: createKnownEvents(KNOWN_EVENTS_MAX),
    silenceMs: options.silenceMs ?? SILENCE_MS,
  }
  const now = options.now ?? Date.now
  const connections = createConnections(by)
  const infos = new Map<string, Promise<RelayInfo | undefined>>()
  const info = async (relay: string): Promise<RelayInfo | undefined> => {
    const asked = infos.get(relay) ?? fetchRelayInfo(relay)
    if (infos.size < RELAYS_MAX * 8) infos.set(relay, asked)
    return asked
  }
  const publishTo = async (
    relay: string,
    event: NostrEvent,
    confirm: Confirm,
  ): Promise<Published> => {
    try {
      const connection = await connections.to(relay)
      const nowSeconds = Math.floor(now() / 1000)
      return await publishOver(connection, event, { info: await info(relay), nowSeconds, confirm })
    } catch (error) {
      return { is: 'unreachable', why: messageOf(error) }
    }
  }
  return {
    info,
    connection: connections.to,
    close: connections.close,
    fetch: async (relays, filter, { authors = [] } = {}) =>
      fetchAll(connections.to, distinct(relays), filter, authors),
    follow: (relays, filter, handlers) =>
      follow(distinct(relays), filter, {
        ...handlers,
        connect: connections.to,
        silenceMs: by.silenceMs,
      }),
    publish: async (relays, event, { confirm = 'doubtful' } = {}) => {
      const outcomes = await Promise.all(
        distinct(relays).map(async (relay) => ({
          relay,
          outcome: await publishTo(relay, event, confirm),
        })),
      )
      return { relays: outcomes, count: outcomes.filter((one) => isOnRelay(one.outcome)).length }
    },
  }
}

type Connect = (relay: string) => Promise<RelayConnection>

const createConnections = (
  by: RelaySurroundings,
): { readonly to: Connect; readonly close: () => void } => {
  const open = new Map<string, Promise<RelayConnection>>()
  let isClosed = false
  const connect = async (relay: string): Promise<RelayConnection> => {
    const connection = await connectRelay(relay, by)
    void connection.ended.then(() => open.delete(relay))
    if (isClosed) connection.close()
    return connection
  }
  return {
    to: async (relay) => {
      if (isClosed) throw new Error('the client was closed')
      const known = open.get(relay)
      if (known) return known
      const fresh = connect(relay)
      open.set(relay, fresh)
      // The next caller tries again.
      fresh.catch(() => open.delete(relay))
      return fresh
    },
    close: () => {
      isClosed = true
      for (const one of open.values()) one.then((each) => each.close()).catch(() => undefined)
    },
  }
}

const fetchAll = async (
  connect: Connect,
  relays: readonly string[],
  filter: Filter,
  authors: readonly string[],
): Promise<Fetched> => {
  const all = new Map<string, NostrEvent>()
  const found = await Promise.all(
    relays.map(async (relay) => fetchFrom(connect, relay, { filter, authors, all })),
  )
  const events = [...all.values()].sort(
    (a, b) => a.created_at - b.created_at || (a.id < b.id ? -1 : 1),
  )
  return {
    events,
    relays: found.map((one) => ({ ...one, lacks: all.size - one.count })),
    isComplete: found.some((one) => one.outcome.is === 'complete'),
  }
}

const fetchFrom = async (
  connect: Connect,
  relay: string,
  asked: {
    readonly filter: Filter
    readonly authors: readonly string[]
    readonly all: Map<string, NostrEvent>
  },
): Promise<Omit<FetchedFrom, 'lacks'>> => {
  const own = new Set<string>()
  const nothing: Refused = { malformed: 0, forged: 0, unasked: 0 }
  try {
    const connection = await connect(relay)
    const before = { ...connection.refused }
    const onEvent = (event: NostrEvent): void => {
      if (asked.all.size >= FETCHED_EVENTS_MAX) return
      own.add(event.id)
      asked.all.set(event.id, event)
    }
    const outcome = await fetchPages(connection, asked.filter, onEvent, asked.authors)
    const refused = difference(connection.refused, before)
    return { relay, outcome: bounded(outcome, asked.all.size), count: own.size, refused }
  } catch (error) {
    const outcome = { is: 'unreachable', why: messageOf(error) } as const
    return { relay, outcome, count: own.size, refused: nothing }
  }
}

const bounded = (outcome: Paged, count: number): Paged =>
  count < FETCHED_EVENTS_MAX
    ? outcome
    : { is: 'incomplete', why: `more than ${FETCHED_EVENTS_MAX} events` }

const difference = (after: Refused, before: Refused): Refused => ({
  malformed: after.malformed - before.malformed,
  forged: after.forged - before.forged,
  unasked: after.unasked - before.unasked,
})

const distinct = (relays: readonly string[]): readonly string[] =>
  [...new Set(relays)].slice(0, RELAYS_MAX)

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)
