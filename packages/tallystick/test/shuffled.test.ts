import { expect, test } from 'vitest'
import { unordered, withShuffledOrder } from './shuffled.ts'

const numbers = Array.from({ length: 20 }, (_, at) => at)
const shown = () => {
  const map = new Map(numbers.map((at) => [at, at]))
  const object = Object.fromEntries(numbers.map((at) => [`n${at}`, at]))
  const each: number[] = []
  for (const [at] of map) each.push(at)
  return [each, [...map.keys()], [...map.values()], [...new Set(numbers)], Object.values(object)]
}

test('what maps, sets and objects hold comes in another order, and afterwards as it was put in', () => {
  for (const one of withShuffledOrder(3, shown)) {
    expect(one).not.toEqual(numbers)
    expect(one.toSorted((a, b) => a - b)).toEqual(numbers)
  }
  expect(shown()).toEqual(numbers.map(() => numbers).slice(0, 5))
  expect(() =>
    withShuffledOrder(3, () => {
      throw new Error('stopped')
    }),
  ).toThrow('stopped')
  expect(shown()[0]).toEqual(numbers)
})

test('a value is told from another one, but for the order', () => {
  expect(unordered({ a: [1, 2], b: undefined })).toBe(unordered({ a: [2, 1] }))
  expect(unordered({ a: [1, 2] })).not.toBe(unordered({ a: [1, 1] }))
  expect(unordered({ a: '1' })).not.toBe(unordered({ a: 1 }))
  expect(unordered([{ a: 1 }, { b: 2 }])).not.toBe(unordered([{ a: 1, b: 2 }]))
})
