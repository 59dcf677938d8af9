import type { Quorum } from '../../src/kernel/quorum.ts'
import { describe, expect, test } from 'vitest'
import { ROUNDS_MAX } from '../../src/base/limits.ts'
import { ROUND_RULES } from '../../src/kernel/round.ts'
import {
  beginRounds,
  decisionOf,
  justifiedIn,
  leadAt,
  leadsOf,
  patienceEnd,
  roundOf,
  type RoundState,
  roundState,
} from '../../src/kernel/round-state.ts'
import { vowOf } from '../../src/kernel/vow.ts'
import { transitionId } from '../../src/kernel/transition.ts'
import { instanceFor } from './round-net.ts'
import { A, abort, B, castsBy, quorum, vote } from './round-votes.ts'
import { anId } from './sample.ts'

const place = instanceFor(quorum, 0)
const leads = leadsOf(place, quorum)
const withCasts = (...casts: readonly ReturnType<typeof castsBy>[]): RoundState => ({
  ...beginRounds(),
  casts: casts.flat(),
})

describe('the lead', () => {
  test('is everybody in turn', () => {
    const engine = { ...place, ...ROUND_RULES, leads }
    const first = [0, 1, 2, 3].map((round) => leadAt(engine, round))
    expect(first.toSorted((a = 0, b = 0) => a - b)).toEqual([0, 1, 2, 3])
    expect(leadAt(engine, 4)).toBe(first[0])
  })

  test('depends on the machine, and on nothing that whoever made the step before could choose', () => {
    for (let at = 0; at < 40; at++) {
      expect(leadsOf({ ...place, parent: anId(at) }, quorum)).toEqual(leads)
    }
    const machines = new Set(
      Array.from({ length: 40 }, (_, at) =>
        leadsOf({ ...place, machine: anId(at) }, quorum).join(),
      ),
    )
    expect(machines.size).toBeGreaterThan(10)
  })

  test('of the first round is another one for each step', () => {
    const [first, ...rest] = leads
    expect(leadsOf({ ...place, sequence: place.sequence + 1n }, quorum)).toEqual([...rest, first])
    expect(leadsOf({ ...place, sequence: place.sequence + 4n }, quorum)).toEqual(leads)
  })

  test('is never one who may only help out', () => {
    const seats = [0, 1, 2].map((signer) => ({ signer, weight: 1 }))
    const helped: Quorum = {
      signers: quorum.signers,
      sets: [{ seats, threshold: 3, faulty: 1 }],
      instead: [
        { seats, threshold: 2, faulty: 1 },
        { seats: [{ signer: 3, weight: 1 }], threshold: 1, faulty: 0 },
      ],
    }
    expect(new Set(leadsOf(place, helped))).toEqual(new Set([0, 1, 2]))
  })
})

describe('the round', () => {
  test('is the one after the last that a quorum has ended', () => {
    expect(roundOf(quorum, beginRounds())).toBe(0)
    expect(roundOf(quorum, withCasts(castsBy([0, 1], abort(0))))).toBe(0)
    expect(roundOf(quorum, withCasts(castsBy([0, 1, 2], abort(0))))).toBe(1)
    expect(roundOf(quorum, withCasts(castsBy([0, 1, 2], abort(7))))).toBe(8)
  })

  test('never goes back and ends at the limit', () => {
    const state = withCasts(castsBy([0, 1, 2], abort(0)))
    expect(roundOf(quorum, { ...state, round: 5 })).toBe(5)
    const last = withCasts(castsBy([0, 1, 2], abort(ROUNDS_MAX - 1)))
    expect(roundOf(quorum, last)).toBe(ROUNDS_MAX - 1)
  })

  test('may take the longer the later it is', () => {
    const engine = { ...place, ...ROUND_RULES, leads }
    expect(patienceEnd(engine, beginRounds())).toBeUndefined()
    expect(patienceEnd(engine, { ...beginRounds(), since: 10n })).toBe(110n)
    expect(patienceEnd(engine, { ...beginRounds(), since: 10n, round: 3 })).toBe(410n)
  })
})

describe('a decision', () => {
  const holds = castsBy([0, 1, 2], vote('hold', A))
  const commits = castsBy([1, 2, 3], vote('commit', A, 0, 1))

  test('is a quorum of commits over a held quorum', () => {
    const decision = decisionOf(quorum, withCasts(holds, commits))
    expect(decision).toMatchObject({ transition: A, round: 0, chain: [{ round: 0, cited: 0 }] })
  })

  test('is none with a commit fewer, without the holds, or with commits that cite nothing', () => {
    expect(decisionOf(quorum, withCasts(holds, commits.slice(1)))).toBeUndefined()
    expect(decisionOf(quorum, withCasts(commits))).toBeUndefined()
    const bare = castsBy([1, 2, 3], vote('commit', A, 0, 0))
    expect(decisionOf(quorum, withCasts(holds, bare))).toBeUndefined()
    const other = castsBy([0, 1, 2], vote('hold', B))
    expect(decisionOf(quorum, withCasts(other, commits))).toBeUndefined()
  })

  test('rests on held quorums whose citations are all there', () => {
    const later = castsBy([0, 1, 2], vote('hold', A, 2, 1))
    const final = castsBy([0, 1, 2], vote('commit', A, 2, 3))
    expect(justifiedIn(quorum, later)).toEqual([])
    expect(decisionOf(quorum, withCasts(later, final))).toBeUndefined()
    expect(justifiedIn(quorum, [...later, ...holds]).map((one) => one.round)).toEqual([2, 0])
    expect(decisionOf(quorum, withCasts(later, final, holds))?.chain).toHaveLength(2)
  })
})

test('a state reads back as it was written', () => {
  const statement = vote('hold', A, 1)
  const state: RoundState = {
    own: [{ statement, vow: vowOf('classic', statement), isSigned: false }],
    casts: castsBy([0, 3], vote('hold', A)),
    judged: [{ child: transitionId('classic', B), transition: B, isValid: true }],
    round: 1,
    since: 77n,
  }
  const codec = roundState('classic')
  expect(codec.decode(codec.encode(state))).toEqual(state)
  expect(codec.decode(codec.encode(beginRounds()))).toEqual(beginRounds())
})
