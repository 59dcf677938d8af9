import { expect, test } from 'vitest'
import { benchPolo } from '../../src/bench/polo.ts'

test('POLO is measured beside the library for it, which writes the same bytes', async () => {
  const figures = await benchPolo({ rounds: 1, warmUp: 0 })
  const sorts = (name: string): readonly string[] => [
    `writing ${name}`,
    `reading ${name}`,
    `writing ${name}, js-polo`,
    `reading ${name}, js-polo`,
    `as fast at writing ${name} as js-polo`,
    `as fast at reading ${name} as js-polo`,
  ]
  expect(figures.map(({ name }) => name)).toEqual(
    ['an interaction', 'a struct', 'a hundred numbers', 'a map of twenty'].flatMap(sorts),
  )
  expect(figures.every(({ median }) => Number.isFinite(median) && median > 0)).toBe(true)
})
