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
import type { RelayClient } from './client.ts'
import type { Filter } from './filter.ts'
import { KNOWN_EVENTS_MAX } from './limits.ts'
import { type PrivateTools, wrapEvent } from './private.ts'

export type Membership = {
  /** All epochs that are known, the newest first. */
  readonly keys: readonly PackKeys[]
  /** Id of the definition. */
  readonly machine: string
}

export const createPrivateClient = (
  client: RelayClient,
  { keys, machine }: Membership,
  tools: PrivateTools,
): RelayClient => {
  const [newest] = keys
  if (!newest) throw new Error('a member has keys')
  const open = createOpener({ keys, machine }, tools.engine)
  const wraps = new Map<string, NostrEvent>()
  const wrapFor = (event: NostrEvent): NostrEvent => {
    // The same event again is the same wrap: relays would keep a second one.
    const made = wraps.get(event.id) ?? wrapEvent(event, newest, tools)
    if (wraps.size >= WRAPS_MAX) wraps.clear()
    wraps.set(event.id, made)
    return made
  }
  const outside = ({ since }: Filter): Filter => ({
    kinds: [KINDS.giftWrap],
    '#p': [...new Set(keys.map((one) => one.route))],
    ...(since !== undefined && { since }),
  })
  const inside = (wrap: NostrEvent, filter: Filter): NostrEvent | undefined => {
    const event = open(wrap)
    return event && matchFilter(filter, { ...event, tags: event.tags.map((tag) => [...tag]) })
      ? event
      : undefined
  }
  return {
    ...client,
    publish: (relays, event, options) => client.publish(relays, wrapFor(event), options),
    fetch: async (relays, filter) => {
      const found = await client.fetch(relays, outside(filter))
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

const WRAPS_MAX = 4_096

/** Opens each wrap once; several look for something else in the same ones. */
const createOpener = (
  { keys, machine }: Membership,
  verifier: Verifier,
): ((wrap: NostrEvent) => NostrEvent | undefined) => {
  const cipher = { conversationKey, encrypt: encryptNip44, decrypt: decryptNip44 }
  const known = new Map<string, NostrEvent | undefined>()
  return (wrap) => {
    if (known.has(wrap.id)) return known.get(wrap.id)
    const found = unwrap(wrap, { keys, machine, cipher, verifier })
    const event = isFault(found) ? undefined : found
    if (known.size >= KNOWN_EVENTS_MAX) known.clear()
    known.set(wrap.id, event)
    return event
  }
}
