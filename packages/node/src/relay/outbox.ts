/**
 * Where to write to and read from whom (NIP-65): an author's events are at the relays that the author writes to, and what
 * is meant for somebody goes to the relays that somebody reads.
 */
import type { NostrEvent } from 'tallystick/nostr'
import type { RelayClient } from './client.ts'
import { RELAYS_EACH_MAX, RELAYS_MAX } from './limits.ts'

export const RELAY_LIST_KIND = 10_002

export type RelayList = { readonly reads: readonly string[]; readonly writes: readonly string[] }

export const relayListFrom = (event: Pick<NostrEvent, 'tags'>): RelayList => {
  const named = event.tags.flatMap(([name, url, use]) => {
    const relay = name === 'r' ? relayUrl(url) : undefined
    return relay === undefined ? [] : [{ relay, use }]
  })
  const usedFor = (use: string): readonly string[] =>
    named
      .filter((one) => one.use === undefined || one.use === '' || one.use === use)
      .map((one) => one.relay)
      .slice(0, RELAYS_EACH_MAX)
  return { reads: usedFor('read'), writes: usedFor('write') }
}

/** A relay's address in one spelling; undefined for what is none. */
export const relayUrl = (text: string | undefined): string | undefined => {
  const url = URL.parse(text ?? '')
  if (!url || (url.protocol !== 'wss:' && url.protocol !== 'ws:')) return undefined
  if (url.username !== '' || url.password !== '') return undefined
  url.hash = ''
  return url.href.replace(/\/$/, '')
}

/** The newest list of each key. Of two of one second the one with the lower id, as relays keep it. */
export const fetchRelayLists = async (
  client: RelayClient,
  relays: readonly string[],
  keys: readonly string[],
): Promise<ReadonlyMap<string, RelayList>> => {
  if (keys.length === 0) return new Map()
  const filter = { kinds: [RELAY_LIST_KIND], authors: [...keys] }
  const { events } = await client.fetch(relays, filter)
  const newest = new Map<string, NostrEvent>()
  for (const event of events) {
    const before = newest.get(event.pubkey)
    if (!before || event.created_at > before.created_at) newest.set(event.pubkey, event)
  }
  return new Map([...newest].map(([key, event]) => [key, relayListFrom(event)]))
}

/**
 * Where an input goes: the machine's relays, those that its author writes to, and those that the custodians read. Each in turn gets
 * a place before anybody gets a second one, so that a long list pushes nobody out.
 */
export const relaysForInput = (of: {
  readonly machine: readonly string[]
  readonly author: RelayList | undefined
  readonly custodians: readonly (RelayList | undefined)[]
}): readonly string[] => {
  const machine = of.machine.flatMap((one) => relayUrl(one) ?? [])
  const lists = [machine, of.author?.writes ?? [], ...of.custodians.map((one) => one?.reads ?? [])]
  const longest = Math.max(...lists.map((list) => list.length))
  const inTurn = Array.from({ length: longest }, (_, at) => lists.flatMap((list) => list[at] ?? []))
  return [...new Set(inTurn.flat())].slice(0, RELAYS_MAX)
}
