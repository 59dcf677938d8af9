/**
 * A client of relays for a private machine: what goes out is wrapped for the members, what comes in is opened, and whoever uses it sees the
 * events inside as if relays had them in the open. So a custodian and a participant's folder serve a private machine as any other.
 *
 * Promise. Nothing of an event but its size and its time leaves this side in the clear. What comes out was checked like any event, outside
 * and inside, and is of this machine.
 *
 * Not promised. That relays keep one event of each place: they see wraps, and keep all of them, also messages that they would hand on
 * and forget. Whoever asks gets all wraps of the machine, and looks for what was asked here.
 */
import { isFault, type Verifier } from 'tallystick/base'
import { matchFilter } from 'nostr-tools/filter'
import {
  conversationKey,
  decryptNip44,
  encryptNip44,
  KINDS,
  type NostrEvent,
  type PackKeys,
  unwrap,
} from 'tallystick/nostr'
import type { Fetched, RelayClient } from './client.ts'
import type { Filter } from './filter.ts'
import { KNOWN_EVENTS_MAX } from './limits.ts'
import { type PrivateTools, wrapEvent } from './private.ts'

export type Membership = {
  /** All epochs that are known, the newest first. Read each time: a later epoch may come. */
  readonly keys: readonly PackKeys[]
  /** Id of the definition. */
  readonly machine: string
}

export const createPrivateClient = (
  client: RelayClient,
  membership: Membership,
  tools: PrivateTools,
): PrivateClient => {
  const { open, sealed } = createOpener(membership, tools.engine)
  const wraps = new Map<string, NostrEvent>()
  const wrapFor = (event: NostrEvent): NostrEvent => {
    // The same event again is the same wrap: relays would keep a second one.
    const made = wraps.get(event.id) ?? wrapEvent(event, newestIn(membership), tools)
    if (wraps.size >= WRAPS_MAX) wraps.clear()
    wraps.set(event.id, made)
    return made
  }
  const outside = ({ since }: Filter): Filter => ({
    kinds: [KINDS.giftWrap],
    '#p': [...new Set(membership.keys.map((one) => one.route))],
    ...(since !== undefined && { since }),
  })
  const inside = (wrap: NostrEvent, filter: Filter): NostrEvent | undefined => {
    const event = open(wrap)
    return event && matchFilter(filter, { ...event, tags: event.tags.map((tag) => [...tag]) })
      ? event
      : undefined
  }
  const underway = new Map<string, Promise<Fetched>>()
  // Who looks for several things at once wants the same wraps each time.
  const fetchOnce = (relays: readonly string[], filter: Filter): Promise<Fetched> => {
    const name = JSON.stringify([relays, filter])
    const begun = underway.get(name) ?? client.fetch(relays, filter)
    underway.set(name, begun)
    const end = (): boolean => underway.delete(name)
    begun.then(end, end)
    return begun
  }
  return {
    ...client,
    sealed,
    publish: (relays, event, options) => client.publish(relays, wrapFor(event), options),
    fetch: async (relays, filter) => {
      const found = await fetchOnce(relays, outside(filter))
      const events = new Map(
        found.events.flatMap((wrap): readonly [string, NostrEvent][] => {
          const event = inside(wrap, filter)
          return event ? [[event.id, event]] : []
        }),
      )
      const ordered = [...events.values()].sort(
        (a, b) => a.created_at - b.created_at || (a.id < b.id ? -1 : 1),
      )
      return { ...found, events: ordered }
    },
    follow: (relays, filter, handlers) => {
      const { authors: _, ...others } = handlers
      const seen = new Set<string>()
      return client.follow(relays, outside(filter), {
        ...others,
        onEvent: (wrap, relay) => {
          const event = inside(wrap, filter)
          if (!event || seen.has(event.id)) return
          if (seen.size >= KNOWN_EVENTS_MAX) seen.clear()
          seen.add(event.id)
          handlers.onEvent(event, relay)
        },
      })
    },
  }
}

export type PrivateClient = RelayClient & {
  /** How many wraps that came in no key here opens: they are of a later epoch, or somebody's rubbish. */
  readonly sealed: () => number
}

const newestIn = ({ keys }: Membership): PackKeys => {
  const [newest] = keys
  if (!newest) throw new Error('a member has keys')
  return newest
}

const WRAPS_MAX = 4_096

type Opener = {
  readonly open: (wrap: NostrEvent) => NostrEvent | undefined
  readonly sealed: () => number
}

/** Opens each wrap once, and again with other keys; several look for something else in the same ones. */
const createOpener = (membership: Membership, verifier: Verifier): Opener => {
  const { machine } = membership
  const cipher = { conversationKey, encrypt: encryptNip44, decrypt: decryptNip44 }
  const known = new Map<string, NostrEvent | undefined>()
  const sealed = new Set<string>()
  let { keys } = membership
  const open = (wrap: NostrEvent): NostrEvent | undefined => {
    if (membership.keys !== keys) {
      for (const id of sealed) known.delete(id)
      sealed.clear()
      ;({ keys } = membership)
    }
    if (known.has(wrap.id)) return known.get(wrap.id)
    const found = unwrap(wrap, { keys, machine, cipher, verifier })
    const event = isFault(found) ? undefined : found
    if (known.size >= KNOWN_EVENTS_MAX) known.clear()
    if (sealed.size >= KNOWN_EVENTS_MAX) sealed.clear()
    known.set(wrap.id, event)
    if (isFault(found) && found.code === 'nostr-wrap/sealed') sealed.add(wrap.id)
    return event
  }
  return { open, sealed: () => sealed.size }
}
