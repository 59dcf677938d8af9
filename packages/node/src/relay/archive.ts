/**
 * An archive of signed events, byte for byte: what relays delete, forget or lose is still here, and can be handed to them again.
 *
 * Promise. An event that `add` has taken is durable, and nothing takes it out: deletion requests of authors, replacement and expiry are
 * rules of relays and do not exist here. Each event stands once. What comes out is read and checked again (form and id), so that a
 * damaged store is noticed.
 *
 * Not promised. That everything there ever was is here: an archive holds what it was given.
 *
 * | store | |
 * |---|---|
 * | journal | `nostr/` and the machine's id |
 * | key | 32 bytes of the event's id |
 * | value | the event's JSON in UTF-8 |
 */
import { bytesFromHex, bytesFromUtf8, utf8FromBytes, type Verifier } from 'tallystick/base'
import {
  checkNostrEvent,
  type NostrEvent,
  nostrEventFromText,
  textFromNostrEvent,
} from 'tallystick/nostr'
import type { Store } from '../store/store.ts'
import type { FetchedFrom, RelayClient } from './client.ts'
import type { Filter } from './filter.ts'
import { REPUBLISH_MAX } from './limits.ts'
import type { Published } from './publish.ts'

export type Archive = {
  /** Whether it is new here. Raises a fault for an event that its author did not sign, and errors of the store. */
  readonly add: (machine: string, event: NostrEvent) => Promise<boolean>
  readonly find: (machine: string, id: string) => Promise<NostrEvent | undefined>
  /** All of a machine, in the order in which they came. */
  readonly all: (machine: string) => Promise<readonly NostrEvent[]>
}

export const createArchive = (store: Store, verifier: Verifier, now: () => number): Archive => ({
  add: async (machine, event) => {
    const fault = checkNostrEvent(event, verifier)
    if (fault) throw fault
    const outcome = await store.commit({
      appends: [
        {
          journal: journalOf(machine),
          key: bytesFromHex(event.id),
          value: bytesFromUtf8(textFromNostrEvent(event)),
          time: BigInt(now()),
        },
      ],
      puts: [],
    })
    return outcome.is === 'stored'
  },
  find: async (machine, id) => {
    const entry = await store.find(journalOf(machine), bytesFromHex(id))
    return entry && nostrEventFromText(utf8FromBytes(entry.value))
  },
  all: async (machine) => {
    const events: NostrEvent[] = []
    for (let from = 0n; ;) {
      const entries = await store.read(journalOf(machine), from, PAGE_ENTRIES)
      if (entries.length === 0) return events
      for (const entry of entries) events.push(nostrEventFromText(utf8FromBytes(entry.value)))
      from += BigInt(entries.length)
    }
  },
})

export type Republished = {
  /** Events that at least one relay lacked, with what became of them there. */
  readonly events: readonly {
    readonly id: string
    readonly relay: string
    readonly outcome: Published
  }[]
  /** Relays that did not show all they have, so that nobody knows what they lack. */
  readonly unsure: readonly FetchedFrom[]
}

/** Hands to each relay what it lacks of the events that fit the filter. Ephemeral events and expired ones are left alone. */
export const republish = async (
  client: RelayClient,
  relays: readonly string[],
  filter: Filter,
  events: readonly NostrEvent[],
): Promise<Republished> => {
  const done: Republished['events'][number][] = []
  const unsure: FetchedFrom[] = []
  const authors = [...new Set(events.map((one) => one.pubkey))]
  for (const relay of relays) {
    const shown = await client.fetch([relay], filter, { authors })
    unsure.push(...shown.relays.filter((one) => one.outcome.is !== 'complete'))
    const known = new Set(shown.events.map((one) => one.id))
    const missing = events.filter((one) => !known.has(one.id)).slice(0, REPUBLISH_MAX)
    for (const event of missing) {
      const { relays: outcomes } = await client.publish([relay], event, { confirm: 'always' })
      done.push(...outcomes.map(({ outcome }) => ({ id: event.id, relay, outcome })))
    }
  }
  return { events: done, unsure }
}

const PAGE_ENTRIES = 256

const journalOf = (machine: string): string => `nostr/${machine}`
