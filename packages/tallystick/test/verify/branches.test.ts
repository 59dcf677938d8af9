import { describe, expect, test } from 'vitest'
import type { BundleStep } from '../../src/verify/bundle.ts'
import {
  board,
  BOTH,
  certificateOf,
  charterFor,
  machineFor,
  codesOf,
  history,
  OWNED,
  PAIR,
  reportOn,
  standingsOf,
  stepFor,
} from './world.ts'

describe('two children of one parent', () => {
  test('signed by both parties are contested, and both stand convicted by name', () => {
    const { steps, head } = history(1)
    const left = stepFor({ machine: head, say: 'set to carol', certifiedBy: BOTH })
    const right = stepFor({ machine: head, say: 'set to dave', certifiedBy: BOTH })
    const all = [...steps, left.step, right.step]
    const report = reportOn({ charters: [charterFor(PAIR)], steps: all })
    expect(report.outcome).toBe('invalid')
    expect(codesOf(report)).toEqual(['bundle/contested'])
    expect(standingsOf(report, head)).toEqual(['final', 'contested', 'contested'])
    const convicted = report.convictions.map((one) => [one.name, one.kind, one.sequence])
    expect(convicted).toEqual([
      ['alice', 'fork', 2n],
      ['bob', 'fork', 2n],
    ])
    expect(report.convictions.every((one) => one.bytes < 700)).toBe(true)
  })

  test('are no offence where one of them was never signed, and what was signed stands', () => {
    const { steps, head } = history(1)
    const left = stepFor({ machine: head, say: 'set to carol' })
    const right = stepFor({ machine: head, say: 'set to dave', certifiedBy: BOTH })
    const all = [...steps, left.step, right.step]
    const report = reportOn({ charters: [charterFor(PAIR)], steps: all })
    expect(report.faults).toEqual([])
    expect(report.convictions).toEqual([])
    expect(standingsOf(report, head)).toEqual(['final', 'superseded', 'final'])
    expect(report.outcome).toBe('valid')
  })

  test('that continue for different lengths are contested from the fork on', () => {
    const { head } = history(0)
    const left = stepFor({ machine: head, say: 'set to carol', certifiedBy: BOTH })
    const more = stepFor({ machine: left.after, say: 'set to erin', certifiedBy: BOTH })
    const right = stepFor({ machine: head, say: 'set to dave', certifiedBy: BOTH })
    const all = [left.step, more.step, right.step]
    const report = reportOn({ charters: [charterFor(PAIR)], steps: all })
    expect(standingsOf(report, head)).toEqual(['contested', 'contested', 'contested'])
  })
})

describe('names of the convicted', () => {
  test('are those of the step they lied at, also where later terms call their keys otherwise', () => {
    const start = machineFor(OWNED)
    const by = ['oda', 'ove']
    const wish = { machine: start, consentOf: ['alice'], certifiedBy: by }
    const mine = stepFor({ ...wish, say: 'set to bob' })
    const rival = stepFor({ ...wish, say: 'set to carol' })
    const charters = [charterFor(OWNED)]
    const { convictions } = reportOn({ charters, steps: [mine.step, rival.step] })
    const evidence = convictions.map((one) => one.evidence)
    expect(evidence).toHaveLength(2)
    const policy = board.decode(start.terms.policy.params)
    const voters = policy.voters.map((one) => ({ ...one, name: `new-${one.name}` }))
    const renamed = {
      ...start.terms,
      policy: { ...start.terms.policy, params: board.encode({ ...policy, voters }) },
    }
    const amended = stepFor({ ...wish, machine: mine.after, say: '', amend: renamed })
    const later = stepFor({ machine: amended.after, say: 'set to dora', consentOf: ['alice'] })
    const [change] = amended.step.legs
    const [last] = later.step.legs
    if (change?.is !== 'written' || last?.is !== 'written') throw new Error('they are written')
    // The same keys sit in the same seats, so that what they sign holds under both names.
    const certificate = certificateOf(start.terms, last.transition, { by })
    const steps = [
      mine.step,
      { ...amended.step, legs: [{ ...change, accepted: change.certificate }] },
      { ...later.step, legs: [{ ...last, certificate }] },
    ]
    expect(reportOn({ charters, steps }).outcome).toBe('valid')
    const report = reportOn({ charters, steps, evidence })
    expect(codesOf(report)).toEqual(['bundle/contested'])
    expect(report.outcome).toBe('invalid')
  })

  test('come from the machine they lied about, whatever another charter calls their keys', () => {
    const start = machineFor(OWNED)
    const say = (text: string): BundleStep =>
      stepFor({ machine: start, say: `set to ${text}`, proposedBy: 'alice' }).step
    const steps = [say('bob'), say('carol')]
    const honest = charterFor({ parties: ['bob', 'carol'], nonce: 9 })
    const [bob] = honest.terms.participants
    const [alice] = charterFor(OWNED).terms.participants
    if (!bob || !alice) throw new Error('both are there')
    const participants = [
      { ...alice, name: 'bob' },
      { ...bob, name: 'alice' },
    ]
    const slander = { ...honest, terms: { ...honest.terms, participants } }
    for (const charters of [
      [charterFor(OWNED), slander],
      [slander, charterFor(OWNED)],
    ]) {
      expect(reportOn({ charters, steps }).convictions.map((one) => one.name)).toEqual(['alice'])
    }
  })
})
