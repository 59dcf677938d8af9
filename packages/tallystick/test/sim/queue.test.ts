import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createQueue } from '../../src/sim/queue.ts'

describe('the queue', () => {
  test('gives items by time, and items of one tick in the order they came', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20)), (times) => {
        const queue = createQueue<number>()
        for (const [order, at] of times.entries()) queue.push(at, order)
        const expected = [...times.entries()].sort(([i, a], [j, b]) => a - b || i - j)
        for (const [order, at] of expected) expect(queue.pop()).toEqual({ at, item: order })
        expect(queue.pop()).toBeUndefined()
      }),
    )
  })

  test('takes items between pops', () => {
    const queue = createQueue<string>()
    queue.push(5, 'five')
    queue.push(2, 'two')
    expect(queue.pop()?.item).toBe('two')
    queue.push(1, 'late one')
    queue.push(5, 'five again')
    expect([queue.pop()?.item, queue.pop()?.item, queue.pop()?.item]).toEqual([
      'late one',
      'five',
      'five again',
    ])
  })
})
