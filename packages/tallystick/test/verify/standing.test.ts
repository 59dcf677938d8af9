import { describe, expect, test } from 'vitest'
import {
  BOTH,
  certificateFor,
  charterFor,
  codesOf,
  machineFor,
  OWNED,
  PAIR,
  reportOn,
  standingsOf,
  stepFor,
} from './world.ts'

describe('several legs', () => {
  test('stand no better than the weakest of them', () => {
    const pair = machineFor(PAIR)
    const other = machineFor({ ...PAIR, nonce: 1 })
    const charters = [charterFor(PAIR), charterFor({ ...PAIR, nonce: 1 })]
    const beside = [{ machine: other, access: 'write' }] as const
    const made = stepFor({ machine: pair, beside, say: 'set a b', certifiedBy: BOTH })
    const half = reportOn({ charters, steps: [made.step] })
    expect(half.outcome).toBe('incomplete')
    expect(standingsOf(half, pair)).toEqual(['pending'])
    const [first, second] = made.step.legs
    if (first?.is !== 'written' || second?.is !== 'written') throw new Error('both are written')
    const certificate = certificateFor(other, second.transition, { by: BOTH })
    const legs = [first, { ...second, certificate }]
    const whole = reportOn({ charters, steps: [{ ...made.step, legs }] })
    expect(whole.outcome).toBe('valid')
    expect([...standingsOf(whole, pair), ...standingsOf(whole, other)]).toEqual(['final', 'final'])
  })

  test('that read a state are held to the one they were read at', () => {
    const pair = machineFor(PAIR)
    const other = machineFor({ ...PAIR, nonce: 1 })
    const charters = [charterFor(PAIR), charterFor({ ...PAIR, nonce: 1 })]
    const beside = [{ machine: other, access: 'read' }] as const
    const made = stepFor({ machine: pair, beside, say: 'set a b', certifiedBy: BOTH })
    expect(reportOn({ charters, steps: [made.step] }).outcome).toBe('valid')
    const [first] = made.step.legs
    if (!first) throw new Error('a leg is there')
    const legs = [first, { is: 'read', at: pair.headId }] as const
    expect(codesOf(reportOn({ charters, steps: [{ ...made.step, legs }] }))).toEqual([
      'transition/wrong-parent',
    ])
  })
})

describe('certificates that cover a prefix', () => {
  test('make the steps before them final', () => {
    const wish = { ...OWNED, prefix: true }
    const start = machineFor(wish)
    const first = stepFor({ machine: start, say: 'set a b', consentOf: ['alice'] })
    const second = stepFor({
      machine: first.after,
      say: 'set a c',
      consentOf: ['alice'],
      certifiedBy: ['oda', 'oki'],
    })
    const charters = [charterFor(wish)]
    const open = reportOn({ charters, steps: [first.step] })
    expect(standingsOf(open, start)).toEqual(['pending'])
    const report = reportOn({ charters, steps: [first.step, second.step] })
    expect(standingsOf(report, start)).toEqual(['final', 'final'])
  })
})
