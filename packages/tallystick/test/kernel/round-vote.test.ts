import { describe, expect, test } from 'vitest'
import { ROUND_RULES } from '../../src/kernel/round.ts'
import {
  beginRounds,
  justifiedIn,
  leadsOf,
  type RoundEngine,
  type RoundState,
} from '../../src/kernel/round-state.ts'
import { desiresIn, unjudged } from '../../src/kernel/round-vote.ts'
import { transitionId } from '../../src/kernel/transition.ts'
import { vowOf } from '../../src/kernel/vow.ts'
import { instanceFor } from './round-net.ts'
import { A, abort, B, castBy, castsBy, quorum, vote } from './round-votes.ts'
import type { Statement } from '../../src/kernel/statement.ts'
import type { Transition } from '../../src/kernel/transition.ts'

const leads = leadsOf(instanceFor(quorum, 0), quorum)
const engineAt = (seat: number | undefined): RoundEngine => ({
  ...instanceFor(quorum, 0),
  ...ROUND_RULES,
  leads,
  seat,
})
const lead = leads[0] ?? 0

const judged = (...children: readonly Transition[]): RoundState['judged'] =>
  children.map((transition) => ({
    child: transitionId('classic', transition),
    transition,
    isValid: true,
  }))
const made = (...statements: readonly Statement[]): RoundState['own'] =>
  statements.map((statement) => ({ statement, vow: vowOf('classic', statement), isSigned: true }))

const wanted = (changes: Partial<RoundState>, seat = lead, now = 0n): readonly Statement[] => {
  const state = { ...beginRounds(), since: 0n, ...changes }
  const known = justifiedIn(quorum, state.casts)
  return desiresIn(engineAt(seat), state, known, now).map((one) => one.statement)
}

describe('a lead', () => {
  test('proposes the first valid child, once', () => {
    expect(wanted({ judged: judged(B, A) })).toEqual([vote('propose', B)])
    expect(wanted({ judged: judged(B, A), own: made(vote('propose', B)) })).toEqual([])
    expect(wanted({})).toEqual([])
    expect(wanted({ judged: judged(B) }, leads[1])).toEqual([])
  })

  test('proposes what a quorum held last, citing it, though it would rather have another', () => {
    const casts = castsBy([0, 1, 2], vote('hold', A))
    const at = { round: 4, casts, judged: judged(B, A) }
    expect(wanted(at)).toEqual([vote('propose', A, 4, 1)])
  })

  test('proposes nothing while it has not judged what a quorum held', () => {
    const casts = castsBy([0, 1, 2], vote('hold', A))
    expect(wanted({ round: 4, casts, judged: judged(B) })).toEqual([])
    const state = { ...beginRounds(), casts, judged: judged(B) }
    expect(unjudged(state, justifiedIn(quorum, casts))).toEqual([A])
    expect(unjudged({ ...state, judged: judged(A) }, justifiedIn(quorum, casts))).toEqual([])
  })
})

describe('a certifier', () => {
  const seat = leads[1]

  test('holds the proposal of this round and no other', () => {
    const casts = [castBy(lead, vote('propose', A))]
    expect(wanted({ casts, judged: judged(A) }, seat)).toEqual([vote('hold', A)])
    expect(wanted({ casts, judged: judged(A), round: 1 }, leads[2])).toEqual([])
    expect(wanted({ casts, judged: judged(B) }, seat)).toEqual([])
    expect(wanted({ casts, judged: judged(A), own: made(abort(0)) }, seat)).toEqual([])
  })

  test('commits to what a quorum holds in this round and in no other', () => {
    const casts = castsBy([0, 1, 2], vote('hold', A))
    expect(wanted({ casts, judged: judged(A) }, seat)).toEqual([vote('commit', A, 0, 1)])
    expect(wanted({ casts, judged: judged(A), round: 1 }, leads[2])).toEqual([])
    expect(wanted({ casts: casts.slice(1), judged: judged(A) }, seat)).toEqual([])
  })

  test('aborts when patience ends, unless it has committed', () => {
    expect(wanted({}, seat, 99n)).toEqual([])
    expect(wanted({}, seat, 100n)).toEqual([abort(0)])
    expect(wanted({ own: made(vote('commit', A, 0, 1)) }, seat, 100n)).toEqual([])
    expect(wanted({ own: made(vote('hold', A)) }, seat, 100n)).toEqual([abort(0)])
  })
})
