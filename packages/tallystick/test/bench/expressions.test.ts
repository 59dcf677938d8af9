import { expect, test } from 'vitest'
import { benchExpressions } from '../../src/bench/expressions.ts'

test('expressions are measured beside a library that is installed here', async () => {
  const figures = await benchExpressions({ rounds: 1, warmUp: 0 })
  expect(figures.map(({ name }) => name)).toEqual([
    'evaluations of a guard',
    'readings of a guard',
    'evaluations of a guard, @marcbachmann/cel-js',
    'readings of a guard, @marcbachmann/cel-js',
    'as fast at a guard as @marcbachmann/cel-js',
    'evaluations of a count over a roster',
    'readings of a count over a roster',
    'evaluations of a count over a roster, @marcbachmann/cel-js',
    'readings of a count over a roster, @marcbachmann/cel-js',
    'as fast at a count over a roster as @marcbachmann/cel-js',
  ])
  expect(figures.every(({ median }) => Number.isFinite(median) && median > 0)).toBe(true)
})
