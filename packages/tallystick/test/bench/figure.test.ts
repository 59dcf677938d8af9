import { describe, expect, test } from 'vitest'
import {
  atLeast,
  atMost,
  figureFrom,
  knownFigure,
  rateFigure,
  textOf,
} from '../../src/bench/figure.ts'

const about = { id: 'T0', name: 'steps' }

describe('a figure', () => {
  test('meets its goal with its median, at the goal and beyond', () => {
    const met = (values: readonly number[], goal: ReturnType<typeof atLeast>) =>
      figureFrom({ ...about, unit: 'ratio', goal }, values).isMet
    expect([met([0, 5, 9], atLeast(5)), met([9, 4.9, 0], atLeast(5))]).toEqual([true, false])
    expect([met([0, 5, 9], atMost(5)), met([9, 5.1, 0], atMost(5))]).toEqual([true, false])
    expect(figureFrom({ ...about, unit: 'ratio' }, [1]).isMet).toBeUndefined()
  })

  test('of a rate comes from nanoseconds for each', () => {
    const figure = rateFigure({ ...about, goal: atLeast(1e6) }, [500, 1000, 2000])
    expect([figure.median, figure.min, figure.max]).toEqual([1e6, 5e5, 2e6])
    expect(figure.isMet).toBe(true)
  })

  test('that is known has no spread', () => {
    expect(knownFigure({ ...about, unit: 'bytes' }, 256)).toMatchObject({
      median: 256,
      min: 256,
      max: 256,
    })
  })

  test.each([
    [1_234_567, '1/s', '1.23 M/s'],
    [45_678, '1/s', '45.7 k/s'],
    [12.34, '1/s', '12.3/s'],
    [0.6543, 'ratio', '0.65'],
    [35.21, 'ratio', '35.2'],
    [0.31234, 's', '0.312 s'],
    [256, 'bytes', '256 B'],
  ] as const)('is written for people: %d %s as %s', (value, unit, text) => {
    expect(textOf(value, unit)).toBe(text)
  })
})
