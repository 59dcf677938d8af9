import { hexFromBytes } from 'tallystick/base'
import { custodianTerms, directoryTerms } from 'tallystick/models'
import { describe, expect, test } from 'vitest'
import { custodyFrom, policyFromCustody } from '../../src/relayed/custody.ts'
import { custodyText, escalationResult, secondsText } from '../../src/relayed/terms.ts'
import { policy } from '../client/town.ts'
import { KEYHOLDERS, keyholder, NAMES } from './custodians.ts'
import { defined } from './sample.ts'

const helpers = ['sue', 'tom', 'una'].map((name) => ({ name, ...keyholder(name) }))
const five = [...KEYHOLDERS, keyholder('custodian eve')]
const custodian = five.map(({ key }, at) => `${NAMES[at] ?? 'eve'}=${key}`)
const standIn = helpers.slice(0, 2).map(({ key, name }) => `${name}=${key}`)
const refusal = (ask: Parameters<typeof custodyFrom>[0]): string => {
  try {
    custodyFrom(ask)
    return 'taken'
  } catch (error) {
    return error instanceof Error ? error.message : ''
  }
}

describe('who is asked to hold a machine', () => {
  test('are custodians alone, all but one of whom decide', () => {
    const asked = custodyFrom({ custodian: custodian.slice(0, 4) })
    expect([asked.threshold, asked.faulty, asked.escalation]).toEqual([3, undefined, undefined])
    expect(policyFromCustody(asked).faulty).toBe(1)
    expect(refusal({})).toContain('nobody is named')
    expect(refusal({ custodian: [...custodian, custodian[0] ?? ''] })).toContain('named twice')
    expect(refusal({ custodian, after: '60' })).toContain('nobody is named who stands in')
  })

  test('are stand-ins beside the fewest custodians that are safe', () => {
    const { faulty, escalation } = custodyFrom({ custodian, standIn })
    expect(faulty).toBe(1)
    expect(escalation).toMatchObject({ after: 3_600_000, threshold: 2, faulty: 1, custodians: 3 })
    const other = custodyFrom({
      custodian,
      standIn,
      after: '60',
      standInThreshold: '1',
      beside: '2',
    })
    expect(other.escalation).toMatchObject({
      after: 60_000,
      threshold: 1,
      faulty: 0,
      custodians: 2,
    })
    expect(refusal({ custodian, standIn, beside: '4' })).toContain('--beside')
    expect(refusal({ custodian, standIn, after: '0' })).toContain('--after')
  })

  test('are asked about where stand-ins would leave no liar to spare', () => {
    const four = custodian.slice(0, 4)
    expect(refusal({ custodian: four, standIn })).toContain('only if no custodian lies')
    expect(refusal({ custodian: four, standIn, faulty: '1' })).toContain('could do nothing')
    expect(refusal({ custodian: four, standIn, faulty: '0' })).toBe('taken')
    expect(refusal({ custodian: four, standIn, threshold: '4' })).toBe('taken')
  })
})

describe('terms in words', () => {
  test('say who stands in, with whom, and after how long', () => {
    const policy = policyFromCustody(custodyFrom({ custodian, standIn }))
    const terms = { ...defined.charter.terms, policy: custodianTerms(policy) }
    const names = (key: string): string => helpers.find((one) => one.key === key)?.name ?? 'x'
    expect(custodyText(terms, names)).toBe(
      '4 of x, x, x, x and x; after 60 minutes of silence 2 of sue and tom with 3 custodians',
    )
    expect(escalationResult(terms)).toMatchObject({ afterMs: 3_600_000n, custodians: 3 })
    expect(escalationResult(defined.charter.terms)).toBeUndefined()
    const silences = [1_000n, 90_000n, 120_000n, 7_200_000n].map(secondsText)
    expect(silences).toEqual(['1 second', '90 seconds', '2 minutes', '2 hours'])
  })

  test('say the key beside each operator, as names are anybody’s to choose', () => {
    const terms = { ...defined.charter.terms, policy: directoryTerms(policy) }
    const text = custodyText(terms, (key) => key)
    for (const { name, publicKey } of policy.operators) {
      expect(text).toContain(`${name} (${hexFromBytes(publicKey).slice(0, 16)})`)
    }
  })
})
