import { expect, test } from 'vitest'
import { GRADES, lowerGrade } from '../../src/kernel/verdict.ts'

test('the lower of two grades is the one that comes first, in either order', () => {
  for (const [at, a] of GRADES.entries()) {
    for (const [other, b] of GRADES.entries()) {
      expect(lowerGrade(a, b)).toBe(GRADES[Math.min(at, other)])
    }
  }
})

test('what is accepted at a risk never counts as co-signed, and co-signed never as receipted', () => {
  expect(lowerGrade('provisional', 'receipted')).toBe('provisional')
  expect(lowerGrade('receipted', 'cosigned')).toBe('cosigned')
  expect([...GRADES].reduce(lowerGrade)).toBe('local')
})
