import { expect, test } from 'vitest'
import { measureS2 } from '../../src/bench/s2.ts'

test('loads and verifies long histories beside short ones, each with its limit', () => {
  const figures = measureS2({ short: 30, long: 200, file: 100, parts: 2, pages: 1 })
  expect(figures.map(({ name }) => name)).toEqual([
    'a step of 200 loaded and verified, counter',
    'by the step, 200 beside 30, counter',
    'its last part beside 30, counter',
    'by the step, a file of 100 beside 30',
    'a step of 200 loaded and verified, a context that fills up, and effects',
    'by the step, 200 beside 30, a context that fills up, and effects',
    'its last part beside 30, a context that fills up, and effects',
  ])
  for (const { median, unit, goal } of figures) {
    expect(median).toBeGreaterThan(0)
    expect(Number.isFinite(median)).toBe(true)
    expect(goal).toEqual(unit === 'ratio' ? { is: 'at most', value: 1.2 } : undefined)
  }
})
