import { describe, expect, test } from 'vitest'
import { jsonFromText } from '../../src/forms/strict-json.ts'
import type { PlanEvent } from '../../src/sim/plan.ts'
import { planFromJson } from '../../src/sim/plan-json.ts'
import { planOf } from '../../src/sim/simulate.ts'
import { planWith } from './toy.ts'

const read = (value: unknown): unknown => planFromJson(jsonFromText(JSON.stringify(value)))

const events: readonly PlanEvent[] = [
  { at: 1, is: 'wish', node: 0, choice: 3 },
  { at: 2, is: 'crash', node: 1, down: 9 },
  { at: 3, is: 'torn', node: 1, down: 9 },
  { at: 4, is: 'restore', node: 0, back: 2, noticed: true },
  { at: 4, is: 'restore', node: 0, back: 2, noticed: false },
  { at: 5, is: 'cut', from: 0, to: 1, ticks: 30 },
  { at: 6, is: 'echo', node: 0, choice: 4 },
]

describe('a plan as JSON', () => {
  test('comes back as it went, with every kind of event', () => {
    expect(read(planWith(events))).toEqual(planWith(events))
    const generated = planOf('bilateral', 77)
    expect(read(generated)).toEqual(generated)
  })

  const plan = planWith(events)
  test.each([
    ['no object', [], 'plan/malformed'],
    ['no knobs', { ...plan, knobs: 3 }, 'plan/malformed'],
    ['a missing knob', { ...plan, knobs: { ...plan.knobs, delayMax: null } }, 'json/wrong-shape'],
    ['a negative seed', { ...plan, seed: -1 }, 'json/wrong-shape'],
    ['events that are no list', { ...plan, events: {} }, 'json/wrong-shape'],
    ['an event that is no object', { ...plan, events: ['wish'] }, 'plan/malformed'],
    ['an unknown event', { ...plan, events: [{ at: 1, is: 'quake' }] }, 'plan/malformed'],
    ['an event without its node', { ...plan, events: [{ at: 1, is: 'wish' }] }, 'json/wrong-shape'],
  ])('is refused with %s', (_, value, code) => {
    expect(() => read(value)).toThrow(expect.objectContaining({ code }) as Error)
  })
})
