import { describe, expect, test } from 'vitest'
import type { BundleStep } from '../../src/verify/bundle.ts'
import {
  charterFor,
  codesOf,
  machineFor,
  OWNED,
  PAIR,
  reportOn,
  standingsOf,
  stepFor,
} from './world.ts'

const start = machineFor(OWNED)
const charters = [charterFor(OWNED)]
const agreed = stepFor({
  machine: start,
  say: 'set to bob',
  consentOf: ['alice'],
  proposedBy: 'alice',
})

const codesWith = (change: Partial<BundleStep>): readonly string[] =>
  codesOf(reportOn({ charters, steps: [{ ...agreed.step, ...change }] }))

describe('consents and proposals', () => {
  test('let a step through when their signatures hold', () => {
    expect(codesWith({})).toEqual([])
  })

  test('are refused with a touched signature, an unknown party or key, or on another machine', () => {
    const consent = (change: object): readonly string[] =>
      codesWith({ consents: agreed.step.consents.map((one) => ({ ...one, ...change })) })
    const [first] = agreed.step.consents
    if (!first) throw new Error('there is a consent')
    expect(consent({ signature: first.signature.with(3, 3) })).toEqual(['consent/bad-signature'])
    expect(consent({ party: 1 })).toEqual(['consent/unknown-key'])
    expect(consent({ key: 1 })).toEqual(['consent/unknown-key'])
    expect(consent({ machine: machineFor(PAIR).id })).toEqual(['consent/unknown-leg'])
  })

  test('are refused where the proposal is by an unknown key or out of turn', () => {
    const [leg] = agreed.step.legs
    if (leg?.is !== 'written') throw new Error('the leg is written')
    const proposal = leg.proposal.map((one) => ({ ...one, key: 1 }))
    expect(codesWith({ legs: [{ ...leg, proposal }] })).toEqual(['proposal/unknown-key'])
    const open = { ...OWNED, turn: { is: 'anyone' } } as const
    const wish = { machine: machineFor(open), say: 'set a b', consentOf: ['alice'] }
    const free = stepFor(wish).step
    expect(codesOf(reportOn({ charters: [charterFor(open)], steps: [free] }))).toEqual([])
    const [other] = free.legs
    if (other?.is !== 'written') throw new Error('the leg is written')
    const steps = [{ ...free, legs: [{ ...other, proposal: leg.proposal }] }]
    expect(codesOf(reportOn({ charters: [charterFor(open)], steps }))).toEqual(['proposal/no-turn'])
  })

  test('of one party do not stand for the other', () => {
    const shared = { ...OWNED, parties: ['alice', 'bob'] }
    const certifiedBy = ['oda', 'oki']
    const wish = { machine: machineFor(shared), say: 'set a b', consentOf: ['alice'] }
    const bobs = { ...shared, turn: { is: 'owner', party: 1 } } as const
    const report = reportOn({
      charters: [charterFor(shared), charterFor(bobs)],
      steps: [
        stepFor({ ...wish, certifiedBy }).step,
        stepFor({ ...wish, machine: machineFor(bobs), certifiedBy }).step,
      ],
    })
    expect(standingsOf(report, machineFor(shared))).toEqual(['final'])
    // Alice has consented, but it is Bob's turn.
    expect(standingsOf(report, machineFor(bobs))).toEqual(['pending'])
  })
})
