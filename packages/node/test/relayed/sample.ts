/** A counter that four custodians hold, with its definition and inputs. */
import {
  definitionDraft,
  type DefinitionWish,
  inputDraft,
  type NostrEvent,
  OUR_ENGINES,
  signNostrEvent,
} from 'tallystick/nostr'
import { createLedger, type History, type LedgerOptions } from '../../src/relayed/history.ts'
import { type Defined, definedBy } from '../../src/relayed/office.ts'
import { engine, type Keyholder, KEYHOLDERS, keyholder, NAMES } from './custodians.ts'

export const NOW = 1_700_000_000
export const alice: Keyholder = keyholder('alice')

const text = JSON.stringify({
  id: 'count',
  initial: 'on',
  context: { n: 0 },
  states: {
    on: { on: { ADD: { actions: { type: 'assign', params: { set: { n: 'context.n + 1' } } } } } },
  },
})

const define = (participants: DefinitionWish['participants']): NostrEvent =>
  signNostrEvent(
    definitionDraft(
      {
        text,
        title: 'Count',
        description: '',
        states: KEYHOLDERS.map(({ key }, at) => ({ custodian: key, name: `x:${NAMES[at] ?? ''}` })),
        engines: OUR_ENGINES,
        custody: { is: 'quorum', threshold: 3 },
        participants,
        relays: [],
        topics: ['nsm'],
        clock: { is: 'agreed', skewMs: 60_000 },
        oracles: [],
        senders: 'anyone',
      },
      { pubkey: alice.key, now: NOW },
    ),
    alice,
  )

export const definition: NostrEvent = define([])
export const defined: Defined = definedBy(definition, engine)

/** The same where somebody takes part, whose consent changes its terms. */
export const owned: NostrEvent = define([{ key: alice.key, relay: '', role: 'player' }])

export const add = (parent: string | undefined, machine: string = definition.id): NostrEvent =>
  signNostrEvent(
    inputDraft({
      input: { machine, type: 'ADD', parent },
      data: '',
      pubkey: alice.key,
      created_at: NOW + 1,
    }),
    alice,
  )

/** What these events alone show of a machine. */
export const historyFrom = (events: readonly NostrEvent[], by: LedgerOptions): History => {
  const ledger = createLedger(by)
  ledger.take(events)
  return ledger.now()
}
