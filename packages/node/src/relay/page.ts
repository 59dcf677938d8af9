/**
 * Everything that one relay has of a filter, page by page.
 *
 * Promise. *complete* means: the relay answered each question with an `EOSE` of its own, nothing was asked of it that it cut off, and
 * below the oldest event there was nothing more. Otherwise the answer says what is in the way.
 *
 * Relays clamp pages without saying so, so a page that is shorter than was asked for shows nothing. The walk goes on with
 * `until` at the oldest second seen, inclusive, as more of that second may be cut off, until nothing new comes, and then asks
 * below it. A second that holds more than a page is asked for by its authors, one by one.
 *
 * Not promised. That the relay gives at least `CLAMP_MIN` events at a time where it has them; of one that gives fewer nobody can tell a
 * page that was cut off from all that there is. That the relay shows all it has: it can withhold anything. Other relays, and links between events, show that.
 */
import type { NostrEvent } from 'tallystick/nostr'
import type { RelayConnection, RequestEnd } from './connection.ts'
import type { Filter } from './filter.ts'
import { CLAMP_MIN, PAGE_EVENTS, PAGES_MAX, SPLIT_AUTHORS_MAX } from './limits.ts'

export type Paged =
  | { readonly is: 'complete' }
  | { readonly is: 'incomplete'; readonly why: string }

type Walk = {
  readonly connection: RelayConnection
  readonly filter: Filter
  readonly authors: readonly string[]
  readonly onEvent: (event: NostrEvent) => void
  readonly seen: Map<string, NostrEvent>
  /** Events in the fullest page so far: as many as the relay gives at least. */
  fullest: number
  pages: number
}

type Page = {
  readonly end: RequestEnd
  readonly events: readonly NostrEvent[]
  /** How many distinct events came. */
  readonly count: number
  /** How many of them had not been seen. */
  readonly fresh: number
}

/**
 * Walks through all pages. `authors` are those who may have written in a second that holds more than a page, as far as the caller
 * knows them; those that are seen are added.
 */
export const fetchPages = async (
  connection: RelayConnection,
  filter: Filter,
  onEvent: (event: NostrEvent) => void,
  authors: readonly string[] = [],
): Promise<Paged> => {
  const seen = new Map<string, NostrEvent>()
  const walk: Walk = { connection, filter, authors, onEvent, seen, fullest: 0, pages: 0 }
  let until = filter.until
  for (;;) {
    const page = await askPage(walk, until === undefined ? {} : { until })
    if (page.end.is !== 'complete') return incomplete(page.end)
    const oldest = oldestIn(page.events)
    if (oldest === undefined || !mayBeCut(walk, page)) return { is: 'complete' }
    if (walk.pages >= PAGES_MAX) return { is: 'incomplete', why: `more than ${PAGES_MAX} pages` }
    if (page.fresh > 0 && oldest !== until) {
      until = oldest
      continue
    }
    const second = await askSecond(walk, oldest)
    if (second.is !== 'complete') return second
    if (oldest === 0 || (filter.since !== undefined && oldest <= filter.since)) return second
    until = oldest - 1
  }
}

/** Whether the relay may have more than it gave: unless it has given more at once, or this is fewer than relays clamp to. */
const mayBeCut = (walk: Walk, page: Page): boolean =>
  page.count >= Math.max(walk.fullest, CLAMP_MIN)

/** Everything of one second, which a page ended in. */
const askSecond = async (walk: Walk, second: number): Promise<Paged> => {
  const page = await askPage(walk, { since: second, until: second })
  if (page.end.is !== 'complete') return incomplete(page.end)
  if (!mayBeCut(walk, page)) return { is: 'complete' }
  const asked = walk.filter.authors
  const written = [...walk.seen.values()].map((one) => one.pubkey)
  const authors = asked ?? [...new Set([...walk.authors, ...written])]
  if (authors.length > SPLIT_AUTHORS_MAX) {
    return { is: 'incomplete', why: `second ${second} holds events of too many authors` }
  }
  for (const author of authors) {
    const own = await askPage(walk, { authors: [author], since: second, until: second })
    if (own.end.is !== 'complete') return incomplete(own.end)
    if (mayBeCut(walk, own)) {
      return { is: 'incomplete', why: `second ${second} holds more than a page by ${author}` }
    }
  }
  // Somebody nobody knows of may be hidden behind the page, unless the caller said who may write.
  if (walk.authors.length > 0 || asked !== undefined) return { is: 'complete' }
  return { is: 'incomplete', why: `second ${second} holds a page or more by authors unknown` }
}

const askPage = async (walk: Walk, narrower: Filter): Promise<Page> => {
  const events: NostrEvent[] = []
  const before = walk.seen.size
  walk.pages++
  const filter = { ...walk.filter, ...narrower, limit: PAGE_EVENTS }
  const end = await walk.connection.ask(filter, (event) => {
    events.push(event)
    if (walk.seen.has(event.id)) return
    walk.seen.set(event.id, event)
    walk.onEvent(event)
  })
  const count = new Set(events.map((one) => one.id)).size
  walk.fullest = Math.max(walk.fullest, count)
  return { end, events, count, fresh: walk.seen.size - before }
}

const oldestIn = (events: readonly NostrEvent[]): number | undefined =>
  events.length === 0 ? undefined : Math.min(...events.map((one) => one.created_at))

const incomplete = (end: RequestEnd): Paged => {
  switch (end.is) {
    case 'complete':
      return { is: 'complete' }
    case 'closed':
      return { is: 'incomplete', why: `the relay closed the request: ${end.why}` }
    case 'silent':
      return { is: 'incomplete', why: 'the relay went silent before it said that there is no more' }
    case 'lost':
      return { is: 'incomplete', why: `the connection was lost: ${end.why}` }
  }
}
