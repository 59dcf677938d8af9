import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  checkQuorum,
  evenQuorum,
  missingFrom,
  overlapOf,
  type Quorum,
  type QuorumSet,
  reachesQuorum,
  undoOf,
  weightOf,
} from '../../src/kernel/quorum.ts'
import { alice, bob, carol, engine, person, signerFrom } from './sample.ts'

const four = [alice, bob, carol, person('dave')].map(signerFrom)
const threeOfFour = evenQuorum(four, { threshold: 3, faulty: 1 })

const weighted = (weights: readonly number[], threshold: number, faulty = 0): QuorumSet => ({
  seats: weights.map((weight, signer) => ({ signer, weight })),
  threshold,
  faulty,
})

describe('counting', () => {
  test('a signer that signs twice counts once', () => {
    expect(reachesQuorum(threeOfFour, [0, 1, 1, 1])).toBe(false)
    expect(reachesQuorum(threeOfFour, [0, 1, 2])).toBe(true)
    expect(weightOf(weighted([5, 1], 1).seats, [0, 0])).toBe(5)
  })

  test('somebody without a seat adds nothing', () => {
    expect(reachesQuorum(threeOfFour, [0, 1, 7])).toBe(false)
  })

  test('every set must be reached, not one of them', () => {
    const quorum: Quorum = {
      signers: four,
      sets: [
        { seats: [0, 1].map((signer) => ({ signer, weight: 1 })), threshold: 2, faulty: 0 },
        { seats: [2, 3].map((signer) => ({ signer, weight: 1 })), threshold: 1, faulty: 0 },
      ],
    }
    expect(reachesQuorum(quorum, [0, 1])).toBe(false)
    expect(reachesQuorum(quorum, [0, 1, 3])).toBe(true)
    expect(missingFrom(quorum, [0, 1])).toEqual(['carol', 'dave'])
    expect(missingFrom(quorum, [0, 1, 3])).toEqual([])
  })

  test('order and repetition never change the answer', () => {
    const signers = fc.array(fc.nat(5), { maxLength: 12 })
    fc.assert(
      fc.property(signers, (positions) => {
        const shuffled = [...positions, ...positions].reverse()
        expect(reachesQuorum(threeOfFour, shuffled)).toBe(reachesQuorum(threeOfFour, positions))
      }),
    )
  })
})

describe('admission', () => {
  const codeOf = (quorum: Quorum): string | undefined =>
    checkQuorum('classic', quorum, engine)?.code

  test('three of four with one faulty passes, two of four does not', () => {
    expect(codeOf(threeOfFour)).toBeUndefined()
    expect(codeOf(evenQuorum(four, { threshold: 2, faulty: 1 }))).toBe('quorum/too-weak')
    expect(codeOf(evenQuorum(four, { threshold: 3, faulty: 2 }))).toBe('quorum/too-weak')
    expect(codeOf(evenQuorum(four, { threshold: 4, faulty: 3 }))).toBeUndefined()
  })

  test('one weak set spoils a quorum of several', () => {
    const seats = [0, 1].map((signer) => ({ signer, weight: 1 }))
    const sets = [...threeOfFour.sets, { seats, threshold: 1, faulty: 0 }]
    expect(codeOf({ signers: four, sets })).toBe('quorum/too-weak')
  })

  test('a key that sits twice is refused, under whatever name', () => {
    const again = { ...signerFrom(alice), name: 'mallory' }
    const twice = [...four.slice(0, 3), again]
    expect(codeOf(evenQuorum(twice, { threshold: 3, faulty: 1 }))).toBe('quorum/duplicate-signer')
    const seats = [0, 0, 1, 2].map((signer) => ({ signer, weight: 1 }))
    expect(codeOf({ signers: four, sets: [{ seats, threshold: 3, faulty: 1 }] })).toBe(
      'quorum/duplicate-signer',
    )
  })

  test('unknown seats, foreign schemes, bad keys and thresholds out of reach are refused', () => {
    const bad = { ...signerFrom(carol), publicKey: new Uint8Array(32) }
    const foreign = { ...signerFrom(carol), scheme: 'ml-dsa-44' } as const
    const bounds = { threshold: 3, faulty: 1 }
    expect(codeOf(evenQuorum([...four.slice(0, 3), bad], bounds))).toBe('quorum/bad-key')
    expect(codeOf(evenQuorum([...four.slice(0, 3), foreign], bounds))).toBe('quorum/wrong-scheme')
    expect(codeOf(evenQuorum(four, { threshold: 5, faulty: 0 }))).toBe('quorum/out-of-reach')
    expect(codeOf(evenQuorum(four, { threshold: 0, faulty: 0 }))).toBe('quorum/out-of-reach')
    expect(codeOf({ signers: four, sets: [] })).toBe('quorum/no-signers')
    const seats = [0, 1, 9].map((signer) => ({ signer, weight: 1 }))
    expect(codeOf({ signers: four, sets: [{ seats, threshold: 3, faulty: 1 }] })).toBe(
      'quorum/unknown-signer',
    )
  })

  test('any two quorums of an admitted set share more than its faulty bound', () => {
    const sets = fc
      .record({
        weights: fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 5 }),
        threshold: fc.integer({ min: 1, max: 20 }),
        faulty: fc.nat(6),
        first: fc.nat(31),
        second: fc.nat(31),
      })
      .map((one) => ({ ...one, set: weighted(one.weights, one.threshold, one.faulty) }))
    const bitsOf = (mask: number): number[] => [0, 1, 2, 3, 4].filter((at) => (mask >> at) & 1)
    fc.assert(
      fc.property(sets, ({ set, first, second }) => {
        const signers = [...four, signerFrom(person('erin'))].slice(0, set.seats.length)
        const quorum = { signers, sets: [set] }
        if (checkQuorum('classic', quorum, engine)) return
        if (!reachesQuorum(quorum, bitsOf(first)) || !reachesQuorum(quorum, bitsOf(second))) return
        expect(weightOf(set.seats, bitsOf(first & second))).toBeGreaterThan(set.faulty)
      }),
      { numRuns: 2000 },
    )
  })

  test('weights near the top of their range are added without loss', () => {
    const top = 0xffff_ffff
    const set = weighted([top, top, top], top, 0)
    expect(overlapOf(set)).toBe(-BigInt(top))
    expect(checkQuorum('classic', { signers: four, sets: [set] }, engine)?.code).toBe(
      'quorum/too-weak',
    )
  })
})

describe('undo', () => {
  test('names how many must lie: the overlap, by the heaviest', () => {
    expect(undoOf(threeOfFour)).toEqual({ atLeast: 2, of: ['alice', 'bob', 'carol', 'dave'] })
    expect(undoOf({ signers: four, sets: [weighted([4, 1, 1, 1], 6, 1)] }).atLeast).toBe(2)
  })

  test('disjoint sets add up, sets that share signers count the largest', () => {
    const pair = (a: number, b: number): QuorumSet => ({
      seats: [a, b].map((signer) => ({ signer, weight: 1 })),
      threshold: 2,
      faulty: 0,
    })
    expect(undoOf({ signers: four, sets: [pair(0, 1), pair(2, 3)] }).atLeast).toBe(4)
    expect(undoOf({ signers: four, sets: [pair(0, 1), pair(1, 2)] }).atLeast).toBe(2)
  })
})

describe('those who do instead', () => {
  const seven = Array.from({ length: 7 }, (_, at) => at)
  const seats = (of: readonly number[]) => of.map((signer) => ({ signer, weight: 1 }))
  const people = seven.map((at) => signerFrom(person(`n${at}`)))
  /** Four of five; or so many of the five, with two of the two beside them. */
  const helped = (custodians: number, faulty = 1, more: Partial<Quorum> = {}): Quorum => ({
    signers: people,
    sets: [{ seats: seats([0, 1, 2, 3, 4]), threshold: 4, faulty }],
    instead: [
      { seats: seats([0, 1, 2, 3, 4]), threshold: custodians, faulty },
      { seats: seats([5, 6]), threshold: 2, faulty: 1 },
    ],
    ...more,
  })
  const codeOf = (of: Quorum): string | undefined => checkQuorum('classic', of, engine)?.code

  test('are enough once each of their sets is reached, and nobody is missing then', () => {
    const quorum = helped(3)
    expect(reachesQuorum(quorum, [0, 1, 2, 3])).toBe(true)
    expect(reachesQuorum(quorum, [0, 1, 2])).toBe(false)
    expect(reachesQuorum(quorum, [0, 1, 2, 5])).toBe(false)
    expect(reachesQuorum(quorum, [0, 1, 5, 6])).toBe(false)
    expect(reachesQuorum(quorum, [0, 1, 2, 5, 6])).toBe(true)
    expect(missingFrom(quorum, [0, 1, 2, 5, 6])).toEqual([])
    expect(missingFrom(quorum, [0, 1, 2])).toEqual(['n3', 'n4'])
  })

  test('are admitted only if they share more than liars with every other quorum', () => {
    expect(codeOf(helped(3))).toBeUndefined()
    expect(codeOf(helped(2))).toBe('quorum/too-weak')
    expect(codeOf(helped(3, 2))).toBe('quorum/too-weak')
  })

  test('may not agree twice among themselves: nor may one set of them without the other', () => {
    const one = (threshold: number): Quorum =>
      helped(3, 1, {
        sets: [{ seats: seats([0, 1, 2, 3, 4]), threshold: 5, faulty: 1 }],
        instead: [
          { seats: seats([0, 1, 2, 3, 4]), threshold: 2, faulty: 1 },
          { seats: seats([5, 6]), threshold, faulty: 0 },
        ],
      })
    expect(codeOf(one(2))).toBeUndefined()
    expect(codeOf(one(1))).toBe('quorum/too-weak')
  })

  test('any two quorums of admitted ones share somebody honest', () => {
    const subset = fc.uniqueArray(fc.nat(6), { maxLength: 7 })
    fc.assert(
      fc.property(subset, subset, fc.nat(5), (a, b, custodians) => {
        const quorum = helped(custodians)
        if (codeOf(quorum) !== undefined) return
        if (!reachesQuorum(quorum, a) || !reachesQuorum(quorum, b)) return
        const both = a.filter((one) => b.includes(one))
        const [main, reserve] = [both.filter((one) => one < 5), both.filter((one) => one >= 5)]
        // One of the five may lie, and one of the two.
        expect(main.length > 1 || reserve.length > 1).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })

  test('make fewer liars enough to undo a step, and that is told', () => {
    expect(undoOf(helped(3)).atLeast).toBe(2)
    expect(undoOf({ ...helped(3), instead: undefined as never }).atLeast).toBe(3)
  })
})
