import { describe, expect, test } from 'vitest'
import type { Plan } from '../../src/sim/plan.ts'
import { shrinkPlan } from '../../src/sim/shrink.ts'
import { calm, planWith, wishAt } from './toy.ts'

const isTime = (plan: Plan, at: number): boolean => plan.events.some((one) => one.at === at)

describe('shrinking', () => {
  const long = planWith(Array.from({ length: 40 }, (_, at) => wishAt(at)))

  test('keeps just the events that the failure needs', () => {
    const trial = (plan: Plan): string | undefined =>
      isTime(plan, 3) && isTime(plan, 17) && isTime(plan, 39) ? 'needs three' : undefined
    const shortest = shrinkPlan(long, trial)
    expect(shortest.events.map((one) => one.at)).toEqual([3, 17, 39])
    for (const out of shortest.events) {
      const events = shortest.events.filter((one) => one !== out)
      expect(trial({ ...shortest, events })).toBeUndefined()
    }
  })

  test('does not slip from one rule to another', () => {
    // A shorter plan breaks another rule, which is another bug.
    const trial = (plan: Plan): string | undefined => {
      if (isTime(plan, 5) && isTime(plan, 6)) return 'first rule'
      return isTime(plan, 6) ? 'second rule' : undefined
    }
    expect(shrinkPlan(long, trial).events.map((one) => one.at)).toEqual([5, 6])
  })

  test('turns off every knob that the failure does not need', () => {
    const knobs = {
      lossPercent: 9,
      repeatPercent: 9,
      delayMax: 9,
      manglePercent: 9,
      crashPercent: 9,
    }
    const shortest = shrinkPlan(planWith([wishAt(1)], { knobs }), (plan) =>
      plan.knobs.repeatPercent > 0 ? 'repeats' : undefined,
    )
    expect(shortest.knobs).toEqual({ ...calm, repeatPercent: 9 })
    expect(shortest.events).toEqual([])
  })

  test('leaves a plan that does not fail as it is', () => {
    expect(shrinkPlan(long, () => undefined)).toBe(long)
  })
})
