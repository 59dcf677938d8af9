import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type PlanBounds, planFromSeed } from '../../src/sim/plan.ts'

const bounds: PlanBounds = {
  scenario: 'toy',
  nodes: 3,
  wishes: 5,
  ticks: 100,
  wishers: [0, 2],
  restorable: { noticed: [1], unnoticed: [] },
}

describe('plans', () => {
  test('are the same for the same seed and differ between seeds', () => {
    expect(planFromSeed(5, bounds)).toEqual(planFromSeed(5, bounds))
    expect(planFromSeed(5, bounds)).not.toEqual(planFromSeed(6, bounds))
  })

  test('keep to their bounds', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const plan = planFromSeed(seed, bounds)
        const times = plan.events.map((one) => one.at)
        expect(times).toEqual([...times].sort((a, b) => a - b))
        expect(times.every((at) => at >= 0 && at < 100)).toBe(true)
        const wishes = plan.events.filter((one) => one.is === 'wish')
        expect(wishes).toHaveLength(5)
        expect(wishes.every((one) => one.node === 0 || one.node === 2)).toBe(true)
        for (const one of plan.events) {
          if (one.is === 'restore') expect([one.node, one.noticed]).toEqual([1, true])
          if (one.is === 'cut') expect(one.from).not.toBe(one.to)
        }
      }),
    )
  })

  test('switch whole classes of faults on and off', () => {
    const plans = Array.from({ length: 60 }, (_, seed) => planFromSeed(seed, bounds))
    const lossless = plans.filter((one) => one.knobs.lossPercent === 0).length
    expect(lossless).toBeGreaterThan(15)
    expect(lossless).toBeLessThan(45)
    for (const kind of ['crash', 'torn', 'cut', 'echo', 'restore']) {
      const having = plans.filter((one) => one.events.some((event) => event.is === kind)).length
      expect(having).toBeGreaterThan(10)
      expect(having).toBeLessThan(50)
    }
  })
})
