import { describe, expect, test } from 'vitest'
import { isFault } from '../../src/base/fault.ts'
import { tryCandidate } from '../../src/models/rounds/candidate.ts'
import { ballot, poll } from '../../src/sim/poll-logic.ts'
import { candidateFor, START, town } from '../models/custodians/net.ts'

const tried = (operation: ReturnType<typeof town.ballotOf>, at = START): string => {
  const after = tryCandidate(town.options, town.genesis, candidateFor(operation, town.genesis, at))
  return isFault(after) ? after.code : `${town.totalOf(after)}`
}

describe('a poll', () => {
  test('counts a ballot by the signature that it carries', () => {
    expect(tried(town.ballotOf(0, 1n, 3))).toBe('1')
    const { argument } = town.ballotOf(0, 1n, 3)
    expect(poll.carries?.(argument, argument)).toMatchObject({ by: 'ana', id: 'ana 1 3' })
    expect(poll.describe(argument, argument, town.genesis.terms)).toBe('ana votes for 3')
  })

  test('refuses one out of turn, one of no voter, and one with another choice than was signed', () => {
    expect(tried(town.ballotOf(0, 2n, 3))).toBe('transition/wrong-sequence')
    const of = ballot.decode(town.ballotOf(0, 1n, 3).argument)
    const spelled = (change: Partial<typeof of>) =>
      tried({ ...town.ballotOf(0, 1n, 3), argument: ballot.encode({ ...of, ...change }) })
    expect(spelled({ voter: 'eve' })).toBe('consent/unknown-key')
    expect(spelled({ choice: 4 })).toBe('consent/bad-signature')
  })

  test('takes a ballot once, and none with a time before the last', () => {
    const after = tryCandidate(town.options, town.genesis, candidateFor(town.ballotOf(0, 1n, 3)))
    if (isFault(after)) throw after
    const again = (operation: ReturnType<typeof town.ballotOf>, at: bigint): string => {
      const next = tryCandidate(town.options, after, candidateFor(operation, after, at))
      return isFault(next) ? next.code : `${town.totalOf(next)}`
    }
    expect(again(town.ballotOf(0, 1n, 3), START)).toBe('transition/wrong-sequence')
    expect(again(town.ballotOf(1, 1n, 3), START - 1n)).toBe('claim/off-clock')
    expect(again(town.ballotOf(1, 1n, 3), START)).toBe('2')
  })
})
