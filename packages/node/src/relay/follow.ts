/**
 * Following a filter at several relays: what is stored, what comes, and what came while a connection was broken.
 *
 * Promise. Each event is handed over once. At each relay the request for new events is answered before what is stored is fetched, so
 * that nothing falls between the two; *open* is said only then. When a connection breaks it is opened again after a pause that grows, with a random share so that
 * many clients do not come back together, and what is stored since a while before the newest known event is fetched again.
 *
 * Not promised. That an event which claims an old time and reached a relay while the connection was broken is found by following
 * alone: `fetch` finds it, and so does whoever sees a link to it.
 */
import type { NostrEvent } from 'tallystick/nostr'
import type { RelayConnection, RequestEnd } from './connection.ts'
import { createKnownEvents, type Filter } from './filter.ts'
import {
  KNOWN_EVENTS_MAX,
  RECONNECT_MS,
  RECONNECT_MS_MAX,
  RESUME_OVERLAP_SECONDS,
} from './limits.ts'
import { fetchPages, type Paged } from './page.ts'

export type FollowState =
  | { readonly is: 'open' }
  /** All that is stored was handed over, or the reason why not. */
  | { readonly is: 'caught up'; readonly outcome: Paged }
  | { readonly is: 'broken'; readonly why: string; readonly againMs: number }

export type FollowHandlers = {
  readonly onEvent: (event: NostrEvent, relay: string) => void
  readonly onState?: (state: FollowState, relay: string) => void
  /** Seconds since 1970 of the newest event that is known already; what is older by a while is not asked for. */
  readonly since?: number
  /** Who may have written: splits a second that holds more than a page. */
  readonly authors?: readonly string[]
}

export type Following = {
  /** Seconds since 1970 of the newest event so far: where a later `follow` may begin. */
  readonly newest: () => number | undefined
  readonly stop: () => void
}

export const follow = (
  relays: readonly string[],
  filter: Filter,
  by: FollowHandlers & {
    readonly connect: (relay: string) => Promise<RelayConnection>
    readonly silenceMs: number
  },
): Following => {
  const seen = createKnownEvents(KNOWN_EVENTS_MAX)
  const stopping = new AbortController()
  let newest = by.since
  const onEvent = (event: NostrEvent, relay: string): void => {
    if (stopping.signal.aborted || seen.get(event.id) !== undefined) return
    seen.set(event.id, event.sig)
    // An author may claim any time; one ahead of the clock would make a later start skip what comes until then.
    if (event.created_at <= Date.now() / 1000) newest = Math.max(newest ?? 0, event.created_at)
    by.onEvent(event, relay)
  }
  for (const relay of relays) {
    void followOne(relay, filter, {
      connect: by.connect,
      silenceMs: by.silenceMs,
      authors: by.authors ?? [],
      onEvent: (event) => onEvent(event, relay),
      onState: (state) => by.onState?.(state, relay),
      newest: () => newest,
      signal: stopping.signal,
    })
  }
  return { newest: () => newest, stop: () => stopping.abort() }
}

type One = {
  readonly connect: (relay: string) => Promise<RelayConnection>
  readonly onEvent: (event: NostrEvent) => void
  readonly onState: (state: FollowState) => void
  readonly newest: () => number | undefined
  readonly silenceMs: number
  readonly authors: readonly string[]
  readonly signal: AbortSignal
}

const followOne = async (relay: string, filter: Filter, by: One): Promise<void> => {
  let failures = 0
  while (!by.signal.aborted) {
    const end = await session(relay, filter, by, () => {
      failures = 0
    })
    if (by.signal.aborted) return
    const againMs = pauseAfter(failures++)
    by.onState({ is: 'broken', why: wordsFor(end), againMs })
    await pause(againMs, by.signal)
  }
}

/** One connection, until it ends. */
const session = async (
  relay: string,
  filter: Filter,
  by: One,
  onCaughtUp: () => void,
): Promise<RequestEnd> => {
  try {
    const connection = await by.connect(relay)
    // A request that needs a login is made by `ask`, which logs in; the one that stays open comes after it.
    const first = await connection.ask({ ...filter, limit: 1 }, by.onEvent)
    if (first.is !== 'complete') return first
    const { promise, resolve } = Promise.withResolvers<RequestEnd>()
    const listening = Promise.withResolvers<undefined>()
    const stop = connection.listen(
      { ...filter, limit: 0 },
      {
        onEvent: by.onEvent,
        onStored: () => listening.resolve(undefined),
        onEnd: resolve,
      },
    )
    // Relays work on several messages at once: what comes before the answer to this request may pass by it.
    await Promise.race([listening.promise, promise, pause(by.silenceMs, by.signal)])
    by.signal.addEventListener('abort', () => resolve({ is: 'closed', why: 'stopped' }))
    by.onState({ is: 'open' })
    const newest = by.newest()
    const since = newest === undefined ? filter.since : newest - RESUME_OVERLAP_SECONDS
    const stored = since === undefined ? filter : { ...filter, since: Math.max(0, since) }
    const outcome = await fetchPages(connection, stored, by.onEvent, by.authors)
    if (outcome.is === 'complete') onCaughtUp()
    by.onState({ is: 'caught up', outcome })
    const end = await promise
    stop()
    return end
  } catch (error) {
    return { is: 'lost', why: error instanceof Error ? error.message : String(error) }
  }
}

const pauseAfter = (failures: number): number => {
  const most = Math.min(RECONNECT_MS * 2 ** failures, RECONNECT_MS_MAX)
  return Math.round(most * (0.5 + Math.random() / 2))
}

const pause = async (ms: number, signal: AbortSignal): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const timer = setTimeout(() => resolve(undefined), ms)
  signal.addEventListener('abort', () => resolve(undefined), { once: true })
  await promise
  clearTimeout(timer)
}

const wordsFor = (end: RequestEnd): string => {
  switch (end.is) {
    case 'complete':
      return 'the relay ended the request'
    case 'closed':
      return `the relay closed the request: ${end.why}`
    case 'silent':
      return 'the relay was silent'
    case 'lost':
      return end.why
  }
}
