/**
 * What a custodian hands to relays: each event until one of them has it, or until it was tried often enough.
 *
 * Promise. Events of one place, of which relays keep the newest, go out one after the other, each with a later second than the one
 * before, also over a restart; one that relays do not show afterwards is made again with a later second. Of several snapshots that
 * wait, only the newest goes out.
 *
 * Not promised. That relays keep what they took. Receipts lie in the archive and are handed out again at a start.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { NostrDraft, NostrEvent } from 'tallystick/nostr'
import type { RelayClient } from '../relay/client.ts'
import type { Store } from '../store/store.ts'
import { PUBLISH_AGAIN_MS, PUBLISH_ATTEMPTS_MAX } from './limits.ts'

/** Makes the event of a place, later than the last one there. */
export type Placed = (last: number | undefined) => NostrDraft

export type Post = {
  readonly send: (event: NostrEvent) => void
  /** `place` names it among the places of this custodian. `pauseMs` keeps its seconds near the clock's. */
  readonly replace: (place: string, draft: Placed, pauseMs: number) => void
  /** Resolves when nothing is on its way any more. */
  readonly idle: () => Promise<void>
  readonly close: () => void
}

export type PostOptions = {
  readonly client: RelayClient
  readonly relays: readonly string[]
  readonly store: Store
  readonly sign: (draft: NostrDraft) => NostrEvent
  readonly onFailure: (event: NostrEvent, why: string) => void
}

export const createPost = (options: PostOptions): Post => {
  const closing = new AbortController()
  const { signal } = closing
  const underway = new Set<Promise<unknown>>()
  const waiting = new Map<string, Placed>()
  const busy = new Set<string>()
  const begin = (work: Promise<unknown>): void => {
    const quiet = work.catch(() => undefined)
    underway.add(quiet)
    void quiet.then(() => underway.delete(quiet))
  }
  const empty = async (place: string, pauseMs: number): Promise<void> => {
    busy.add(place)
    try {
      for (let draft = waiting.get(place); draft; draft = waiting.get(place)) {
        waiting.delete(place)
        await publishPlaced(options, signal, place, draft)
        await pause(pauseMs, undefined, { signal }).catch(() => undefined)
      }
    } finally {
      busy.delete(place)
    }
  }
  return {
    send: (event) => {
      if (!signal.aborted) begin(publish(options, signal, event))
    },
    replace: (place, draft, pauseMs) => {
      waiting.set(place, draft)
      if (!busy.has(place) && !signal.aborted) begin(empty(place, pauseMs))
    },
    idle: async () => {
      while (underway.size > 0) await Promise.all(underway)
    },
    close: () => closing.abort(),
  }
}

/** Whether a relay has it. */
const publish = async (
  { client, relays, onFailure }: PostOptions,
  signal: AbortSignal,
  event: NostrEvent,
): Promise<boolean> => {
  let why = ''
  for (let attempt = 0; attempt < PUBLISH_ATTEMPTS_MAX && !signal.aborted; attempt++) {
    const { count, relays: outcomes } = await client.publish(relays, event)
    if (count > 0) return true
    why = outcomes.map((one) => one.outcome.is).join(', ')
    if (outcomes.every((one) => one.outcome.is === 'displaced')) break
    await pause(PUBLISH_AGAIN_MS * 2 ** attempt, undefined, { signal }).catch(() => undefined)
  }
  if (!signal.aborted) onFailure(event, why)
  return false
}

const SPACE = 'custodian/places'

const publishPlaced = async (
  options: PostOptions,
  signal: AbortSignal,
  place: string,
  draft: Placed,
): Promise<void> => {
  const { store } = options
  const key = new TextEncoder().encode(place)
  const record = await store.get(SPACE, key)
  let last = record ? Buffer.from(record.value).readUInt32BE() : undefined
  for (let attempt = 0; attempt < PUBLISH_ATTEMPTS_MAX && !signal.aborted; attempt++) {
    const event = options.sign(draft(last))
    const value = Buffer.alloc(4)
    value.writeUInt32BE(event.created_at)
    await store.commit({ appends: [], puts: [{ space: SPACE, key, value: new Uint8Array(value) }] })
    if (await publish(options, signal, event)) return
    last = Math.max(event.created_at, (await newestAt(options, event)) ?? 0)
  }
}

/** The second of what relays show in an event's place. */
const newestAt = async (
  { client, relays }: PostOptions,
  event: NostrEvent,
): Promise<number | undefined> => {
  const name = event.tags.find(([tag]) => tag === 'd')?.[1] ?? ''
  const filter = { kinds: [event.kind], authors: [event.pubkey], '#d': [name] }
  return (await client.fetch(relays, filter)).events.at(-1)?.created_at
}
