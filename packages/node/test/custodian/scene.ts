/** A relay and custodians for tests: four of them over a relay on loopback, each with a store of its own. */
import { isFault } from 'tallystick/base'
import { STANDARD_LOGICS } from 'tallystick'
import {
  definitionDraft,
  type DefinitionWish,
  inputDraft,
  KINDS,
  type NostrEvent,
  OUR_ENGINES,
  type QuotedAnswer,
  signNostrEvent,
} from 'tallystick/nostr'
import { type Defined, definedBy } from '../../src/custodian/definition.ts'
import { type RunningCustodian, startCustodian } from '../../src/custodian/start-custodian.ts'
import type { CustodianStart } from '../../src/custodian/run.ts'
import { createRelayClient, type RelayClient } from '../../src/relay/client.ts'
import type { Filter } from '../../src/relay/filter.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { engine, type Person, person } from '../relay/people.ts'

export const KEEPERS: readonly Person[] = ['north', 'east', 'south', 'west'].map(person)
export const creator: Person = person('creator')

/** Anybody pushes; the third push ends it. */
export const COUNTER: string = JSON.stringify({
  id: 'counter',
  initial: 'counting',
  context: { count: 0 },
  states: {
    counting: {
      on: {
        PUSH: {
          guard: { type: 'expr', params: { cel: 'event.data.by in [1, 2]' } },
          actions: { type: 'assign', params: { set: { count: 'context.count + event.data.by' } } },
        },
      },
    },
  },
})

export const wishFor = (
  text: string,
  relays: readonly string[],
  changes: Partial<DefinitionWish> = {},
): DefinitionWish => ({
  text,
  title: 'a machine for trials',
  description: '',
  states: KEEPERS.map((one) => ({ custodian: one.key, name: 'trial' })),
  engines: OUR_ENGINES,
  custody: { is: 'quorum', threshold: 3 },
  participants: [],
  relays,
  topics: ['nsm'],
  clock: { is: 'agreed', skewMs: 60_000 },
  oracles: [],
  senders: 'anyone',
  ...changes,
})

export const defineMachine = (
  wish: DefinitionWish,
  now: number = Math.floor(Date.now() / 1000),
): Defined => {
  const event = signNostrEvent(definitionDraft(wish, { pubkey: creator.key, now }), creator)
  const defined = definedBy(event, { verifier: engine, logics: STANDARD_LOGICS })
  if (isFault(defined)) throw defined
  return defined
}

export const keeperClient = (): RelayClient => createRelayClient({ verifier: engine })

export const startKeeper = async (
  defined: Defined,
  signer: Person,
  relays: readonly string[],
  changes: Partial<CustodianStart> = {},
): Promise<RunningCustodian & { readonly stop: () => Promise<void> }> => {
  const client = changes.client ?? keeperClient()
  const running = await startCustodian({
    defined,
    relays,
    client,
    store: createMemoryStore(),
    signer,
    verifier: engine,
    clock: () => BigInt(Date.now()),
    log: () => undefined,
    roundMs: 4_000,
    tickTurnMs: 200,
    ...changes,
  })
  return {
    ...running,
    stop: async () => {
      await running.close()
      client.close()
    },
  }
}

export const inputBy = (
  by: Person,
  of: {
    readonly machine: string
    readonly type: string
    readonly data?: object
    readonly parent?: string | undefined
    readonly answers?: readonly QuotedAnswer[]
    readonly now?: number
  },
): NostrEvent =>
  signNostrEvent(
    inputDraft({
      input: {
        machine: of.machine,
        type: of.type,
        parent: of.parent,
        ...(of.answers && { answers: of.answers }),
      },
      data: of.data ? JSON.stringify(of.data) : '',
      pubkey: by.key,
      created_at: of.now ?? Math.floor(Date.now() / 1000),
    }),
    by,
  )

/** What a relay has of a filter once there is enough of it; what there is when the time is over. */
export const untilShown = async (
  client: RelayClient,
  relays: readonly string[],
  filter: Filter,
  isEnough: (events: readonly NostrEvent[]) => boolean,
): Promise<readonly NostrEvent[]> => {
  const end = Date.now() + SHOWN_MS
  for (;;) {
    const { events } = await client.fetch(relays, filter)
    if (isEnough(events) || Date.now() > end) return events
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

const SHOWN_MS = 45_000

export const receiptsOf = (machine: string): Filter => ({ kinds: [KINDS.receipt], '#e': [machine] })
