import { describe, expect, test } from 'vitest'
import { isFault } from '../../../src/base/fault.ts'
import { BILATERAL_ROUNDS_MAX, EVIDENCE_KEPT_MAX, SEEN_MAX } from '../../../src/base/limits.ts'
import { childOfHead } from '../../../src/models/bilateral/draft.ts'
import {
  attestationOf,
  bilateralVote,
  type RoundAbort,
  roundAbortStatement,
} from '../../../src/models/bilateral/evidence.ts'
import {
  hearAborts,
  stepAt,
  withEvidence,
  withPeer,
  withStatements,
} from '../../../src/models/bilateral/notice.ts'
import type { PartyState } from '../../../src/models/bilateral/state.ts'
import { alice, anId, aTransition, bob, engine } from '../../kernel/sample.ts'
import { createPair, endorse, peerMessage, settle, wish } from './pair.ts'

const { alice: side } = createPair()
const child = childOfHead(side.state.machine)
const abortBy = (party: 0 | 1, round: number): RoundAbort => ({
  ...endorse(party === 0 ? alice : bob, party, roundAbortStatement(child, round)),
  round,
})
const heard = (state: PartyState, aborts: readonly RoundAbort[]): PartyState | string => {
  const next = hearAborts(side.config, state, aborts)
  return isFault(next) ? next.code : next
}
const roundAfter = (aborts: readonly RoundAbort[]): number | string => {
  const next = heard(side.state, aborts)
  return typeof next === 'string' ? next : next.book.round
}

describe('aborts', () => {
  test('end the rounds that they follow on, whoever made them', () => {
    expect(roundAfter([abortBy(1, 0)])).toBe(1)
    expect(roundAfter([abortBy(0, 0)])).toBe(1)
    expect(roundAfter([abortBy(1, 0), abortBy(0, 1), abortBy(1, 2)])).toBe(3)
    expect(roundAfter([])).toBe(0)
  })

  test('of a later round alone, out of order, twice or badly signed are refused', () => {
    expect(roundAfter([abortBy(1, 1)])).toBe('abort/not-enough')
    expect(roundAfter([abortBy(1, 0), abortBy(1, 0)])).toBe('certificate/signed-twice')
    expect(roundAfter([abortBy(1, 1), abortBy(1, 0)])).toBe('certificate/signed-twice')
    const other = { ...abortBy(1, 0), signature: abortBy(1, 1).signature }
    expect(roundAfter([other])).toBe('certificate/bad-signature')
    expect(roundAfter([{ ...abortBy(1, 0), key: 3 }])).toBe('certificate/unknown-key')
  })

  test('heard again change nothing, and keep to the limit', () => {
    const once = heard(side.state, [abortBy(1, 0)])
    if (typeof once === 'string') throw new Error(once)
    expect(heard(once, [abortBy(1, 0)])).toBe(once)
    const many = Array.from({ length: BILATERAL_ROUNDS_MAX + 5 }, (_, round) => abortBy(1, round))
    expect(roundAfter(many)).toBe(BILATERAL_ROUNDS_MAX)
  })

  test('of the peer are kept even where the round was over already', () => {
    const once = heard(side.state, [abortBy(0, 0)])
    if (typeof once === 'string') throw new Error(once)
    const twice = heard(once, [abortBy(1, 0)])
    if (typeof twice === 'string') throw new Error(twice)
    expect(twice.book.round).toBe(1)
    expect(twice.book.seen).toHaveLength(1)
  })
})

describe('statements of the peer', () => {
  const voteFor = (state: string, round = 0) => {
    const vote = bilateralVote({ ...aTransition(child), ...child, state: anId(state) }, round)
    const made = attestationOf(side.state.machine.terms, vote, endorse(bob, 1, vote), engine)
    if (!made) throw new Error('not attested')
    return made
  }

  test('are kept once and compared with each other', () => {
    const once = withStatements(side.state, [voteFor('a')])
    expect(withStatements(once, [voteFor('a')])).toBe(once)
    expect(once.evidence).toEqual([])
    expect(withStatements(once, [voteFor('b')]).evidence).toHaveLength(1)
    expect(withStatements(once, [voteFor('b', 1)]).evidence).toEqual([])
  })

  test('and evidence are kept up to their limits', () => {
    let state = side.state
    for (let round = 0; round < SEEN_MAX + 3; round++) {
      state = withStatements(state, [voteFor('a', round)])
    }
    expect(state.book.seen).toHaveLength(SEEN_MAX)
    const { evidence } = withStatements(state, [voteFor('b', SEEN_MAX)])
    const [one] = evidence
    if (!one) throw new Error('no evidence')
    const many = Array.from({ length: EVIDENCE_KEPT_MAX + 1 }, () => one)
    expect(withEvidence(side.state, many).evidence).toHaveLength(EVIDENCE_KEPT_MAX)
    expect(withEvidence(side.state, [])).toBe(side.state)
  })
})

test('where the peer says it stands is noted, and said again changes nothing', () => {
  const once = withPeer(side.state, peerMessage(side, { is: 'ack' }, { round: 4 }))
  expect(once.peer).toMatchObject({ sequence: 0n, round: 4 })
  expect(withPeer(once, peerMessage(side, { is: 'ack' }, { round: 4 }))).toBe(once)
})

test('a final step is found by its number', () => {
  const pair = createPair()
  for (const one of [pair.alice, pair.bob, pair.alice]) {
    wish(one)
    settle(pair)
  }
  const found = [0n, 1n, 2n, 3n, 4n].map((at) => stepAt(pair.bob.state, at)?.transition.sequence)
  expect(found).toEqual([undefined, 1n, 2n, 3n, undefined])
})
