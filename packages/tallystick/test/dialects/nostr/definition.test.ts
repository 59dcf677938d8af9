import { describe, expect, test } from 'vitest'
import {
  definitionDraft,
  definitionFrom,
  type DefinitionWish,
  partiesOf,
} from '../../../src/dialects/nostr/definition.ts'
import type { NostrDraft, NostrEvent } from '../../../src/forms/nostr-event.ts'
import { alice, bob, codeOf, custodian, definitionOf, NOW, signBy, WISH } from './sample.ts'

const event = definitionOf()
const read = definitionFrom(event)
/** As the author's own library publishes a delivery. */
const published: NostrEvent = signBy(alice, {
  pubkey: alice.key,
  created_at: NOW,
  kind: 7500,
  tags: [
    ['state', `30078:${alice.key}:delivery-1`],
    ['title', 'A parcel'],
    ['description', 'From here to there'],
    ['engine', 'xstate@5'],
    ['amount', '5000'],
  ],
  content: '{"id":"atob-delivery","initial":"created","states":{"created":{}}}',
})
const ESCALATION = {
  after: 60_000,
  standIns: [{ key: bob.key, name: 'sue' }],
  threshold: 1,
  faulty: 0,
  custodians: 3,
}
const changed = (change: (tags: NostrDraft['tags']) => NostrDraft['tags']): string =>
  codeOf(() => definitionFrom({ ...event, tags: change(event.tags) }))

describe('a definition', () => {
  test('is read as it was written', () => {
    const { id, creator, createdAt, flags, ...wish } = read
    expect(wish).toEqual(WISH)
    expect({ id, creator, createdAt, flags }).toEqual({
      id: event.id,
      creator: alice.key,
      createdAt: NOW,
      flags: [],
    })
  })

  test.each<Partial<DefinitionWish>>([
    { custody: { is: 'authority' } },
    { custody: { is: 'quorum', threshold: 4, faulty: 1 } },
    { escalation: ESCALATION },
    { custody: { is: 'other', mode: 'tiebreak' } },
    { clock: { is: 'none' } },
    { clock: { is: 'machine', machine: event.id } },
    { oracles: [{ name: 'score', machine: event.id, suite: 'classic', logic: 1 }] },
    { senders: 'participants' },
  ])('is read as it was written with %j', (changes) => {
    expect(definitionFrom(definitionOf(changes))).toMatchObject(changes)
  })

  test('of the author’s own library is read, and told from one of ours', () => {
    const of = definitionFrom(published)
    expect(of.states).toEqual([{ custodian: alice.key, name: 'delivery-1' }])
    expect(of.custody).toEqual({ is: 'authority' })
    expect(of.flags).toEqual([
      'custody-by-default',
      'engine-without-role',
      'floating-engine',
      'legacy',
    ])
  })

  test('has the creator for a party, and those who are neither custodians nor watchtowers', () => {
    expect(partiesOf(read)).toEqual([alice.key, bob.key])
    expect(partiesOf({ ...read, participants: [] })).toEqual([alice.key])
  })

  test('names stand-ins together with when they come, or is refused', () => {
    const BAD = 'nostr-message/bad-tags'
    const helped = definitionOf({ escalation: ESCALATION })
    const changedHelp = (change: (tags: NostrDraft['tags']) => NostrDraft['tags']): string =>
      codeOf(() => definitionFrom({ ...helped, tags: change(helped.tags) }))
    expect(changedHelp((tags) => tags)).toBe('read')
    expect(changedHelp((tags) => tags.filter(([name]) => name !== 'escalation'))).toBe(BAD)
    expect(changedHelp((tags) => [...tags, ['escalation', '1', '1', '0', '3']])).toBe(BAD)
    expect(changedHelp((tags) => [...tags, ['stand-in', 'sue']])).toBe(BAD)
    expect(changedHelp((tags) => tags.filter(([name]) => name !== 'stand-in'))).toBe('read')
  })

  test('is refused where its tags contradict one another or say nothing', () => {
    const BAD = 'nostr-message/bad-tags'
    expect(changed((tags) => tags)).toBe('read')
    expect(changed((tags) => tags.filter(([name]) => name !== 'state'))).toBe(BAD)
    expect(changed((tags) => [...tags, ['state', `30078:${custodian(0).key}:other`]])).toBe(BAD)
    expect(changed((tags) => [...tags, ['state', '1:me:x']])).toBe(BAD)
    expect(changed((tags) => [...tags, ['title', 'Another']])).toBe(BAD)
    expect(changed((tags) => [...tags, ['custody', 'authority']])).toBe(BAD)
    expect(
      changed((tags) => tags.map((tag) => (tag[0] === 'custody' ? ['custody', 'quorum'] : tag))),
    ).toBe(BAD)
    expect(
      changed((tags) => tags.map((tag) => (tag[0] === 'clock' ? ['clock', 'mine'] : tag))),
    ).toBe(BAD)
    expect(changed((tags) => [...tags, ['p', 'me']])).toBe(BAD)
    expect(changed((tags) => [...tags, ['senders', 'friends']])).toBe(BAD)
    expect(codeOf(() => definitionFrom({ ...event, kind: 7501 }))).toBe('nostr-message/wrong-kind')
  })

  test('that no relay would keep is not drafted', () => {
    const by = { pubkey: alice.key, now: NOW }
    expect(codeOf(() => definitionDraft({ ...WISH, text: 'x'.repeat(49_153) }, by))).toBe(
      'nostr-message/too-large',
    )
    expect(codeOf(() => definitionDraft({ ...WISH, text: 'x'.repeat(49_152) }, by))).toBe('read')
  })
})
