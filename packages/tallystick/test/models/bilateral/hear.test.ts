import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isFault } from '../../../src/base/fault.ts'
import { signerId } from '../../../src/base/signer.ts'
import { convict } from '../../../src/kernel/evidence.ts'
import type { Transition } from '../../../src/kernel/transition.ts'
import { bilateralVote, roundAbortStatement } from '../../../src/models/bilateral/evidence.ts'
import { message, type Message } from '../../../src/models/bilateral/message.ts'
import { isSameMemory } from '../../../src/models/bilateral/state.ts'
import { alice, anId, bob, engine } from '../../kernel/sample.ts'
import {
  carryUntil,
  createPair,
  endorse,
  env,
  give,
  hand,
  nextOf,
  type Pair,
  peerMessage,
  perform,
  refusalOf,
  refusals,
  settle,
  type Side,
  wish,
} from './pair.ts'

/** Alice has offered, and Bob's vote for it is made and not delivered. */
const offered = (): Pair & { readonly accept: Message } => {
  const pair = createPair()
  wish(pair.alice)
  return { ...pair, accept: carryUntil(pair, 'accept') }
}

/** Bob has voted, and Alice's confirmation is made and not delivered. */
const confirmed = (): Pair & { readonly confirm: Message } => {
  const pair = createPair()
  wish(pair.alice)
  return { ...pair, confirm: carryUntil(pair, 'confirm') }
}

const voteBy = (side: Side, of: Transition, round = 0): Message =>
  peerMessage(side, {
    is: 'accept',
    transition: of,
    signatures: [endorse(bob, 1, bilateralVote(of, round))],
  })

/** Who is convicted of what by what a side holds. */
const convictionsOf = (side: Side): readonly string[] =>
  side.state.evidence.map((one) => {
    const found = convict(one, engine)
    if (isFault(found)) return found.code
    const isBob = found.signer === signerId('classic', 'ed25519', bob.keys.publicKey)
    return `${isBob ? 'bob' : 'somebody else'}: ${found.kind}`
  })

describe('a message', () => {
  test('for another machine, from oneself or from nobody is refused', () => {
    const { alice: side, accept } = offered()
    const machine = anId<'machine'>('another machine')
    expect(refusalOf(side, { ...accept, machine })).toEqual({
      code: 'message/other-machine',
      changed: false,
    })
    for (const from of [0, 2, 255]) {
      expect(refusalOf(side, { ...accept, from })).toEqual({
        code: 'message/not-from-peer',
        changed: false,
      })
    }
    expect(refusalOf(side, accept)).toEqual({ code: 'none', changed: true })
  })

  test('that does not decode changes nothing, whatever is wrong with it', () => {
    const { alice: side, accept } = offered()
    const bytes = message.encode(accept)
    expect(refusalOf(side, bytes.subarray(0, -1))).toEqual({
      code: 'codec/truncated',
      changed: false,
    })
    fc.assert(
      fc.property(
        fc.nat(bytes.length - 1),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        (at, change, isCut) => {
          const damaged = bytes.with(at, (bytes[at] ?? 0) ^ change)
          const heard = refusalOf(side, isCut ? damaged.subarray(0, at) : damaged)
          // A position is only a claim, so changing it may be believed until the next message; nothing else may.
          const isClaim = at >= 34 && at < 78
          if (!isClaim || isCut) expect(heard.changed, `byte ${at}: ${heard.code}`).toBe(false)
        },
      ),
      { numRuns: 300 },
    )
  })

  test('about a head that was passed is refused, answered with where we stand', () => {
    const pair = offered()
    const late = peerMessage(pair.alice, { is: 'decline', interaction: anId('x'), seal: [] })
    hand(pair.alice, pair.accept)
    settle(pair)
    expect(refusalOf(pair.alice, late)).toEqual({ code: 'message/stale-head', changed: false })
    hand(pair.alice, late)
    expect(pair.alice.outbox.at(-1)).toMatchObject({ sequence: 1n, body: { is: 'ack' } })
  })

  test('about another head at the same number is refused', () => {
    const pair = offered()
    const head = anId<'transition'>('another head')
    expect(refusalOf(pair.alice, { ...pair.accept, head })).toEqual({
      code: 'message/other-history',
      changed: false,
    })
  })

  test('from ahead makes us ask, and the next true one sets it right', () => {
    const { alice: side } = offered()
    const forged = peerMessage(side, { is: 'ack' }, { sequence: 99n })
    hand(side, forged)
    expect(side.outbox.at(-1)?.body.is).toBe('catchup')
    expect(side.party.waitingFor(side.state)).toMatchObject([{ is: 'step', sequence: 1n }])
    hand(side, peerMessage(side, { is: 'ack' }))
    expect(side.party.waitingFor(side.state)).toEqual([{ is: 'signers', names: ['bob'] }])
  })
})

describe('a vote', () => {
  test('heard twice changes nothing more, and a late one gets the confirmation again', () => {
    const pair = offered()
    hand(pair.alice, pair.accept)
    const { headId } = pair.alice.state.machine
    const confirms = (): number =>
      pair.alice.outbox.filter((one) => one.body.is === 'confirm').length
    expect(confirms()).toBe(1)
    hand(pair.alice, pair.accept)
    expect(pair.alice.state.machine.headId).toBe(headId)
    expect(confirms()).toBe(2)
    expect(refusals(pair.alice)).toEqual([])
  })

  test.each([
    ['in another round', (of: Transition) => endorse(bob, 1, bilateralVote(of, 1))],
    ['by a stranger', (of: Transition) => endorse(alice, 1, bilateralVote(of, 0))],
    ['over an abort', (of: Transition) => endorse(bob, 1, roundAbortStatement(of, 0))],
    [
      'for another child',
      (of: Transition) =>
        endorse(bob, 1, bilateralVote({ ...of, state: anId('another state') }, 0)),
    ],
  ])('whose signature is made %s is refused', (_, made) => {
    const { alice: side } = offered()
    const transition = nextOf(side)
    const heard = peerMessage(side, { is: 'accept', transition, signatures: [made(transition)] })
    expect(refusalOf(side, heard)).toEqual({ code: 'certificate/bad-signature', changed: false })
    expect(refusalOf(side, voteBy(side, transition)).code).toBe('none')
  })

  test('with no signature, a repeated one or somebody else’s is refused', () => {
    const { alice: side } = offered()
    const transition = nextOf(side)
    const good = endorse(bob, 1, bilateralVote(transition, 0))
    const codeOf = (...signatures: readonly (typeof good)[]): string =>
      refusalOf(side, peerMessage(side, { is: 'accept', transition, signatures })).code
    expect(codeOf()).toBe('accept/not-enough')
    expect(codeOf(good, good)).toBe('certificate/signed-twice')
    expect(codeOf({ ...good, party: 0 })).toBe('certificate/unknown-key')
    expect(codeOf(good)).toBe('none')
  })

  test('for a step that is not the next is refused', () => {
    const { alice: side } = offered()
    const far = { ...nextOf(side), sequence: 2n }
    expect(refusalOf(side, voteBy(side, far))).toEqual({
      code: 'accept/not-offered',
      changed: false,
    })
  })

  test('in a round that was aborted is refused, and answered with the abort', () => {
    const pair = offered()
    give(pair.alice, { is: 'withdraw' })
    pair.alice.outbox.length = 0
    expect(refusalOf(pair.alice, pair.accept).code).toBe('message/aborted-round')
    hand(pair.alice, pair.accept)
    expect(pair.alice.outbox.map((one) => one.body.is)).toEqual(['abort'])
    settle(pair)
    expect(pair.bob.state.book.round).toBe(1)
    expect(pair.bob.state.pending).toBeUndefined()
  })
})

describe('a confirmation', () => {
  test('is final, and heard again is acknowledged again', () => {
    const pair = confirmed()
    hand(pair.bob, pair.confirm)
    expect(pair.bob.state.machine.headId).toBe(pair.alice.state.machine.headId)
    const before = pair.bob.state
    hand(pair.bob, pair.confirm)
    expect(isSameMemory(before, pair.bob.state)).toBe(true)
    expect(pair.bob.outbox.filter((one) => one.body.is === 'ack')).toHaveLength(2)
  })

  test('that lacks a signature, repeats one or has a bad one is refused', () => {
    const { bob: side, confirm } = confirmed()
    const { body } = confirm
    if (body.is !== 'confirm') throw new Error('no confirmation')
    const { certificate, transition } = body
    const [first, second] = certificate.signatures
    if (!first || !second) throw new Error('two signatures')
    const codeOf = (signatures: readonly (typeof first)[]): string =>
      refusalOf(side, {
        ...confirm,
        body: { is: 'confirm', transition, certificate: { ...certificate, signatures } },
      }).code
    expect(codeOf([second])).toBe('confirm/not-enough')
    expect(codeOf([first])).toBe('confirm/not-enough')
    expect(codeOf([first, first])).toBe('certificate/signed-twice')
    expect(codeOf([second, first])).toBe('certificate/signed-twice')
    expect(codeOf([{ ...first, signature: second.signature }, second])).toBe(
      'certificate/bad-signature',
    )
    expect(codeOf([first, second])).toBe('none')
  })

  test('of another step than the one voted for only makes us ask', () => {
    const { bob: side, confirm } = confirmed()
    const { body } = confirm
    if (body.is !== 'confirm') throw new Error('no confirmation')
    const transition = { ...body.transition, state: anId<'state-root'>('another state') }
    expect(refusalOf(side, { ...confirm, body: { ...body, transition } }).code).toBe(
      'confirm/other-step',
    )
    hand(side, { ...confirm, head: anId('another head') })
    expect(side.state.machine.head.sequence).toBe(0n)
    expect(side.outbox.at(-1)?.body.is).toBe('catchup')
  })
})

describe('a peer that breaks its word', () => {
  const forkAt = (side: Side): Transition => ({
    ...nextOf(side),
    state: anId<'state-root'>('another state'),
  })

  test('by two votes in one round is convicted, and the role stops', () => {
    const pair = offered()
    const other = forkAt(pair.alice)
    const first = voteBy(pair.alice, other)
    // A vote for a step that is not on offer makes Alice leave the round; the vote for the offer comes too.
    hand(pair.alice, first)
    hand(pair.alice, pair.accept)
    expect(convictionsOf(pair.alice)).toEqual(['bob: fork'])
    expect(pair.alice.party.outstanding(pair.alice.state)).toEqual([])
    wish(pair.alice)
    expect(refusals(pair.alice).at(-1)).toBe('party/stopped')
    expect(refusalOf(pair.alice, pair.accept)).toEqual({ code: 'party/stopped', changed: false })
    expect(pair.alice.party.waitingFor(pair.alice.state)).toMatchObject([{ is: 'fact' }])
  })

  test('by an abort of the round it voted in is convicted', () => {
    const pair = offered()
    const round = 0
    const by = endorse(bob, 1, roundAbortStatement(nextOf(pair.alice), round))
    const aborted = peerMessage(pair.alice, { is: 'abort', aborts: [{ ...by, round }] })
    give(pair.alice, { is: 'message', bytes: message.encode(aborted) })
    expect(pair.alice.state.book.round).toBe(1)
    hand(pair.alice, pair.accept)
    expect(convictionsOf(pair.alice)).toEqual(['bob: abort-broken'])
  })

  test('is convicted also when the step is long final', () => {
    const pair = offered()
    const late = voteBy(pair.alice, forkAt(pair.alice))
    const aborted = peerMessage(pair.alice, {
      is: 'abort',
      aborts: [{ ...endorse(bob, 1, roundAbortStatement(nextOf(pair.alice), 0)), round: 0 }],
    })
    hand(pair.alice, pair.accept)
    settle(pair)
    const states = [late, aborted].map((heard) =>
      pair.alice.party.step(pair.alice.state, { is: 'message', bytes: message.encode(heard) }, env),
    )
    const found = states.map(({ evidence }) =>
      evidence
        .map((one) => convict(one, engine))
        .map((one) => (isFault(one) ? one.code : one.kind)),
    )
    expect(found).toEqual([['fork'], ['abort-broken']])
  })

  test('in the eyes of somebody who heard a damaged vote is not convicted', () => {
    const pair = offered()
    const transition = forkAt(pair.alice)
    const forged = peerMessage(pair.alice, {
      is: 'accept',
      transition,
      signatures: [endorse(alice, 1, bilateralVote(transition, 0))],
    })
    hand(pair.alice, forged)
    hand(pair.alice, pair.accept)
    expect(pair.alice.state.evidence).toEqual([])
    expect(pair.alice.state.machine.head.sequence).toBe(1n)
  })
})

test('a pair at rest has nothing outstanding on either side', () => {
  const pair = offered()
  hand(pair.alice, pair.accept)
  settle(pair)
  for (const side of [pair.alice, pair.bob]) {
    perform(side)
    expect(side.party.waitingFor(side.state)).toEqual([])
  }
})
