import { describe, expect, test } from 'vitest'
import { interactionId } from '../../../src/kernel/interaction.ts'
import { consentDigest } from '../../../src/kernel/consent.ts'
import { roundAbortStatement } from '../../../src/models/bilateral/evidence.ts'
import { message, type Message } from '../../../src/models/bilateral/message.ts'
import { isSameMemory } from '../../../src/models/bilateral/state.ts'
import { alice, anId, bob, engine, type Person } from '../../kernel/sample.ts'
import {
  carryUntil,
  createPair,
  draftOf,
  endorse,
  give,
  hand,
  nextOf,
  type Pair,
  peerMessage,
  refusalOf,
  refusals,
  settle,
  wish,
} from './pair.ts'

type Offered = Pair & { readonly offer: Message & { readonly body: OfferBody } }
type OfferBody = Extract<Message['body'], { is: 'offer' }>

const offered = (): Offered => {
  const pair = createPair()
  pair.bob.agrees = false
  wish(pair.alice)
  const offer = carryUntil(pair, 'offer')
  const { body } = offer
  if (body.is !== 'offer') throw new Error('no offer')
  return { ...pair, offer: { ...offer, body } }
}

const consentBy = (person: Person, of: OfferBody['interaction'], party = 0) => ({
  machine: of.legs[0]?.machine ?? anId<'machine'>('none'),
  party,
  key: 0,
  form: 'raw' as const,
  signature: engine.sign(
    'ed25519',
    person.keys.secret,
    consentDigest('classic', interactionId(of)),
  ),
})

const withBody = (offer: Offered['offer'], changes: Partial<OfferBody>): Message => ({
  ...offer,
  body: { ...offer.body, ...changes },
})

describe('an offer', () => {
  test('is looked at once, however often it comes', () => {
    const { bob: side, offer } = offered()
    hand(side, offer)
    expect(side.asked.map((one) => one.is)).toEqual(['ask'])
    const before = side.state
    hand(side, offer)
    expect(isSameMemory(before, side.state)).toBe(true)
    expect(side.asked).toHaveLength(1)
    give(side, { is: 'decide', interaction: draftOf(side).id, yes: true })
    hand(side, offer)
    expect(side.outbox.filter((one) => one.body.is === 'accept')).toHaveLength(2)
  })

  test('without the proposer’s consent, or with a false one, is refused', () => {
    const { bob: side, offer } = offered()
    const { interaction } = offer.body
    const codeOf = (...consents: OfferBody['consents']): string =>
      refusalOf(side, withBody(offer, { consents })).code
    expect(codeOf()).toBe('consent/missing')
    expect(codeOf(consentBy(bob, interaction))).toBe('consent/bad-signature')
    expect(codeOf(consentBy(bob, interaction, 1))).toBe('consent/missing')
    const good = consentBy(alice, interaction)
    expect(codeOf(good, good)).toBe('consent/given-twice')
    expect(codeOf(good, { ...good, machine: anId('stranger') })).toBe('interaction/unknown-machine')
    expect(codeOf({ ...good, key: 1 })).toBe('consent/missing')
    expect(codeOf(good)).toBe('none')
  })

  test('that leads elsewhere than it says is refused', () => {
    const { bob: side, offer } = offered()
    for (const change of [
      { state: anId<'state-root'>('another state') },
      { sequence: 2n },
      { parent: anId<'transition'>('another parent') },
      { entropy: anId<'entropy'>('other entropy') },
    ]) {
      const transition = { ...offer.body.transition, ...change }
      expect(refusalOf(side, withBody(offer, { transition }))).toEqual({
        code: 'offer/other-result',
        changed: false,
      })
    }
  })

  test('pinned elsewhere, in another suite or with other written legs is refused', () => {
    const { bob: side, offer } = offered()
    const { interaction } = offer.body
    const [leg] = interaction.legs
    if (!leg) throw new Error('no leg')
    const codeOf = (changes: Partial<typeof interaction>): string => {
      const changed = { ...interaction, ...changes }
      const consents = [consentBy(alice, changed)]
      return refusalOf(side, withBody(offer, { interaction: changed, consents })).code
    }
    expect(codeOf({})).toBe('none')
    expect(codeOf({ suite: 'quantum' })).toBe('proposal/wrong-legs')
    expect(codeOf({ legs: [{ ...leg, parent: undefined }] })).toBe('proposal/wrong-legs')
    expect(codeOf({ legs: [{ ...leg, access: 'read' }] })).toBe('proposal/wrong-legs')
    expect(codeOf({ legs: [{ ...leg, machine: anId('other') }] })).toBe('proposal/wrong-legs')
    expect(codeOf({ legs: [leg, { ...leg, machine: anId('other') }] })).toBe('proposal/wrong-legs')
    expect(codeOf({ legs: [{ ...leg, parent: anId('old') }] })).toBe('interaction/wrong-parent')
    expect(codeOf({ operations: [] })).toBe('offer/other-result')
  })

  test('by the one whose turn it is not is refused', () => {
    const pair = createPair()
    wish(pair.bob)
    const request = carryUntil(pair, 'request')
    const { body } = request
    if (body.is !== 'request') throw new Error('no request')
    const transition = nextOf(pair.bob)
    const heard = { ...request, body: { ...body, is: 'offer' as const, transition, aborts: [] } }
    expect(refusalOf(pair.alice, heard).code).toBe('offer/not-your-turn')
    expect(refusalOf(pair.alice, request).code).toBe('none')
  })

  test('of a second thing in one round is refused, until the first is aborted', () => {
    const pair = offered()
    const first = pair.offer
    give(pair.alice, { is: 'withdraw' })
    const abort = pair.alice.outbox.pop()
    wish(pair.alice, 5n)
    const second = pair.alice.outbox.at(-1)
    if (!abort || second?.body.is !== 'offer') throw new Error('no abort and offer')
    hand(pair.bob, first)
    const forged = { ...second, round: 0, body: { ...second.body, aborts: [] } }
    expect(refusalOf(pair.bob, forged)).toEqual({ code: 'offer/second-in-round', changed: false })
    // The second offer brings the abort along.
    hand(pair.bob, second)
    expect(pair.bob.state.book.round).toBe(1)
    expect(draftOf(pair.bob).id).toBe(interactionId(second.body.interaction))
    expect(refusalOf(pair.bob, first).code).toBe('message/aborted-round')
    expect(refusalOf(pair.bob, abort).code).toBe('none')
  })

  test('of a round that was not aborted is refused', () => {
    const { bob: side, offer } = offered()
    expect(refusalOf(side, { ...offer, round: 1 })).toEqual({
      code: 'offer/round-open',
      changed: false,
    })
    const bad = { ...endorse(bob, 0, roundAbortStatement(offer.body.transition, 0)), round: 0 }
    expect(refusalOf(side, { ...withBody(offer, { aborts: [bad] }), round: 1 })).toEqual({
      code: 'certificate/bad-signature',
      changed: false,
    })
  })

  test('that an own vow excludes is turned down under seal, so that the proposer can abort', () => {
    const pair = offered()
    hand(pair.bob, pair.offer)
    const { headId } = pair.bob.state.machine
    // Bob's guard remembers a vote for a step that neither side has any more.
    const vow = { round: 0, phase: 'commit', child: anId<'transition'>('lost'), cited: 0 } as const
    give(pair.bob, { is: 'restored', last: { parent: headId, sequence: 0n, vow } })
    settle(pair)
    give(pair.alice, { is: 'resend' })
    settle(pair)
    expect(refusals(pair.bob)).toContain('vote/not-permitted')
    expect(pair.alice.state.book.round).toBe(1)
    expect(pair.alice.state.pending).toBeUndefined()
    pair.bob.agrees = true
    wish(pair.alice)
    settle(pair)
    expect(pair.bob.state.machine.head.sequence).toBe(1n)
  })
})

describe('a request', () => {
  const requested = () => {
    const pair = createPair()
    pair.alice.agrees = false
    wish(pair.bob)
    return { ...pair, request: carryUntil(pair, 'request') }
  }

  test('is asked about once, and while another step is on its way refused', () => {
    const pair = requested()
    hand(pair.alice, pair.request)
    const before = pair.alice.state
    hand(pair.alice, pair.request)
    expect(isSameMemory(before, pair.alice.state)).toBe(true)
    const busy = createPair()
    wish(busy.alice, 2n)
    expect(refusalOf(busy.alice, pair.request)).toEqual({ code: 'request/busy', changed: false })
  })

  test('that was declined is declined again without asking', () => {
    const pair = requested()
    hand(pair.alice, pair.request)
    give(pair.alice, { is: 'decide', interaction: draftOf(pair.alice).id, yes: false })
    hand(pair.alice, pair.request)
    expect(pair.alice.asked).toHaveLength(1)
    expect(pair.alice.outbox.map((one) => one.body.is)).toEqual(['decline', 'decline'])
  })

  test('to the one whose turn it is not is refused', () => {
    const pair = requested()
    const heard = peerMessage(pair.bob, pair.request.body)
    expect(refusalOf(pair.bob, heard).code).toBe('request/not-our-turn')
  })

  test('gives way when the proposer offers something else', () => {
    const pair = requested()
    wish(pair.alice, 9n)
    settle(pair)
    expect(refusals(pair.bob)).toContain('request/passed-over')
    expect(pair.bob.state.machine.head.sequence).toBe(1n)
    expect(pair.bob.state.machine.headId).toBe(pair.alice.state.machine.headId)
  })

  test('of a round that is over is refused, and from a later round makes us ask', () => {
    const pair = requested()
    expect(refusalOf(pair.alice, { ...pair.request, round: 3 })).toEqual({
      code: 'none',
      changed: true,
    })
    const old = pair.request
    pair.alice.agrees = true
    wish(pair.alice)
    give(pair.alice, { is: 'withdraw' })
    expect(refusalOf(pair.alice, old)).toEqual({ code: 'message/aborted-round', changed: false })
  })
})

describe('turning an offer down', () => {
  test('takes the other’s seal', () => {
    const pair = offered()
    const { id } = draftOf(pair.alice)
    const heard = peerMessage(pair.alice, { is: 'decline', interaction: id, seal: [] })
    expect(refusalOf(pair.alice, heard)).toEqual({ code: 'message/bad-seal', changed: false })
    const signature = new Uint8Array(64)
    const forged = peerMessage(pair.alice, {
      is: 'decline',
      interaction: id,
      seal: [{ party: 1, key: 0, signature }],
    })
    expect(refusalOf(pair.alice, forged)).toEqual({ code: 'message/bad-seal', changed: false })
    expect(message.decode(message.encode(forged))).toEqual(forged)
  })

  test('of something else changes nothing', () => {
    const pair = offered()
    const heard = peerMessage(pair.alice, { is: 'decline', interaction: anId('x'), seal: [] })
    hand(pair.alice, heard)
    expect(pair.alice.state.pending?.stage).toBe('offered')
  })
})
