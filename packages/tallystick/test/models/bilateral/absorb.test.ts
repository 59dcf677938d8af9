import { describe, expect, test } from 'vitest'
import { BILATERAL_ROUNDS_MAX } from '../../../src/base/limits.ts'
import type { Leg, Premise } from '../../../src/kernel/interaction.ts'
import { message } from '../../../src/models/bilateral/message.ts'
import { Fault } from '../../../src/base/fault.ts'
import { aCharter, adding, anId, opened } from '../../kernel/sample.ts'
import {
  carryUntil,
  createPair,
  draftOf,
  feed,
  give,
  hand,
  type Pair,
  refusals,
  settle,
  type Side,
  wish,
  wishOf,
} from './pair.ts'

/** A pair whose humans have not answered: the next to be asked holds the step. */
const thoughtful = (): Pair => {
  const pair = createPair()
  pair.alice.agrees = false
  pair.bob.agrees = false
  return pair
}

const decide = (side: Side, yes: boolean): void =>
  give(side, { is: 'decide', interaction: draftOf(side).id, yes })

const stages = ({ alice, bob }: Pair): readonly (string | undefined)[] => [
  alice.state.pending?.stage,
  bob.state.pending?.stage,
]

const other = aCharter({ network: 'elsewhere' })

describe('a wish', () => {
  test('waits while another step is on its way, and may follow it', () => {
    const pair = thoughtful()
    wish(pair.alice)
    wish(pair.alice, 2n)
    expect(refusals(pair.alice)).toEqual(['wish/busy'])
    pair.bob.agrees = true
    settle(pair)
    wish(pair.alice, 2n)
    expect(refusals(pair.alice)).toEqual(['wish/busy'])
  })

  test('that the logic refuses never leaves', () => {
    const pair = createPair()
    wish(pair.alice, 1001n)
    expect(refusals(pair.alice)).toEqual(['counter/full'])
    expect(pair.alice.outbox).toEqual([])
    wish(pair.alice, 1000n)
    expect(pair.alice.outbox).toHaveLength(1)
  })

  test('that writes or reads another machine is refused; one that refers to it is not', () => {
    const pair = createPair()
    const legs = (leg: Leg): void =>
      feed(pair.alice, {
        is: 'wish',
        operations: [adding(pair.alice.state.machine, 1n)],
        premises: [],
        legs: [leg],
        consents: [],
        attachments: [],
      })
    const machine = opened(other).id
    legs({ machine, access: 'write', parent: undefined })
    legs({ machine, access: 'read', parent: undefined })
    legs({ machine, access: 'refer', parent: undefined })
    expect(refusals(pair.alice)).toEqual([
      'proposal/wrong-legs',
      'proposal/wrong-legs',
      'interaction/unknown-machine',
    ])
    feed(pair.alice, { is: 'learn', charter: other })
    legs({ machine, access: 'refer', parent: undefined })
    expect(pair.alice.state.pending?.stage).toBe('consenting')
  })
})

describe('a human who is asked', () => {
  test('and declines an offer ends the round for both', () => {
    const pair = thoughtful()
    wish(pair.alice)
    settle(pair)
    expect(stages(pair)).toEqual(['offered', 'asking'])
    decide(pair.bob, false)
    settle(pair)
    expect(stages(pair)).toEqual([undefined, undefined])
    expect([pair.alice, pair.bob].map((side) => side.state.book.round)).toEqual([1, 1])
    expect(pair.alice.state.ended).toMatchObject({ round: 0, by: 1 })
    wish(pair.alice)
    settle(pair)
    decide(pair.bob, true)
    settle(pair)
    expect(pair.alice.state.machine.head.sequence).toBe(1n)
  })

  test('and declines a request ends no round', () => {
    const pair = thoughtful()
    wish(pair.bob)
    settle(pair)
    expect(stages(pair)).toEqual(['asking', 'requested'])
    decide(pair.alice, false)
    settle(pair)
    expect(stages(pair)).toEqual([undefined, undefined])
    expect(pair.bob.state.ended).toMatchObject({ by: 0 })
    expect(pair.alice.state.book.round).toBe(0)
  })

  test('is asked about a request once, and not again by the one who requested', () => {
    const pair = thoughtful()
    wish(pair.bob)
    settle(pair)
    decide(pair.alice, true)
    settle(pair)
    expect(pair.alice.state.machine.head.sequence).toBe(1n)
    expect(pair.bob.asked).toEqual([])
  })

  test('can decide only on what is being asked', () => {
    const pair = thoughtful()
    feed(pair.bob, { is: 'decide', interaction: anId('any'), yes: true })
    wish(pair.alice)
    settle(pair)
    feed(pair.bob, { is: 'decide', interaction: anId('any'), yes: true })
    expect(refusals(pair.bob)).toEqual(['decide/not-asked', 'decide/not-asked'])
    decide(pair.bob, true)
    expect(pair.bob.state.pending?.stage).toBe('accepted')
  })
})

describe('withdrawing', () => {
  test('before anything left costs nothing', () => {
    const pair = thoughtful()
    feed(pair.alice, wishOf(1n, [adding(pair.alice.state.machine, 1n)]))
    expect(pair.alice.state.pending?.stage).toBe('consenting')
    feed(pair.alice, { is: 'withdraw' })
    expect(pair.alice.state.pending).toBeUndefined()
    expect(pair.alice.state.book.round).toBe(0)
    feed(pair.alice, { is: 'withdraw' })
    expect(refusals(pair.alice)).toEqual(['withdraw/nothing-pending'])
  })

  test('an offer is the proposer’s to do until it has voted', () => {
    const pair = thoughtful()
    wish(pair.alice)
    settle(pair)
    give(pair.alice, { is: 'withdraw' })
    settle(pair)
    expect(stages(pair)).toEqual([undefined, undefined])
    expect(pair.bob.state.ended).toMatchObject({ by: 0 })
    expect(pair.bob.state.book.aborts).toEqual(pair.alice.state.book.aborts)
  })

  test('after the vote needs the other: it aborts if it has not voted', () => {
    const pair = thoughtful()
    wish(pair.alice)
    settle(pair)
    decide(pair.bob, true)
    pair.bob.outbox.length = 0
    give(pair.bob, { is: 'withdraw' })
    expect(pair.bob.state.pending?.stage).toBe('accepted')
    expect(pair.bob.outbox.map((one) => one.body.is)).toEqual(['cancel-ask'])
    settle(pair)
    expect(stages(pair)).toEqual([undefined, undefined])
    expect(pair.alice.state.book.round).toBe(1)
    expect(pair.bob.state.machine.head.sequence).toBe(0n)
  })

  test('after the vote needs the other: it finishes if it has voted', () => {
    const pair = thoughtful()
    wish(pair.alice)
    settle(pair)
    decide(pair.bob, true)
    const accept = carryUntil(pair, 'accept')
    give(pair.bob, { is: 'withdraw' })
    hand(pair.alice, accept)
    feed(pair.alice, { is: 'withdraw' })
    expect(refusals(pair.alice)).toEqual(['withdraw/nothing-pending'])
    settle(pair)
    expect(pair.alice.state.machine.head.sequence).toBe(1n)
    expect(pair.bob.state.machine.headId).toBe(pair.alice.state.machine.headId)
    expect(stages(pair)).toEqual([undefined, undefined])
  })

  test('between the own vote and its signature is refused', () => {
    const pair = thoughtful()
    wish(pair.alice)
    settle(pair)
    decide(pair.bob, true)
    const accept = carryUntil(pair, 'accept')
    feed(pair.alice, { is: 'message', bytes: message.encode(accept) })
    expect(pair.alice.state.pending?.stage).toBe('confirming')
    feed(pair.alice, { is: 'withdraw' })
    expect(refusals(pair.alice)).toEqual(['withdraw/already-voted'])
  })

  test('again and again uses the rounds up, and then nothing is proposed there', () => {
    const pair = thoughtful()
    for (let round = 0; round < BILATERAL_ROUNDS_MAX; round++) {
      wish(pair.alice)
      settle(pair)
      give(pair.alice, { is: 'withdraw' })
      settle(pair)
    }
    expect(refusals(pair.alice)).toEqual([])
    expect(pair.bob.state.book.round).toBe(BILATERAL_ROUNDS_MAX)
    wish(pair.alice)
    expect(refusals(pair.alice)).toEqual(['round/too-many'])
  })
})

describe('premises', () => {
  const premise: Premise = {
    is: 'time',
    machine: opened(other).id,
    transition: anId('moment'),
    atLeast: 5n,
  }
  const wishWith = (side: Side): void =>
    give(side, {
      is: 'wish',
      operations: [adding(side.state.machine, 1n)],
      premises: [premise],
      legs: [],
      consents: [],
      attachments: [Uint8Array.of(7)],
    })
  const prove = (side: Side, proven = [premise]): void =>
    give(side, { is: 'proven', interaction: draftOf(side).id, proven, grade: 'provisional' })

  test('are proven on both sides before anybody is asked, and lend the step their grade', () => {
    const pair = thoughtful()
    wishWith(pair.alice)
    expect(pair.alice.asked.at(-1)).toMatchObject({ is: 'prove', attachments: [Uint8Array.of(7)] })
    expect(pair.alice.outbox).toEqual([])
    prove(pair.alice)
    settle(pair)
    expect(pair.bob.state.pending?.stage).toBe('proving')
    expect(pair.bob.asked.map((one) => one.is)).toEqual(['prove'])
    prove(pair.bob)
    expect(pair.bob.asked.at(-1)).toMatchObject({ is: 'ask', grade: 'provisional' })
    decide(pair.bob, true)
    settle(pair)
    expect(pair.bob.state.history?.step.grade).toBe('provisional')
    expect(pair.bob.state.history?.step.attachments).toEqual([Uint8Array.of(7)])
  })

  test('that are not proven end the step: the own is dropped, the other’s aborted', () => {
    const pair = thoughtful()
    const fault = new Fault('fact/other-root', 'not proven')
    wishWith(pair.alice)
    feed(pair.alice, { is: 'unproven', interaction: draftOf(pair.alice).id, fault })
    expect(pair.alice.state.pending).toBeUndefined()
    wishWith(pair.alice)
    prove(pair.alice)
    settle(pair)
    give(pair.bob, { is: 'unproven', interaction: draftOf(pair.bob).id, fault })
    settle(pair)
    expect(stages(pair)).toEqual([undefined, undefined])
    expect(pair.alice.state.ended).toMatchObject({ by: 1 })
  })

  test('proven for something else do not count', () => {
    const pair = thoughtful()
    wishWith(pair.alice)
    prove(pair.alice, [{ ...premise, transition: anId('another moment') }])
    expect(refusals(pair.alice)).toEqual(['interaction/unproven-premise'])
    expect(pair.alice.state.pending).toBeUndefined()
    feed(pair.alice, { is: 'proven', interaction: anId('any'), proven: [], grade: 'certified' })
    expect(refusals(pair.alice).at(-1)).toBe('proof/not-asked')
  })
})

test('machines referred to are learnt once, and a bounded number of them', () => {
  const { alice } = createPair()
  feed(alice, { is: 'learn', charter: other })
  const { known } = alice.state
  expect(known.size).toBe(1)
  feed(alice, { is: 'learn', charter: other })
  expect(alice.state.known).toBe(known)
  for (let one = 0; one < 256; one++) {
    feed(alice, { is: 'learn', charter: aCharter({ network: `n${one}` }) })
  }
  expect(alice.state.known.size).toBe(256)
  expect(refusals(alice)).toEqual(['learn/too-many'])
})
