import { describe, expect, test } from 'vitest'
import {
  isSameMemory,
  lastVowOf,
  nameOf,
  type PartyState,
  peerOf,
  positionOfState,
  provisionalSteps,
  stepsOf,
} from '../../../src/models/bilateral/state.ts'
import { anId, opened } from '../../kernel/sample.ts'
import { createPair, feed, give, relationship, settle, wish } from './pair.ts'

describe('a state', () => {
  test('names its party and the other, and where it stands', () => {
    const { alice, bob } = createPair()
    expect([
      nameOf(alice.state, alice.state.party),
      nameOf(alice.state, peerOf(alice.state)),
    ]).toEqual(['alice', 'bob'])
    expect(peerOf(bob.state)).toBe(0)
    expect(nameOf(alice.state, 9)).toBe('party 9')
    const { headId } = opened(relationship())
    expect(positionOfState(alice.state)).toEqual({ sequence: 0n, head: headId, round: 0 })
  })

  test('lists its steps oldest first, and those that can still be undone', () => {
    const pair = createPair()
    for (const side of [pair.alice, pair.bob, pair.alice]) {
      wish(side)
      settle(pair)
    }
    const { state } = pair.bob
    expect(stepsOf(state).map((one) => one.transition.sequence)).toEqual([1n, 2n, 3n])
    expect(provisionalSteps(state)).toEqual([])
    const { history } = state
    if (!history) throw new Error('no steps')
    const weak = { ...history, step: { ...history.step, grade: 'provisional' as const } }
    expect(provisionalSteps({ ...state, history: weak })).toEqual([weak.step])
    const firm = { ...history, step: { ...history.step, grade: 'certified' as const } }
    expect(provisionalSteps({ ...state, history: firm })).toEqual([])
  })

  test('says which vow was the last, and where', () => {
    const pair = createPair()
    expect(lastVowOf(pair.alice.state)).toBeUndefined()
    wish(pair.alice)
    give(pair.alice, { is: 'withdraw' })
    const { headId } = pair.alice.state.machine
    expect(lastVowOf(pair.alice.state)).toEqual({
      parent: headId,
      sequence: 0n,
      vow: { round: 0, phase: 'abort', child: undefined, cited: 0 },
    })
  })

  test('has the same memory after what leaves no trace, and another after what does', () => {
    const { alice } = createPair()
    const before = alice.state
    feed(alice, { is: 'resend' })
    feed(alice, { is: 'message', bytes: new Uint8Array(3) })
    expect(isSameMemory(before, alice.state)).toBe(true)
    wish(alice)
    expect(isSameMemory(before, alice.state)).toBe(false)
  })
})

test('memory is every member of a state but the conversation', () => {
  const pair = createPair()
  wish(pair.alice)
  settle(pair)
  wish(pair.bob)
  const { state } = pair.bob
  const { machine, history } = pair.alice.party.begin()
  const vow = { round: 0, phase: 'abort', child: undefined, cited: 0 } as const
  const changes: Omit<PartyState, 'talk' | 'party'> = {
    machine,
    history,
    known: new Map(),
    book: { ...state.book, round: 1 },
    pending: undefined,
    peer: undefined,
    evidence: [],
    quarantine: { challenge: new Uint8Array(32) },
    guarded: { parent: machine.headId, sequence: 1n, vow },
    ended: { interaction: anId('ended'), round: 0, by: 0 },
    closed: true,
  }
  // A member that is added to the state has to be added here, and to the comparison.
  expect([...Object.keys(changes), 'party', 'talk'].toSorted((a, b) => (a < b ? -1 : 1))).toEqual(
    Object.keys(state).toSorted((a, b) => (a < b ? -1 : 1)),
  )
  for (const [member, value] of Object.entries(changes)) {
    expect(isSameMemory(state, { ...state, [member]: value }), member).toBe(false)
  }
  expect(isSameMemory(state, { ...state, talk: { ...state.talk, attempt: 9 } })).toBe(true)
})
