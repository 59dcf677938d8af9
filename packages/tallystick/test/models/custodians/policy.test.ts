import { describe, expect, test } from 'vitest'
import type { Terms } from '../../../src/kernel/charter.ts'
import { reachesQuorum } from '../../../src/kernel/quorum.ts'
import {
  admitCustodians,
  type CustodianPolicy,
  custodianPolicy,
  custodianTerms,
  policyOf,
  quorumOf,
  warningsOf,
} from '../../../src/models/custodians/policy.ts'
import { PEOPLE } from '../../kernel/round-net.ts'
import { aTerms, engine, person, signerFrom } from '../../kernel/sample.ts'

const four = PEOPLE.map(signerFrom)
const three = four.slice(0, 3)
const terms: Terms = aTerms({
  turn: { is: 'anyone' },
  policy: custodianTerms(policyOf(four)),
})

describe("a custodians' policy", () => {
  test('is three of four by default, one of whom may lie', () => {
    expect(policyOf(four)).toMatchObject({ threshold: 3, faulty: 1 })
    expect(admitCustodians(terms, policyOf(four), engine)).toBeUndefined()
    expect(warningsOf(policyOf(four))).toEqual([])
  })

  test('is admitted and warns as two of three, where one liar forks', () => {
    const weak = policyOf(three)
    expect(weak).toMatchObject({ threshold: 2, faulty: 0 })
    expect(admitCustodians(terms, weak, engine)).toBeUndefined()
    expect(warningsOf(weak)).toEqual([{ is: 'one-liar-forks' }])
  })

  test('warns where one silent custodian stops everything, and where fewer move the time than fork', () => {
    expect(warningsOf(policyOf(four, 4))).toEqual([
      { is: 'one-silent-stops' },
      { is: 'time-moved-by', liars: 2 },
    ])
    expect(warningsOf(policyOf(four.slice(0, 1)))).toEqual([
      { is: 'one-liar-forks' },
      { is: 'one-silent-stops' },
    ])
  })

  test('is refused when two quorums may share liars only', () => {
    expect(admitCustodians(terms, policyOf(four, 2), engine)?.code).toBe('quorum/too-weak')
    const claimed = { ...policyOf(three), faulty: 1 }
    expect(admitCustodians(terms, claimed, engine)?.code).toBe('quorum/too-weak')
  })

  test('is refused where anybody in particular has the turn', () => {
    for (const turn of [{ is: 'owner', party: 0 }, { is: 'alternate' }] as const) {
      const fault = admitCustodians({ ...terms, turn }, policyOf(four), engine)
      expect(fault?.code).toBe('custodians/wrong-turn')
    }
  })

  test('reads back as it was written', () => {
    const policy = {
      ...policyOf(three),
      escalation: {
        after: 86_400_000n,
        standIns: four.slice(3),
        threshold: 1,
        faulty: 0,
        custodians: 2,
      },
    }
    for (const one of [policy, policyOf(four)]) {
      expect(custodianPolicy.decode(custodianPolicy.encode(one))).toEqual(one)
    }
  })
})

describe('stand-ins', () => {
  const many = ['v', 'w', 'x', 'y', 'z', 'r0', 'r1', 'r2'].map((name) => signerFrom(person(name)))
  const [five, standIns] = [many.slice(0, 5), many.slice(5)]
  /** Four of five, one of whom may lie; or so many of the five, with two of the three stand-ins. */
  const helped = (custodians: number, more: Partial<CustodianPolicy> = {}): CustodianPolicy => ({
    ...policyOf(five, 4),
    faulty: 1,
    escalation: { after: 60_000n, standIns, threshold: 2, faulty: 0, custodians },
    ...more,
  })
  const codeOf = (policy: CustodianPolicy): string | undefined =>
    admitCustodians(terms, policy, engine)?.code

  test('go on with as many custodians as share an honest one with any quorum of custodians', () => {
    expect(codeOf(helped(3))).toBeUndefined()
    const quorum = quorumOf(helped(3))
    expect(reachesQuorum(quorum, [0, 1, 2])).toBe(false)
    expect(reachesQuorum(quorum, [0, 1, 2, 5, 6])).toBe(true)
    expect(reachesQuorum(quorum, [0, 1, 5, 6, 7])).toBe(false)
    expect(reachesQuorum(quorum, [0, 1, 2, 3])).toBe(true)
  })

  test('are refused where silent custodians might still agree on something else', () => {
    expect(codeOf(helped(2))).toBe('quorum/too-weak')
    // The most liars that four of five bear leave no room for anybody else.
    expect(codeOf(helped(3, { faulty: 2 }))).toBe('quorum/too-weak')
    expect(codeOf(helped(0))).toBe('quorum/out-of-reach')
  })

  test('are refused where they would be of no use, or may be split', () => {
    expect(codeOf(helped(4))).toBe('custodians/idle-stand-ins')
    const split = { after: 1n, standIns, threshold: 1, faulty: 0, custodians: 2 }
    const loose = { ...policyOf(five, 5), faulty: 1, escalation: split }
    expect(codeOf(loose)).toBe('quorum/too-weak')
    expect(codeOf({ ...loose, escalation: { ...split, threshold: 2 } })).toBeUndefined()
    expect(warningsOf({ ...loose, escalation: { ...split, threshold: 2 } })).toContainEqual({
      is: 'one-stand-in-forks',
    })
  })
})
