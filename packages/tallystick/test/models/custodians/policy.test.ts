import { describe, expect, test } from 'vitest'
import type { Terms } from '../../../src/kernel/charter.ts'
import {
  admitCustodians,
  custodianPolicy,
  custodianTerms,
  policyOf,
  warningsOf,
} from '../../../src/models/custodians/policy.ts'
import { PEOPLE } from '../../kernel/round-net.ts'
import { aTerms, engine, signerFrom } from '../../kernel/sample.ts'

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
      escalation: { after: 86_400_000n, reserve: four.slice(3), threshold: 1, custodians: 2 },
    }
    for (const one of [policy, policyOf(four)]) {
      expect(custodianPolicy.decode(custodianPolicy.encode(one))).toEqual(one)
    }
  })
})
