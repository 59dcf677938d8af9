import { describe, expect, test } from 'vitest'
import { message, type Message, type MessageBody } from '../../../src/models/bilateral/message.ts'
import { type PartyState, stepsOf } from '../../../src/models/bilateral/state.ts'
import { anId } from '../../kernel/sample.ts'
import {
  createPair,
  env,
  feed,
  give,
  hand,
  type Pair,
  peerMessage,
  perform,
  refusalOf,
  refusals,
  restart,
  settle,
  type Side,
  wish,
} from './pair.ts'

/** Both have made some steps; `past` holds Alice's state before each. */
const walked = (count: number): Pair & { readonly past: readonly PartyState[] } => {
  const pair = createPair()
  const past: PartyState[] = []
  for (let step = 0; step < count; step++) {
    past.push(pair.alice.state)
    wish(step % 2 === 0 ? pair.alice : pair.bob)
    settle(pair)
  }
  return { ...pair, past }
}

const putBack = (side: Side, state: PartyState | undefined): void => {
  if (!state) throw new Error('no such state')
  side.state = state
  restart(side)
}

type Steps = Extract<MessageBody, { is: 'steps' }>

/** Bob's answer to whatever Alice asks now. */
const answerFor = (pair: Pair): Message & { readonly body: Steps } => {
  perform(pair.alice)
  const asked = pair.alice.outbox.splice(0).find((one) => one.body.is === 'catchup')
  if (!asked) throw new Error('nothing was asked')
  hand(pair.bob, asked)
  const answer = pair.bob.outbox.splice(0).find((one) => one.body.is === 'steps')
  if (answer?.body.is !== 'steps') throw new Error('no answer')
  return { ...answer, body: answer.body }
}

describe('a party that is behind', () => {
  test('asks for what it lacks and gets there, over several answers if need be', () => {
    for (const lag of [1, 3, 80]) {
      const pair = walked(81)
      putBack(pair.alice, pair.past[81 - lag])
      hand(pair.alice, peerMessage(pair.alice, { is: 'ack' }, { sequence: 81n }))
      settle(pair)
      expect(pair.alice.state.machine.headId).toBe(pair.bob.state.machine.headId)
      expect(stepsOf(pair.alice.state).map((one) => one.id)).toEqual(
        stepsOf(pair.bob.state).map((one) => one.id),
      )
    }
  })

  test('believes steps for their certificates, not for who sends them', () => {
    const pair = walked(3)
    putBack(pair.alice, pair.past[1])
    feed(pair.alice, {
      is: 'message',
      bytes: message.encode(peerMessage(pair.alice, { is: 'ack' }, { sequence: 3n })),
    })
    const answer = answerFor(pair)
    const [first, second] = answer.body.steps
    if (!first || !second) throw new Error('two steps')
    const codeOf = (...steps: readonly (typeof first)[]): string =>
      refusalOf(pair.alice, { ...answer, body: { ...answer.body, steps } }).code
    expect(codeOf(second)).toBe('steps/gap')
    expect(codeOf({ ...first, certificate: second.certificate })).toBe('certificate/bad-signature')
    expect(codeOf({ ...first, certificate: new Uint8Array(12) })).toBe('steps/not-final')
    expect(codeOf({ ...first, certificate: new Uint8Array(3) })).toBe('codec/truncated')
    expect(codeOf({ ...first, interaction: { ...first.interaction, operations: [] } })).toBe(
      'steps/other-result',
    )
    const state = anId<'state-root'>('another state')
    expect(codeOf({ ...first, transition: { ...first.transition, state } })).toBe(
      'certificate/bad-signature',
    )
    expect(codeOf(first, second)).toBe('none')
  })

  test('keeps what it took when a repeat comes', () => {
    const pair = walked(3)
    putBack(pair.alice, pair.past[1])
    hand(pair.alice, peerMessage(pair.alice, { is: 'ack' }, { sequence: 3n }))
    const [asked] = pair.alice.outbox.splice(0)
    if (!asked) throw new Error('nothing was asked')
    hand(pair.bob, asked)
    const [answer] = pair.bob.outbox.splice(0)
    if (!answer) throw new Error('no answer')
    hand(pair.alice, answer)
    const { headId } = pair.alice.state.machine
    expect(refusalOf(pair.alice, answer)).toEqual({ code: 'none', changed: false })
    expect(pair.alice.state.machine.headId).toBe(headId)
  })

  test('whose head is on no history of ours is told nothing', () => {
    const pair = walked(3)
    const heard = peerMessage(
      pair.bob,
      { is: 'catchup', challenge: undefined },
      { sequence: 1n, head: anId('another head'), round: 0 },
    )
    expect(refusalOf(pair.bob, heard)).toEqual({ code: 'message/other-history', changed: false })
  })
})

describe('a party whose memory was put back', () => {
  const restored = (): ReturnType<typeof walked> => {
    const pair = walked(4)
    putBack(pair.alice, pair.past[2])
    feed(pair.alice, { is: 'restored', last: undefined })
    return pair
  }

  test('signs nothing and takes nothing until its question is answered', () => {
    const pair = restored()
    wish(pair.alice)
    expect(refusals(pair.alice)).toEqual(['party/quarantined'])
    expect(pair.alice.party.waitingFor(pair.alice.state)).toEqual([
      { is: 'fact', about: 'what bob remembers of this machine' },
    ])
    const old = peerMessage(pair.alice, { is: 'ack' })
    expect(refusalOf(pair.alice, old)).toEqual({ code: 'party/quarantined', changed: false })
    settle(pair)
    expect(pair.alice.state.quarantine).toBeUndefined()
    expect(pair.alice.state.machine.headId).toBe(pair.bob.state.machine.headId)
  })

  test('takes no answer from before, to another question, unsealed or from one who forgot too', () => {
    const pair = restored()
    const answer = answerFor(pair)
    const codeOf = (changes: Partial<Steps>): string =>
      refusalOf(pair.alice, { ...answer, body: { ...answer.body, ...changes } }).code
    const [seal] = answer.body.seal
    if (!seal) throw new Error('no seal')
    expect(codeOf({ challenge: undefined })).toBe('message/before-restore')
    expect(codeOf({ challenge: new Uint8Array(32).fill(9) })).toBe('message/before-restore')
    expect(codeOf({ seal: [] })).toBe('message/bad-seal')
    expect(codeOf({ seal: [seal, seal] })).toBe('message/bad-seal')
    expect(codeOf({ seal: [{ ...seal, party: 0 }] })).toBe('message/bad-seal')
    expect(codeOf({ steps: answer.body.steps.slice(1) })).toBe('message/bad-seal')
    expect(codeOf({ sound: false })).toBe('steps/not-sound')
    expect(codeOf({})).toBe('none')
    const later = pair.alice.party.step(
      pair.alice.state,
      { is: 'restored', last: undefined },
      { ...env, random: new Uint8Array(32).fill(1) },
    )
    pair.alice.state = later
    expect(refusalOf(pair.alice, answer).code).toBe('message/before-restore')
  })

  test('stays where it is if both have forgotten', () => {
    const pair = restored()
    feed(pair.bob, { is: 'restored', last: undefined })
    settle(pair)
    expect([pair.alice, pair.bob].map((one) => one.state.quarantine !== undefined)).toEqual([
      true,
      true,
    ])
    expect(refusals(pair.alice)).toContain('steps/not-sound')
  })

  test('gets its own offer back from the one who voted for it, and finishes it', () => {
    const pair = walked(2)
    const before = pair.alice.state
    wish(pair.alice, 7n)
    const [offer] = pair.alice.outbox.splice(0)
    if (!offer) throw new Error('no offer')
    hand(pair.bob, offer)
    pair.bob.outbox.length = 0
    putBack(pair.alice, before)
    give(pair.alice, { is: 'restored', last: undefined })
    settle(pair)
    give(pair.bob, { is: 'resend' })
    settle(pair)
    expect(pair.alice.state.machine.head.sequence).toBe(3n)
    expect(pair.bob.state.machine.headId).toBe(pair.alice.state.machine.headId)
  })

  test('keeps the vow that its guard remembers: the abort is made again, the vote stays excluded', () => {
    const pair = walked(2)
    const before = pair.alice.state
    wish(pair.alice)
    give(pair.alice, { is: 'withdraw' })
    const vow = pair.alice.state.book.vows.at(-1)
    if (!vow) throw new Error('no vow')
    const { headId, head } = before.machine
    putBack(pair.alice, before)
    give(pair.alice, { is: 'restored', last: { parent: headId, sequence: head.sequence, vow } })
    settle(pair)
    expect(pair.alice.state.book.round).toBe(1)
    expect(pair.bob.state.book.round).toBe(1)
    expect(pair.alice.state.book.vows).toEqual([vow])
  })

  test('makes every abort again that its guard implies, round by round', () => {
    const pair = walked(2)
    const before = pair.alice.state
    for (let round = 0; round < 3; round++) {
      wish(pair.alice, BigInt(round))
      give(pair.alice, { is: 'withdraw' })
    }
    const vow = pair.alice.state.book.vows.at(-1)
    expect(vow).toMatchObject({ round: 2, phase: 'abort' })
    if (!vow) throw new Error('no vow')
    const { headId, head } = before.machine
    putBack(pair.alice, before)
    wish(pair.alice, 9n)
    give(pair.alice, { is: 'restored', last: { parent: headId, sequence: head.sequence, vow } })
    settle(pair)
    for (const { state } of [pair.alice, pair.bob]) {
      expect(state.book.round).toBe(3)
      expect(state.pending).toBeUndefined()
    }
    expect(pair.alice.state.ended).toMatchObject({ by: 0 })
    wish(pair.alice)
    settle(pair)
    expect(pair.bob.state.machine.head.sequence).toBe(3n)
  })

  test('whose guard knows of steps that nobody has any more signs nothing', () => {
    const pair = restored()
    const vow = { round: 0, phase: 'commit', child: anId<'transition'>('child'), cited: 0 } as const
    const last = { parent: anId<'transition'>('parent'), sequence: 9n, vow }
    give(pair.alice, { is: 'restored', last })
    settle(pair)
    expect(pair.alice.state.quarantine).toBeDefined()
    expect(refusals(pair.alice)).toContain('party/guard-ahead')
  })
})

test('steps nobody asked for that contradict ours are refused', () => {
  const pair = walked(2)
  const [, second] = stepsOf(pair.alice.state)
  if (!second) throw new Error('two steps')
  const { interaction, consents, attachments, transition, certificate } = second
  const other = { ...transition, state: anId<'state-root'>('another state') }
  const heard = peerMessage(pair.alice, {
    is: 'steps',
    steps: [{ interaction, consents, attachments, transition: other, certificate }],
    aborts: [],
    held: [],
    open: undefined,
    challenge: undefined,
    sound: true,
    seal: [],
  })
  expect(refusalOf(pair.alice, heard)).toEqual({ code: 'steps/other-history', changed: false })
})
