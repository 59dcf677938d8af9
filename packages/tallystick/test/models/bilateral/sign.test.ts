import { describe, expect, test } from 'vitest'
import { isFault } from '../../../src/base/fault.ts'
import type { Charter } from '../../../src/kernel/charter.ts'
import { consentDigest } from '../../../src/kernel/consent.ts'
import type { Key } from '../../../src/kernel/controller.ts'
import { statementDigest } from '../../../src/kernel/statement.ts'
import { bilateralVote } from '../../../src/models/bilateral/evidence.ts'
import { bilateralCertificate } from '../../../src/models/bilateral/certificate.ts'
import { message } from '../../../src/models/bilateral/message.ts'
import { createParty, type Party } from '../../../src/models/bilateral/party.ts'
import type { PartyEffect, PartyState } from '../../../src/models/bilateral/state.ts'
import { adding, alice, bob, carol, engine, logics, participantOf } from '../../kernel/sample.ts'
import {
  createPair,
  draftOf,
  env,
  feed,
  nextOf,
  refusals,
  relationship,
  settle,
  wish,
  wishOf,
} from './pair.ts'

const signsOf = (
  party: Party,
  state: PartyState,
): readonly Extract<PartyEffect, { is: 'sign' }>[] =>
  party.outstanding(state).filter((one) => one.is === 'sign')

describe('signatures are asked for', () => {
  test('one at a time: the consent, then after the vow the vote', () => {
    const { alice: side, bob: other } = createPair()
    feed(side, wishOf(1n, [adding(side.state.machine, 1n)]))
    const [consent, ...none] = signsOf(side.party, side.state)
    expect(none).toEqual([])
    expect(consent).toMatchObject({ key: 0, what: { is: 'consent' } })
    expect(consent?.digest).toEqual(consentDigest('classic', draftOf(side).id))
    expect(side.state.book.vows).toEqual([])
    wish(side)
    const pair = createPair()
    wish(pair.alice)
    const [offer] = pair.alice.outbox
    if (!offer) throw new Error('no offer')
    feed(other, { is: 'message', bytes: message.encode(offer) })
    expect(signsOf(other.party, other.state)).toEqual([])
    feed(other, { is: 'decide', interaction: draftOf(other).id, yes: true })
    const [vote] = signsOf(other.party, other.state)
    expect(vote?.digest).toEqual(statementDigest('classic', bilateralVote(nextOf(other), 0)))
    expect(other.state.book.vows).toMatchObject([{ round: 0, phase: 'commit' }])
  })

  test('and taken only if they were asked for and verify', () => {
    const { alice: side } = createPair()
    feed(side, wishOf(1n, [adding(side.state.machine, 1n)]))
    const [wanted] = signsOf(side.party, side.state)
    if (!wanted) throw new Error('no signature is wanted')
    const { digest, key } = wanted
    const signature = engine.sign('ed25519', alice.keys.secret, digest)
    feed(side, { is: 'signed', digest, key, signature: signature.with(0, (signature[0] ?? 0) ^ 1) })
    feed(side, { is: 'signed', digest, key: 1, signature })
    feed(side, { is: 'signed', digest: digest.with(0, (digest[0] ?? 0) ^ 1), key, signature })
    const bobs = engine.sign('ed25519', bob.keys.secret, digest)
    feed(side, { is: 'signed', digest, key, signature: bobs })
    expect(refusals(side)).toEqual([
      'signed/bad-signature',
      'signed/not-asked',
      'signed/not-asked',
      'signed/bad-signature',
    ])
    feed(side, { is: 'signed', digest, key, signature })
    expect(side.state.pending?.stage).toBe('offered')
    feed(side, { is: 'signed', digest, key, signature })
    expect(refusals(side).at(-1)).toBe('signed/not-asked')
  })
})

describe('a party of several keys', () => {
  const keyOf = (of: typeof alice): Key => ({
    scheme: 'ed25519',
    publicKey: of.keys.publicKey,
    weight: 1,
  })
  const third = { name: 'third', keys: engine.fromSeed('ed25519', new Uint8Array(32).fill(3)) }
  const plain = relationship()
  const charter: Charter = {
    ...plain,
    terms: {
      ...plain.terms,
      participants: [
        {
          name: 'alice',
          controller: { keys: [keyOf(alice), keyOf(carol), keyOf(third)], threshold: 2 },
        },
        participantOf(bob),
      ],
    },
  }
  const partyWith = (keys: readonly number[]) =>
    createParty({ charter, party: 0, keys, logics, verifier: engine })

  test('signs with as many as it takes, and is refused with fewer', () => {
    expect(isFault(partyWith([0, 2]))).toBe(false)
    for (const keys of [[0], [], [0, 0], [0, 3]]) {
      expect(partyWith(keys)).toMatchObject({ code: 'party/no-such-key' })
    }
  })

  test('has a step final once each of them has signed', () => {
    const people = [alice, carol, third]
    const team = partyWith([0, 2])
    const other = createParty({ charter, party: 1, keys: [0], logics, verifier: engine })
    if (isFault(team) || isFault(other)) throw new Error('a party was refused')
    let [a, b] = [team.begin(), other.begin()]
    let asked = 0
    const turn = (party: Party, state: PartyState, of: readonly (typeof alice)[]): PartyState => {
      let now = state
      for (let wanted = signsOf(party, now); wanted.length > 0; wanted = signsOf(party, now)) {
        const [{ digest, key }] = wanted as [(typeof wanted)[0]]
        const secret = of[key]?.keys.secret ?? new Uint8Array(32)
        asked += 1
        const signature = engine.sign('ed25519', secret, digest)
        now = party.step(now, { is: 'signed', digest, key, signature }, env)
      }
      return now
    }
    const sent = (party: Party, state: PartyState): Uint8Array => {
      const found = party.outstanding(state).find((one) => one.is === 'send')
      if (found?.is !== 'send') throw new Error('nothing is sent')
      return message.encode(found.message)
    }
    a = turn(team, team.step(a, wishOf(1n, [adding(a.machine, 1n)]), env), people)
    expect(asked).toBe(2)
    b = other.step(b, { is: 'message', bytes: sent(team, a) }, env)
    const id = b.pending?.draft.id
    if (!id) throw new Error('Bob was not asked')
    b = turn(other, other.step(b, { is: 'decide', interaction: id, yes: true }, env), [bob])
    a = turn(team, team.step(a, { is: 'message', bytes: sent(other, b) }, env), people)
    const certificate = bilateralCertificate.decode(a.history?.step.certificate ?? new Uint8Array())
    expect(certificate.signatures.map(({ party, key }) => [party, key])).toEqual([
      [0, 0],
      [0, 2],
      [1, 0],
    ])
    b = other.step(b, { is: 'message', bytes: sent(team, a) }, env)
    expect(b.machine.headId).toBe(a.machine.headId)
  })

  test('leaves a round with enough of them to end it', () => {
    const team = partyWith([0, 2])
    if (isFault(team)) throw team
    const people = [alice, carol, third]
    let state = team.step(team.begin(), wishOf(1n, [adding(team.begin().machine, 1n)]), env)
    const signAll = (): void => {
      for (const { digest, key } of signsOf(team, state)) {
        const secret = people[key]?.keys.secret ?? new Uint8Array(32)
        const signature = engine.sign('ed25519', secret, digest)
        state = team.step(state, { is: 'signed', digest, key, signature }, env)
      }
    }
    signAll()
    state = team.step(state, { is: 'withdraw' }, env)
    expect(state.book.round).toBe(0)
    signAll()
    expect(state.book.round).toBe(1)
    expect(state.book.aborts.map((one) => one.key)).toEqual([0, 2])
  })
})

test('signatures of a party that lost its memory are seals alone', () => {
  const pair = createPair()
  wish(pair.alice)
  settle(pair)
  feed(pair.alice, { is: 'restored', last: undefined })
  feed(pair.bob, { is: 'restored', last: undefined })
  settle(pair)
  for (const { party, state } of [pair.alice, pair.bob]) {
    for (const one of signsOf(party, state)) expect(one.what.is).toBe('seal')
  }
})
