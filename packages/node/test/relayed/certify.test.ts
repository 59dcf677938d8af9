import {
  certifiedStepDraft,
  certifiedStepFrom,
  type NostrEvent,
  receiptFrom,
  signNostrEvent,
} from 'tallystick/nostr'
import { describe, expect, test } from 'vitest'
import { publishSteps } from '../../src/relayed/certify.ts'
import type { CertifiedStep } from '../../src/relayed/history.ts'
import { type Keyholder, keyholder, receiptsFor } from './custodians.ts'
import { add, alice, defined, definition, NOW } from './sample.ts'

const bob = keyholder('bob')
const at = { definition: definition.id, seats: [0], time: NOW * 1000 }
const [receipt] = receiptsFor(defined.genesis, add(undefined), at).receipts
const { transition, interaction } = receiptFrom(receipt as NostrEvent)
if (!interaction) throw new Error('receipts show what was done')
const certificate = new Uint8Array(8).fill(1)
const step = { transition, interaction, certificate, consents: [], operators: ['north'] }

type Said = { readonly certificate?: Uint8Array; readonly consents?: CertifiedStep['consents'] }
const saidBy = (by: Keyholder, changed: Said = {}, accepted = new Uint8Array(0)): NostrEvent => {
  const of = { machine: definition.id, author: by.key, transition, interaction, certificate }
  const draft = certifiedStepDraft({ ...of, consents: [], accepted, ...changed }, NOW)
  return signNostrEvent(draft, by)
}

/** What alice publishes where these events are known. */
const published = async (...known: readonly NostrEvent[]): Promise<readonly NostrEvent[]> => {
  const told: NostrEvent[] = []
  const office = {
    events: () => new Map(known.map((one) => [one.id, one])),
    history: () => ({ steps: [step] }),
    definition: defined.definition,
    folder: { key: alice.key, relays: [] },
    client: { publish: (_: unknown, event: NostrEvent) => Promise.resolve(told.push(event)) },
    output: {},
    sign: (draft: Parameters<typeof signNostrEvent>[0]) =>
      Promise.resolve(signNostrEvent(draft, alice)),
    add: () => true,
  }
  await publishSteps(office as never)
  return told
}

describe('a step that operators have certified', () => {
  test('is published unless an event shows it already', async () => {
    const [first, ...others] = await published()
    expect(others).toEqual([])
    expect(certifiedStepFrom(first as NostrEvent)).toMatchObject({ transition, certificate })
    expect(await published(saidBy(bob))).toEqual([])
    expect(await published(saidBy(bob, {}, new Uint8Array(4)))).toEqual([])
  })

  test('is not shown by a false event that bears its name', async () => {
    const signature = new Uint8Array(64)
    const consent = {
      machine: defined.genesis.id,
      party: 0,
      key: 0,
      form: 'raw',
      signature,
    } as const
    const draft = { ...saidBy(bob), content: 'ab' }
    const junk = [
      saidBy(bob, { certificate: new Uint8Array(8).fill(2) }),
      saidBy(bob, { consents: [consent] }),
      signNostrEvent(draft, bob),
    ]
    expect(await published(...junk)).toHaveLength(1)
    expect(await published(...junk, saidBy(bob))).toEqual([])
  })

  test('is published once by each folder, whatever certificate it had then', async () => {
    expect(await published(saidBy(alice, { certificate: new Uint8Array(8).fill(2) }))).toEqual([])
  })
})
