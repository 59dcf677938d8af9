import { describe, expect, test } from 'vitest'
import {
  interleave,
  perRound,
  processorNanos,
  speedRatio,
  spreadOf,
} from '../../src/bench/harness.ts'

/** A clock that only moves when a case says so. */
const fakeClock = (): { readonly now: () => number; readonly pass: (nanos: number) => void } => {
  let time = 1e12
  return {
    now: () => time,
    pass: (nanos) => {
      time += nanos
    },
  }
}

describe('interleave', () => {
  test('runs the cases by turns, and what is set up outside of the time', () => {
    const clock = fakeClock()
    const order: string[] = []
    const one = (name: string, nanos: number, count: number) => ({
      name,
      count,
      setUp: () => {
        order.push(`set up ${name}`)
        clock.pass(1_000_000)
      },
      run: () => {
        order.push(name)
        clock.pass(nanos)
      },
    })
    const cases = [one('a', 50, 10), one('b', 300, 3)]
    const samples = interleave(cases, { rounds: 2, warmUp: 1 }, clock.now)
    expect(order).toEqual(Array(3).fill(['set up a', 'a', 'set up b', 'b']).flat())
    expect([...samples]).toEqual([
      ['a', [5, 5]],
      ['b', [100, 100]],
    ])
  })

  test('takes ratios within a round, so that a slow moment of the machine does not show', () => {
    const clock = fakeClock()
    const paces = [1, 7, 2, 1, 5]
    let round = 0
    const samples = interleave(
      [
        { name: 'a', count: 1, run: () => clock.pass(100 * (paces[round] ?? 0)) },
        { name: 'b', count: 1, run: () => clock.pass(300 * (paces[round++] ?? 0)) },
      ],
      { rounds: 5, warmUp: 0 },
      clock.now,
    )
    expect(speedRatio(samples.get('a') ?? [], samples.get('b') ?? [])).toEqual([3, 3, 3, 3, 3])
  })

  test('measures processor time of the whole process unless told otherwise', () => {
    let sink = 0
    const spin = (): void => {
      // Other threads of the process count too, so this much is there at least.
      for (let at = 0; at < 30_000_000; at++) sink = Math.imul(sink ^ at, 16_777_619)
    }
    const before = processorNanos()
    const samples = interleave([{ name: 'spin', count: 1, run: spin }], { rounds: 2, warmUp: 1 })
    const nanos = samples.get('spin') ?? []
    expect(nanos.every((each) => each > 1_000_000)).toBe(true)
    expect(processorNanos() - before).toBeGreaterThan(nanos.reduce((sum, each) => sum + each))
  })
})

test('a spread is the median with the least and the greatest', () => {
  expect(spreadOf([3, 1, 10])).toEqual({ median: 3, min: 1, max: 10 })
  expect(spreadOf([4, 1, 2, 3])).toEqual({ median: 2.5, min: 1, max: 4 })
  expect(spreadOf([7])).toEqual({ median: 7, min: 7, max: 7 })
})

test('what belongs to one round is combined with what belongs to the same round', () => {
  expect(
    perRound(
      [
        [1, 2],
        [10, 20],
      ],
      (a = 0, b = 0) => a + b,
    ),
  ).toEqual([11, 22])
})
