import { describe, expect, test } from 'vitest'
import { linesFromReport } from '../../src/verify/words.ts'
import {
  charterFor,
  codesOf,
  found,
  history,
  PAIR,
  reportOn,
  standingsOf,
  stepFor,
  type Suite,
} from './world.ts'

describe('a relationship', () => {
  test.each<Suite>(['quantum', 'classic', 'nostr', 'evm'])(
    'of final steps is valid under %s, and its head is named',
    (suite) => {
      const wish = { ...PAIR, suite }
      const { steps, head } = history(3, wish)
      const report = reportOn({ charters: [charterFor(wish)], steps })
      expect(report.faults).toEqual([])
      expect(report.outcome).toBe('valid')
      expect(found(report, head).head).toEqual({
        sequence: 3n,
        id: head.headId,
        standing: 'final',
        grade: 'cosigned',
      })
    },
  )

  test('says whom it reaches, who vouches and what it does not show', () => {
    const { steps } = history(1)
    const report = reportOn({ charters: [charterFor(PAIR)], steps })
    const kinds = report.assumptions.map((one) => one.is)
    expect(kinds).toEqual(['keys', 'cryptography', 'reach', 'undo', 'clock', 'freshness'])
    expect(linesFromReport(report).join('\n')).toContain('not shown to be the newest head')
    expect(report.machines[0]?.freshness).toEqual({ is: 'unknown' })
  })

  test('whose last step lacks a signature is incomplete and says whose', () => {
    const { steps, head } = history(2)
    const offer = stepFor({ machine: head, say: 'set n 3', certifiedBy: ['alice'] })
    const report = reportOn({ charters: [charterFor(PAIR)], steps: [...steps, offer.step] })
    expect(report.outcome).toBe('incomplete')
    expect(standingsOf(report, head)).toEqual(['final', 'final', 'pending'])
    expect(found(report, head).steps[2]?.waitingFor).toEqual([{ is: 'signers', names: ['bob'] }])
    expect(found(report, head).head.sequence).toBe(2n)
  })

  test('counts one party once, however often it signs', () => {
    const { head } = history(0)
    const made = stepFor({ machine: head, say: 'set a b', certifiedBy: ['alice', 'alice'] })
    const report = reportOn({ charters: [charterFor(PAIR)], steps: [made.step] })
    expect(standingsOf(report, head)).toEqual(['pending'])
  })

  test('without its charter is incomplete, and the step that is missing is missed once', () => {
    const { steps } = history(3)
    const bare = reportOn({ charters: [], steps })
    expect(bare.outcome).toBe('incomplete')
    expect(codesOf(bare)).toEqual(['bundle/missing-charter'])
    const gap = reportOn({ charters: [charterFor(PAIR)], steps: steps.slice(1) })
    expect(gap.outcome).toBe('incomplete')
    expect(codesOf(gap)).toEqual(['bundle/missing-step'])
    expect(gap.faults[0]?.place.step).toBe(2n)
  })

  test('given twice is refused at the second copy', () => {
    const { steps } = history(1)
    const report = reportOn({ charters: [charterFor(PAIR)], steps: [...steps, ...steps] })
    expect(report.outcome).toBe('invalid')
    expect(codesOf(report)).toEqual(['bundle/duplicate-step'])
    const charters = [charterFor(PAIR), charterFor(PAIR)]
    expect(codesOf(reportOn({ charters, steps }))).toEqual(['bundle/duplicate-charter'])
  })
})
