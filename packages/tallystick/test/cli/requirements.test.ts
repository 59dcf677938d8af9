import { describe, expect, test } from 'vitest'
import { REQUIREMENTS_MAX } from '../../src/base/limits.ts'
import { readRequirements, worseOf } from '../../src/cli/requirements.ts'

describe('--require', () => {
  test('takes so many requirements at a time', () => {
    const many = Array.from({ length: REQUIREMENTS_MAX + 1 }, () => 'no field price')
    expect(readRequirements(many.slice(1))).toHaveLength(REQUIREMENTS_MAX)
    expect(() => readRequirements(many)).toThrow(/33 requirements/)
  })

  test('ends as the worse of two: false before missing before good', () => {
    expect([worseOf(0, 0), worseOf(0, 1), worseOf(1, 0), worseOf(0, 2)]).toEqual([0, 1, 1, 2])
    expect([worseOf(2, 0), worseOf(2, 1), worseOf(1, 2), worseOf(2, 2)]).toEqual([2, 1, 1, 2])
  })
})
