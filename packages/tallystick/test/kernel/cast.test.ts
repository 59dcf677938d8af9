import { describe, expect, test } from 'vitest'
import { ROUNDS_MAX } from '../../src/base/limits.ts'
import {
  castFrom,
  chainOf,
  childOf,
  committedQuorums,
  endsOf,
  heldQuorums,
  offeredCast,
  sameCast,
} from '../../src/kernel/cast.ts'
import { transitionId } from '../../src/kernel/transition.ts'
import { instanceFor } from './round-net.ts'
import { A, abort, B, castBy, castsBy, quorum, vote } from './round-votes.ts'
import { anId, engine } from './sample.ts'

const place = instanceFor(quorum, 0)
const good = castBy(1, vote('hold', A))

describe('a cast', () => {
  test('is made of a statement signed by the signer it names', () => {
    expect(castFrom(place, quorum, good, engine)).toEqual(good)
    expect(good.child).toBe(transitionId('classic', A))
    expect(childOf('classic', abort(0))).toBeUndefined()
  })

  test.each([
    ['another signer', { signer: 2 }, 'cast/bad-signature'],
    ['a signer that is not there', { signer: 4 }, 'cast/unknown-signer'],
    ['another round', { statement: vote('hold', A, 1) }, 'cast/bad-signature'],
    ['another citation', { statement: vote('hold', A, 0, 1) }, 'cast/bad-signature'],
    ['another phase', { statement: vote('commit', A) }, 'cast/bad-signature'],
    ['another child', { statement: vote('hold', B) }, 'cast/bad-signature'],
    ['an abort', { statement: abort(0) }, 'cast/bad-signature'],
    ['a round beyond the limit', { statement: vote('hold', A, ROUNDS_MAX) }, 'cast/round-too-high'],
    [
      'another machine',
      { statement: vote('hold', { ...A, machine: anId('other') }) },
      'cast/other-place',
    ],
    [
      'another parent',
      { statement: vote('hold', { ...A, parent: anId('other') }) },
      'cast/other-place',
    ],
    ['another number', { statement: vote('hold', { ...A, sequence: 2n }) }, 'cast/other-place'],
  ])('with %s is refused', (_, change, code) => {
    expect(castFrom(place, quorum, { ...good, ...change }, engine)).toMatchObject({ code })
  })

  test('reads back as it was written', () => {
    const { child: _, ...offered } = good
    expect(offeredCast.decode(offeredCast.encode(good))).toEqual(offered)
  })

  test('is the same whatever time it attests and however its signature is spelt', () => {
    const later = castBy(1, { ...vote('hold', A), time: 9n })
    expect(sameCast(good, { ...later, signature: new Uint8Array(1) })).toBe(true)
    expect(sameCast(good, castBy(1, vote('hold', B)))).toBe(false)
    expect(sameCast(good, castBy(2, vote('hold', A)))).toBe(false)
  })
})

describe('sums', () => {
  test('count votes together only if they say the same', () => {
    const two = castsBy([0, 1], vote('hold', A, 1))
    expect(heldQuorums(quorum, [...two, castBy(2, vote('hold', B, 1))])).toEqual([])
    expect(heldQuorums(quorum, [...two, castBy(2, vote('hold', A, 2))])).toEqual([])
    expect(heldQuorums(quorum, [...two, castBy(2, vote('hold', A, 1, 1))])).toEqual([])
    expect(heldQuorums(quorum, [...two, castBy(2, vote('commit', A, 1))])).toEqual([])
    expect(heldQuorums(quorum, [...two, ...two])).toEqual([])
    expect(heldQuorums(quorum, [...two, castBy(2, vote('hold', A, 1))])).toHaveLength(1)
  })

  test('list held quorums from the highest round down', () => {
    const casts = [0, 2, 1].flatMap((round) => castsBy([0, 1, 2], vote('hold', A, round, 0)))
    expect(heldQuorums(quorum, casts).map((one) => one.round)).toEqual([2, 1, 0])
  })

  test('of commits need the same citation as well', () => {
    const casts = castsBy([0, 1], vote('commit', A, 0, 1))
    expect(committedQuorums(quorum, [...casts, castBy(2, vote('commit', A, 0, 0))])).toEqual([])
    expect(committedQuorums(quorum, [...casts, castBy(2, vote('commit', A, 0, 1))])).toHaveLength(1)
  })

  test('of endings mix aborts with commits to any child', () => {
    const casts = [castBy(0, abort(3)), castBy(1, vote('commit', A, 3, 4))]
    expect(endsOf(quorum, casts, 3)).toBeUndefined()
    expect(endsOf(quorum, [...casts, castBy(2, vote('hold', A, 3))], 3)).toBeUndefined()
    expect(endsOf(quorum, [...casts, castBy(1, abort(3))], 3)).toBeUndefined()
    expect(endsOf(quorum, [...casts, castBy(2, vote('commit', B, 3, 4))], 3)).toHaveLength(3)
  })
})

describe('a chain', () => {
  const held = (round: number, cited: number, child = A) =>
    heldQuorums(quorum, castsBy([0, 1, 2], vote('hold', child, round, cited)))
  const [top] = held(5, 3)

  test('follows the citations down to a quorum that cites nothing', () => {
    const known = [...held(5, 3), ...held(2, 1), ...held(0, 0)]
    expect(top && chainOf(known, top)?.map((one) => one.round)).toEqual([5, 2, 0])
  })

  test('is missing while one link is, or holds another child', () => {
    expect(top && chainOf([...held(5, 3), ...held(0, 0)], top)).toBeUndefined()
    const other = [...held(5, 3), ...held(2, 1, B), ...held(0, 0)]
    expect(top && chainOf(other, top)).toBeUndefined()
  })

  test('does not go in circles', () => {
    const [same] = held(2, 3)
    expect(same && chainOf(held(2, 3), same)).toBeUndefined()
    const [low] = held(1, 3)
    expect(low && chainOf([...held(1, 3), ...held(2, 2)], low)).toBeUndefined()
  })
})
