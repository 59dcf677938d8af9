import { describe, expect, test } from 'vitest'
import type { BundleStep } from '../../src/verify/bundle.ts'
import {
  BOTH,
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
