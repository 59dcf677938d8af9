import { describe, expect, test } from 'vitest'
import type { Machine } from '../../src/kernel/execute.ts'
import type { BundleStep } from '../../src/verify/bundle.ts'
import type { Remembered } from '../../src/verify/run.ts'
import {
  BOTH,
  charterFor,
  codesOf,
  found,
  history,
  machineFor,
  PAIR,
  reportOn,
  standingsOf,
  stepFor,
} from './world.ts'

const charters = [charterFor(PAIR)]
const remember = (machine: Machine, more: Partial<Remembered> = {}): Remembered => ({
  head: machine.head,
  grade: 'cosigned',
  certificate: new Uint8Array(0),
  asOf: undefined,
  ...more,
})
const certificateOf = (step: BundleStep): Uint8Array => {
  const [leg] = step.legs
  if (leg?.is !== 'written') throw new Error('the leg is written')
  return leg.certificate
}

describe('remembered heads', () => {
  test('make a file that ends before them stale', () => {
    const { steps, head } = history(3)
    const anchors = [remember(head)]
    expect(reportOn({ charters, steps }, { anchors }).outcome).toBe('valid')
    const old = reportOn({ charters, steps: steps.slice(0, 2) }, { anchors })
    expect(old.outcome).toBe('invalid')
    expect(codesOf(old)).toEqual(['bundle/stale'])
    expect(old.faults[0]?.place).toEqual({ machine: head.id, step: 3n })
  })

  test('say as of when a file is the newest, and nothing where nobody said', () => {
    const { steps, head } = history(3)
    const fresh = (asOf: bigint | undefined): unknown =>
      found(reportOn({ charters, steps }, { anchors: [remember(head, { asOf })] }), head).freshness
    expect(fresh(77n)).toEqual({ is: 'latest', asOf: 77n })
    expect(fresh(undefined)).toEqual({ is: 'unknown' })
    const two = [remember(head, { asOf: 5n }), remember(head, { asOf: 9n })]
    const report = reportOn({ charters, steps }, { anchors: two })
    expect(found(report, head).freshness).toEqual({ is: 'latest', asOf: 9n })
  })

  test('contradict another step at their place, and convict who signed both', () => {
    const { steps, head } = history(1)
    const left = stepFor({ machine: head, say: 'set to carol', certifiedBy: BOTH })
    const right = stepFor({ machine: head, say: 'set to dave', certifiedBy: BOTH })
    const all = [...steps, left.step]
    const bare = reportOn({ charters, steps: all }, { anchors: [remember(right.after)] })
    expect(bare.outcome).toBe('invalid')
    expect(codesOf(bare)).toEqual(['bundle/contradicts-anchor'])
    expect(standingsOf(bare, head)).toEqual(['final', 'contested'])
    expect(bare.convictions).toEqual([])
    const kept = [remember(right.after, { certificate: certificateOf(right.step) })]
    const report = reportOn({ charters, steps: all }, { anchors: kept })
    expect(report.convictions.map((one) => [one.name, one.kind])).toEqual([
      ['alice', 'fork'],
      ['bob', 'fork'],
    ])
  })

  test('of another history convict by number where the parents differ', () => {
    const { head } = history(0)
    const left = stepFor({ machine: head, say: 'set to carol', certifiedBy: BOTH })
    const longer = stepFor({ machine: left.after, say: 'set to carol', certifiedBy: BOTH })
    const right = stepFor({ machine: head, say: 'set to dave', certifiedBy: BOTH })
    const other = stepFor({ machine: right.after, say: 'set to dave', certifiedBy: BOTH })
    const anchors = [remember(other.after, { certificate: certificateOf(other.step) })]
    const report = reportOn({ charters, steps: [left.step, longer.step] }, { anchors })
    expect(report.convictions.map((one) => [one.name, one.kind, one.sequence])).toEqual([
      ['alice', 'regress', 2n],
      ['bob', 'regress', 2n],
    ])
  })

  test('contradict their rival also where they stand beside it without their certificate', () => {
    const { steps, head } = history(1)
    const bare = stepFor({ machine: head, say: 'set to carol' })
    const mine = stepFor({ machine: head, say: 'set to carol', certifiedBy: BOTH })
    const rival = stepFor({ machine: head, say: 'set to dave', certifiedBy: BOTH })
    const all = [...steps, bare.step, rival.step]
    expect(reportOn({ charters, steps: all }).outcome).toBe('valid')
    const anchors = [remember(mine.after, { certificate: certificateOf(mine.step), asOf: 5n })]
    const report = reportOn({ charters, steps: all }, { anchors })
    expect(codesOf(report)).toEqual(['bundle/contradicts-anchor'])
    expect(standingsOf(report, head)).toEqual(['final', 'superseded', 'contested'])
    expect(found(report, head).freshness).toEqual({ is: 'unknown' })
    expect(report.convictions.map((one) => one.name)).toEqual(['alice', 'bob'])
    const whole = reportOn({ charters, steps: [...steps, mine.step] }, { anchors })
    expect(whole.outcome).toBe('valid')
  })

  test('contradict a rival that parted from them further back', () => {
    const { steps, head } = history(1)
    const bare = stepFor({ machine: head, say: 'set to carol' })
    const next = stepFor({ machine: bare.after, say: 'set to carol' })
    const rival = stepFor({ machine: head, say: 'set to dave', certifiedBy: BOTH })
    const all = [...steps, bare.step, next.step, rival.step]
    const report = reportOn({ charters, steps: all }, { anchors: [remember(next.after)] })
    expect(codesOf(report)).toEqual(['bundle/contradicts-anchor'])
    expect(standingsOf(report, head).at(-2)).toBe('contested')
  })

  test('stay as new as they were beside an offer that nobody signed', () => {
    const { steps, head } = history(1)
    const mine = stepFor({ machine: head, say: 'set to carol' })
    const offer = stepFor({ machine: head, say: 'set to dave' })
    const anchors = [remember(mine.after, { asOf: 5n })]
    const report = reportOn({ charters, steps: [...steps, mine.step, offer.step] }, { anchors })
    expect(report.faults).toEqual([])
    expect(found(report, head).freshness).toEqual({ is: 'latest', asOf: 5n })
  })

  test('of machines that the file is not about change nothing', () => {
    const { steps } = history(1)
    const other = machineFor({ parties: ['carol', 'dave'] })
    const report = reportOn({ charters, steps }, { anchors: [remember(other)] })
    expect(report.outcome).toBe('valid')
  })
})
