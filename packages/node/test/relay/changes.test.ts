import { hexFromBytes } from 'tallystick/base'
import {
  AMEND,
  type Consent,
  consentDigest,
  type Interaction,
  interactionId,
  type Machine,
  statementDigest,
  terms as termsCodec,
  type Transition,
} from 'tallystick/kernel'
import {
  acceptanceVote,
  applicationAt,
  custodianCertificate,
  custodianTerms,
  policyOf,
} from 'tallystick/models'
import { acceptanceDraft, changeDraft, type NostrEvent, signNostrEvent } from 'tallystick/nostr'
import { describe, expect, test } from 'vitest'
import { createChanges, interactionTagOf } from '../../src/relay/changes.ts'
import { CHANGES_PER_HEAD_MAX } from '../../src/relay/limits.ts'
import { COUNTER, defineMachine, KEEPERS, wishFor } from '../custodian/scene.ts'
import { alice, bob, engine, NOW, type Person } from './people.ts'

const defined = defineMachine(
  wishFor(COUNTER, [], {
    participants: [alice, bob].map(({ key }) => ({ key, relay: '', role: 'player' })),
  }),
)
const { genesis, charter, definition } = defined
const [north, east] = KEEPERS
if (!north || !east) throw new Error('there are four')

const policy = custodianTerms(
  policyOf(
    [north, east].map(({ key, publicKey }) => ({ name: key, scheme: 'bip340', publicKey })),
    1,
  ),
)
const argument = termsCodec.encode({ ...charter.terms, policy })
const change: Interaction = applicationAt(genesis, {
  operations: [{ machine: genesis.id, logic: AMEND, argument }],
  beside: [],
})
const partyOf = ({ key }: Person): number =>
  charter.terms.participants.findIndex((one) => one.name === key)
const consentBy = (by: Person, as = by): Consent => ({
  machine: genesis.id,
  party: partyOf(as),
  key: 0,
  form: 'raw',
  signature: by.sign(consentDigest('nostr', interactionId(change))),
})
const said = (by: Person, ...consents: readonly Consent[]): NostrEvent =>
  signNostrEvent(
    changeDraft({ machine: definition.id, author: by.key, interaction: change, consents }, NOW),
    by,
  )
const step: Transition = { ...genesis.head, sequence: 1n, interaction: interactionId(change) }
const accepting = (by: Person, signer: number, time = 5n, signed = time): NostrEvent => {
  const acceptance = { signer, round: 0, cited: 0, time }
  const vote = acceptanceVote(step, { ...acceptance, time: signed })
  const signature = by.sign(statementDigest('nostr', vote))
  const of = {
    machine: definition.id,
    custodian: by.key,
    transition: step,
    acceptance: { ...acceptance, signature },
  }
  return signNostrEvent(acceptanceDraft(of, NOW), by)
}
const begin = () => createChanges(charter, definition.id, engine)
const signersIn = (certificate: Uint8Array): readonly number[] => {
  if (certificate.length === 0) return []
  const read = custodianCertificate.decode(certificate)
  return read.is === 'acceptances' ? read.acceptances.map((one) => one.signer) : []
}

describe('changes of terms over relays', () => {
  test('gather the consents of several, in any order, each once', () => {
    const changes = begin()
    expect(changes.take(said(bob, consentBy(bob)))).toBe(true)
    expect(changes.take(said(bob, consentBy(bob)))).toBe(false)
    expect(changes.take(said(alice, consentBy(alice)))).toBe(true)
    expect(changes.consentsTo(change).map((one) => one.party)).toEqual([bob, alice].map(partyOf))
    expect(changes.openAt(genesis).map((one) => one.interaction)).toEqual([change])
    expect(changes.openAt({ ...genesis, headId: genesis.id as never })).toEqual([])
  })

  test('count no consent that is not signed by whom it names, and nothing without one', () => {
    const changes = begin()
    expect(changes.take(said(bob, consentBy(bob, alice)))).toBe(false)
    expect(changes.take(said(bob))).toBe(false)
    expect(changes.openAt(genesis)).toEqual([])
  })

  test('gather acceptances of those whom the new terms name, by their own keys', () => {
    const changes = begin()
    changes.take(accepting(east, 1))
    expect(signersIn(changes.acceptedFor(step, change))).toEqual([1])
    changes.take(accepting(alice, 0))
    expect(signersIn(changes.acceptedFor(step, change))).toEqual([1])
    changes.take(accepting(north, 0))
    expect(signersIn(changes.acceptedFor(step, change))).toEqual([0, 1])
    expect(signersIn(changes.acceptedFor({ ...step, sequence: 2n }, change))).toEqual([])
  })

  test('leave out an acceptance that is not signed, and keep those of others', () => {
    const changes = begin()
    changes.take(accepting(north, 0, 5n, 6n))
    changes.take(accepting(east, 1))
    expect(signersIn(changes.acceptedFor(step, change))).toEqual([1])
  })
})

const wished = (fill: number, head = genesis.headId): Interaction => {
  const operations = [
    { machine: genesis.id, logic: 0, argument: new Uint8Array([fill & 255, fill >> 8]) },
  ]
  const at = { ...genesis, headId: head }
  return applicationAt(at, { operations, beside: [] })
}
const wishedBy = (by: Person, interaction: Interaction, author = by): NostrEvent => {
  const signature = by.sign(consentDigest('nostr', interactionId(interaction)))
  const consents = [
    { machine: genesis.id, party: partyOf(by), key: 0, form: 'raw' as const, signature },
  ]
  const of = { machine: definition.id, author: author.key, interaction, consents }
  return signNostrEvent(changeDraft(of, NOW), author)
}
const headNamed = (name: number): Machine['headId'] =>
  hexFromBytes(new Uint8Array(32).fill(name)) as never

describe('room for changes', () => {
  test('is each participant’s own: what one signs for nothing keeps no step of another out', () => {
    const changes = begin()
    const more = Array.from({ length: CHANGES_PER_HEAD_MAX + 4 }, (_, n) =>
      wishedBy(bob, wished(n)),
    )
    expect(more.filter((one) => changes.take(one))).toHaveLength(CHANGES_PER_HEAD_MAX)
    expect(changes.take(wishedBy(alice, wished(999)))).toBe(true)
    expect(changes.openAt(genesis)).toContainEqual(
      expect.objectContaining({ interaction: wished(999) }),
    )
  })

  test('is not needed for steps that were certified, where the events are kept elsewhere', () => {
    const step = wished(999)
    const events = [wishedBy(bob, step), wishedBy(alice, step)]
    const flood = Array.from({ length: CHANGES_PER_HEAD_MAX }, (_, n) => wishedBy(bob, wished(n)))
    const without = begin()
    const changes = createChanges(charter, definition.id, engine, (id) =>
      [...flood, ...events].filter((one) => interactionTagOf(one) === id),
    )
    for (const one of [...flood, ...events]) for (const each of [without, changes]) each.take(one)
    expect(without.consentsTo(step).map((one) => one.party)).toEqual([partyOf(alice)])
    expect(new Set(changes.consentsTo(step).map((one) => one.party))).toEqual(
      new Set([alice, bob].map(partyOf)),
    )
    expect(
      changes
        .eventsOf(step)
        .map((one) => one.id)
        .toSorted(),
    ).toEqual(events.map((one) => one.id).toSorted())
  })

  test('is not given to a step that is pinned at no head of the machine', () => {
    const changes = begin()
    const other = { ...genesis, id: headNamed(9) as never }
    const elsewhere = applicationAt(other, { operations: [], beside: [] })
    expect(changes.take(wishedBy(bob, elsewhere))).toBe(false)
  })

  test('takes a consent once, however often one event bears it', () => {
    const changes = begin()
    changes.take(said(bob, consentBy(bob), consentBy(bob)))
    expect(changes.consentsTo(change)).toHaveLength(1)
  })
})
