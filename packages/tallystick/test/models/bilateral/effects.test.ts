import { describe, expect, test } from 'vitest'
import { waitingFor } from '../../../src/models/bilateral/effects.ts'
import {
  carryUntil,
  createPair,
  draftOf,
  give,
  hand,
  peerMessage,
  restart,
  settle,
  type Side,
  wish,
} from './pair.ts'

const kinds = (side: Side): readonly string[] =>
  side.party
    .outstanding(side.state)
    .map((one) => (one.is === 'send' ? `send ${one.message.body.is}` : one.is))

describe('what a state has outstanding', () => {
  test('is the same however often one looks, and after a restart', () => {
    const pair = createPair()
    wish(pair.alice)
    const first = pair.alice.party.outstanding(pair.alice.state)
    expect(pair.alice.party.outstanding(pair.alice.state)).toEqual(first)
    expect(kinds(pair.alice)).toEqual(['send offer'])
    restart(pair.alice)
    expect(pair.alice.party.outstanding(pair.alice.state)).toEqual(first)
  })

  test('keeps its ids until it is to be sent again', () => {
    const pair = createPair()
    wish(pair.alice)
    const ids = (): readonly string[] =>
      pair.alice.party.outstanding(pair.alice.state).map((one) => one.id)
    const before = ids()
    give(pair.alice, { is: 'decide', interaction: draftOf(pair.alice).id, yes: true })
    expect(ids()).toEqual(before)
    give(pair.alice, { is: 'resend' })
    expect(ids()).not.toEqual(before)
  })

  test('follows the conversation until both know of the step', () => {
    const pair = createPair()
    pair.bob.agrees = false
    wish(pair.alice)
    settle(pair)
    expect([kinds(pair.alice), kinds(pair.bob)]).toEqual([['send offer'], ['ask']])
    give(pair.bob, { is: 'decide', interaction: draftOf(pair.bob).id, yes: true })
    expect(kinds(pair.bob)).toEqual(['send accept'])
    const confirm = carryUntil(pair, 'confirm')
    expect(kinds(pair.alice)).toEqual(['send confirm'])
    hand(pair.bob, confirm)
    expect(kinds(pair.bob)).toEqual(['send ack'])
    settle(pair)
    expect(kinds(pair.alice)).toEqual([])
  })

  test('is an abort until the peer shows that it knows', () => {
    const pair = createPair()
    wish(pair.alice)
    give(pair.alice, { is: 'withdraw' })
    expect(kinds(pair.alice)).toEqual(['send abort'])
    hand(pair.alice, peerMessage(pair.alice, { is: 'ack' }, { round: 0 }))
    expect(kinds(pair.alice)).toEqual(['send abort'])
    hand(pair.alice, peerMessage(pair.alice, { is: 'ack' }))
    expect(kinds(pair.alice)).toEqual([])
  })

  test('asks in the words of the logic', () => {
    const pair = createPair()
    wish(pair.alice, 42n)
    settle(pair)
    expect(pair.bob.asked[0]).toMatchObject({ is: 'ask', described: ['count 42'] })
    expect(pair.bob.asked[0]).toMatchObject({ next: { head: { sequence: 1n } } })
  })
})

describe('what a state waits for', () => {
  test('is the one whose word is missing, by name', () => {
    const pair = createPair()
    pair.bob.agrees = false
    expect(waitingFor(pair.alice.state)).toEqual([])
    wish(pair.alice)
    expect(waitingFor(pair.alice.state)).toEqual([{ is: 'signers', names: ['bob'] }])
    settle(pair)
    expect(waitingFor(pair.bob.state)).toEqual([{ is: 'signers', names: ['bob'] }])
    give(pair.bob, { is: 'decide', interaction: draftOf(pair.bob).id, yes: true })
    expect(waitingFor(pair.bob.state)).toEqual([{ is: 'signers', names: ['alice'] }])
  })
})
