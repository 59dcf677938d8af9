import { describe, expect, test } from 'vitest'
import { medianTime, verdictOf } from '../../../src/models/rounds/finality.ts'
import { quorum } from '../../kernel/round-votes.ts'

const at = (...times: readonly bigint[]) => times.map((time, signer) => ({ signer, time }))

describe('what a quorum of signatures makes of a step', () => {
  test('is final at the lower median of its times, which one liar does not move beyond the others', () => {
    expect(medianTime(at(3n, 1n, 2n, 9n))).toBe(2n)
    expect(medianTime(at())).toBeUndefined()
    for (const lie of [0n, 10n ** 18n]) {
      const time = medianTime(at(100n, lie, 102n))
      expect(time === 100n || time === 102n).toBe(true)
    }
  })

  test('is told as no earlier than the step before', () => {
    const verdict = verdictOf(quorum, { since: 50n }, at(3n, 1n, 2n))
    expect(verdict).toMatchObject({ is: 'final', finality: { since: 50n }, anchor: { since: 50n } })
  })

  test('waits while one is missing', () => {
    expect(verdictOf(quorum, {}, at(3n, 1n)).is).toBe('pending')
  })
})
