/**
 * Tries a relay with events of the sizes and kinds that machines need, and says for each need whether the relay serves it.
 *
 * Promise. Nothing is taken from the relay's word: what is said to work was done, with events by a key made for this check. The events are
 * of a machine that does not exist and ask to be deleted at the end.
 *
 * Not promised. That the relay goes on as it was today, or behaves alike for other keys, kinds and sizes.
 */
import type { Signer, Verifier } from 'tallystick/base'
import { KINDS, type NostrEvent } from 'tallystick/nostr'
import { createRelayClient, type RelayClient } from './client.ts'
import type { Filter } from './filter.ts'
import { CLAMP_MIN, REPUBLISH_MAX } from './limits.ts'
import type { RelayInfo } from './relay-document.ts'
import { type EventSigner, keySigner } from './signer.ts'

export type Need = {
  readonly name: string
  /** What it is for, in a few words. */
  readonly what: string
  readonly outcome: 'serves' | 'lacks'
  /** Whether a machine cannot live there without it. */
  readonly isNeeded: boolean
  readonly detail: string
}

export type RelayCheck = {
  readonly relay: string
  readonly document: RelayInfo | undefined
  readonly needs: readonly Need[]
  /** Whether a machine can live there. */
  readonly isFit: boolean
}

export type CheckOptions = {
  readonly verifier: Verifier
  /** A key made for this check. */
  readonly signer: Signer
  readonly silenceMs?: number
  /** How long a message that the relay does not keep may be on its way. */
  readonly handOnMs?: number
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** 64 digits that no machine has. */
  readonly machine: string
}

type Check = {
  readonly relay: string
  readonly client: RelayClient
  readonly by: EventSigner
  readonly machine: string
  readonly now: number
  readonly handOnMs: number
  readonly made: NostrEvent[]
}

export const checkRelay = async (relay: string, options: CheckOptions): Promise<RelayCheck> => {
  const by = keySigner(options.signer)
  const { silenceMs, handOnMs = HAND_ON_MS, machine, verifier } = options
  const client = createRelayClient({ verifier, logins: [by], ...(silenceMs && { silenceMs }) })
  try {
    // Not to be reached is no matter of what it serves.
    await client.connection(relay)
    const document = await client.info(relay)
    const now = Math.floor(options.now() / 1000)
    const check = { relay, client, by, machine, now, handOnMs, made: [] }
    const needs: Need[] = []
    for (const need of NEEDS) needs.push(await need(check))
    await takeBack(check)
    return { relay, document, needs, isFit: needs.every(isServed) }
  } finally {
    client.close()
  }
}

const isServed = (of: Need): boolean => !of.isNeeded || of.outcome === 'serves'

type Probe = (check: Check) => Promise<Need>

/** A probe that publishes and asks, and says in words what it found wrong; nothing where all is well. */
const probe =
  (
    name: string,
    what: string,
    isNeeded: boolean,
    run: (check: Check) => Promise<string | undefined>,
  ): Probe =>
  async (check) => {
    const wrong = await run(check)
    const outcome = wrong === undefined ? 'serves' : 'lacks'
    return { name, what, isNeeded, outcome, detail: wrong ?? '' }
  }

const make = async (
  check: Check,
  of: {
    readonly kind: number
    readonly tags?: readonly (readonly string[])[]
    readonly content?: string
    readonly at?: number
  },
): Promise<NostrEvent> => {
  const event = await check.by.sign({
    kind: of.kind,
    created_at: of.at ?? check.now,
    tags: [['e', check.machine], ...(of.tags ?? [])],
    content: of.content ?? '',
  })
  check.made.push(event)
  return event
}

/** What went wrong, if the relay does not give the event back. */
const keeps = async (check: Check, event: NostrEvent): Promise<string | undefined> => {
  const { relays } = await check.client.publish([check.relay], event, { confirm: 'always' })
  const outcome = relays[0]?.outcome
  if (!outcome || outcome.is === 'stored') return undefined
  return 'why' in outcome ? `${outcome.is}: ${outcome.why}` : outcome.is
}

const found = async (check: Check, filter: Filter): Promise<readonly NostrEvent[]> => {
  const { events } = await check.client.fetch([check.relay], filter, {
    authors: [check.by.pubkey],
  })
  return events.filter((one) => one.pubkey === check.by.pubkey)
}

const SIZE_OF_INPUT = 16_000
const SIZE_OF_DEFINITION = 48_000

const NEEDS: readonly Probe[] = [
  probe('inputs', 'keeps an input of 16 kB', true, async (check) =>
    keeps(
      check,
      await make(check, {
        kind: KINDS.input,
        tags: [['t', 'TRY']],
        content: JSON.stringify({ a: 'x'.repeat(SIZE_OF_INPUT) }),
      }),
    ),
  ),
  probe('definitions', 'keeps a definition of 48 kB', true, async (check) =>
    keeps(
      check,
      await make(check, { kind: KINDS.definition, content: 'x'.repeat(SIZE_OF_DEFINITION) }),
    ),
  ),
  probe('receipts', 'keeps receipts, kind 7504', true, async (check) =>
    keeps(check, await make(check, { kind: KINDS.receipt })),
  ),
  probe('#e', 'finds events by the machine that they name', true, async (check) => {
    const wanted = await make(check, { kind: KINDS.input, tags: [['t', 'FIND']] })
    const wrong = await keeps(check, wanted)
    if (wrong !== undefined) return wrong
    const events = await found(check, { kinds: [KINDS.input], '#e': [check.machine] })
    return events.some((one) => one.id === wanted.id) ? undefined : 'it does not find them'
  }),
  probe('snapshots', 'keeps the newest snapshot', true, async (check) => {
    const tags = [['d', check.machine]]
    const older = await make(check, { kind: KINDS.snapshot, tags, content: '1', at: check.now - 2 })
    const newer = await make(check, { kind: KINDS.snapshot, tags, content: '2', at: check.now - 1 })
    return (await keeps(check, older)) ?? (await keeps(check, newer))
  }),
  probe(
    'ties',
    'says so where it keeps another snapshot of the same second',
    false,
    async (check) => {
      const tags = [['d', `${check.machine}-tie`]]
      const two = [
        await make(check, { kind: KINDS.snapshot, tags, content: '1' }),
        await make(check, { kind: KINDS.snapshot, tags, content: '2' }),
      ].sort((a, b) => (a.id < b.id ? -1 : 1))
      const [lower, higher] = two
      if (!lower || !higher) return undefined
      const first = await keeps(check, lower)
      if (first !== undefined) return first
      const { relays } = await check.client.publish([check.relay], higher)
      const is = relays[0]?.outcome.is
      return is === 'refused' ? undefined : `it says OK and the other one is ${is ?? 'unknown'}`
    },
  ),
  probe('pages', 'gives everything, page by page', true, async (check) => {
    const wanted = new Set<string>()
    for (let at = 0; at < CLAMP_MIN + 2; at++) {
      const event = await make(check, { kind: KINDS.anchor, at: check.now - at })
      const wrong = await keeps(check, event)
      if (wrong !== undefined) return wrong
      wanted.add(event.id)
    }
    const events = await found(check, { kinds: [KINDS.anchor], '#e': [check.machine] })
    const missing = wanted.size - events.filter((one) => wanted.has(one.id)).length
    return missing === 0 ? undefined : `${missing} of ${wanted.size} are missing`
  }),
  probe('votes', 'hands on messages that it does not keep', true, async (check) => {
    const event = await make(check, { kind: KINDS.vote })
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const timer = setTimeout(() => resolve(false), check.handOnMs)
    const filter = { kinds: [KINDS.vote], '#e': [check.machine] }
    const following = check.client.follow([check.relay], filter, {
      onEvent: (one) => resolve(one.id === event.id),
      onState: (state) => {
        if (state.is === 'open') void check.client.publish([check.relay], event)
      },
    })
    const isHandedOn = await promise
    clearTimeout(timer)
    following.stop()
    return isHandedOn ? undefined : `nothing came within ${check.handOnMs} ms`
  }),
  probe('wraps', 'lets others than the receiver read gift wraps', false, async (check) => {
    const event = await make(check, { kind: KINDS.giftWrap, tags: [['p', check.machine]] })
    return keeps(check, event)
  }),
]

const HAND_ON_MS = 8_000

/** Asks the relay to delete what the check left there. */
const takeBack = async (check: Check): Promise<void> => {
  const ids = check.made.slice(0, REPUBLISH_MAX).map((one) => ['e', one.id])
  const deletion = await check.by.sign({
    kind: 5,
    created_at: check.now,
    tags: ids,
    content: 'a check of this relay',
  })
  await check.client.publish([check.relay], deletion)
}
