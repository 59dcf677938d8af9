import { describe, expect, test } from 'vitest'
import { INCOMPLETE_CODES } from '../../src/verify/run.ts'
import { charterFor, codesOf, history, PAIR, reportOn } from './world.ts'

describe('codes that say that something is missing', () => {
  test('leave a report incomplete, and any other code makes it invalid', () => {
    const { steps } = history(2)
    const gap = reportOn({ charters: [charterFor(PAIR)], steps: steps.slice(1) })
    expect(codesOf(gap).every((code) => INCOMPLETE_CODES.has(code))).toBe(true)
    expect(gap.outcome).toBe('incomplete')
    const twice = reportOn({ charters: [charterFor(PAIR)], steps: [...steps, ...steps] })
    expect(codesOf(twice).some((code) => INCOMPLETE_CODES.has(code))).toBe(false)
    expect(twice.outcome).toBe('invalid')
  })

  test('are about logics and models as well as parts of the file', () => {
    const charters = [charterFor(PAIR)]
    expect(codesOf(reportOn({ charters }, { logics: new Map() }))).toEqual(['bundle/unknown-logic'])
    expect(codesOf(reportOn({ charters }, { models: new Map() }))).toEqual(['bundle/unknown-model'])
  })
})
