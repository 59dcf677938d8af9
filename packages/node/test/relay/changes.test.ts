import {
  AMEND,
  type Consent,
  consentDigest,
  type Interaction,
  interactionId,
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
import { createChanges } from '../../src/relay/changes.ts'
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
