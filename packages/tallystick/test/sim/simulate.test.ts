import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createNativeEngine } from '../../src/engine/native.ts'
import { jsonFromBytes } from '../../src/forms/strict-json.ts'
import { planFromJson } from '../../src/sim/plan-json.ts'
import type { PartyRole } from '../../src/sim/sabotage.ts'
import {
  planOf,
  SCENARIO_NAMES,
  simulatePlan,
  simulateSeed,
  type SimulateOptions,
} from '../../src/sim/simulate.ts'
import { createTokenEngine } from '../../src/sim/token-engine.ts'
import { planWith } from './toy.ts'

const real = createNativeEngine()
const isSlow = process.env['TALLYSTICK_SLOW'] === '1'
/** Audited, with tokens for signatures; others too, and with real ones, when there is time. */
const SEEDS = isSlow ? [1, 2, 3, 10, 50, 100] : [10]
const REAL_SEEDS = isSlow ? [50, 100] : [50]

/** A role that does not depend on its arguments alone: it is deaf to every hundredth thing it ever heard. */
const moody = (): SimulateOptions => {
  let heard = 0
  return {
    real,
    sabotage: {
      party: (role: PartyRole): PartyRole => ({
        ...role,
        step: (state, input, env) => {
          heard += 1
          return heard % 100 === 0 ? state : role.step(state, input, env)
        },
      }),
    },
  }
}

describe.each(SCENARIO_NAMES)('%s', (name) => {
  test('runs a seed the same way twice', () => {
    for (const seed of SEEDS) {
      const [first, second] = [1, 2].map(() => simulateSeed(name, seed, { real }))
      expect(first?.failure?.run.violation).toBeUndefined()
      expect(first?.run).toEqual(second?.run)
    }
  })

  test('runs the same with real signatures as with tokens', () => {
    for (const seed of REAL_SEEDS) {
      const plan = planOf(name, seed)
      const withKeys = simulatePlan(plan, { real, audit: true })
      const withTokens = simulatePlan(plan, { real: createTokenEngine(), audit: false })
      expect(withKeys.violation).toBeUndefined()
      // Who leads a round is drawn from the machine's id, which covers the keys.
      if (!/^(?:directory-shared|custodians)/.test(name)) {
        expect(withKeys.fingerprint).toBe(withTokens.fingerprint)
      }
      expect(withKeys.events).toBeGreaterThan(20)
    }
  })
})

describe('simulations', () => {
  test('show a role that depends on more than its arguments', () => {
    const options = moody()
    const plan = planOf('bilateral', 3)
    const [first, second] = [1, 2].map(() => simulatePlan(plan, options).fingerprint)
    expect(first).not.toBe(second)
  })

  test('come with the shortest plan that fails alike, none of whose events can go', () => {
    const options: SimulateOptions = { real, sabotage: { store: 'lying-sync' } }
    const { failure } = simulateSeed('bilateral', 2, options)
    const checker = failure?.run.violation?.checker
    expect(checker).toBe('agreement')
    const { shortest, plan } = failure ?? { shortest: planWith([]), plan: planWith([]) }
    expect(shortest.events.length).toBeLessThan(plan.events.length)
    for (const out of shortest.events) {
      const events = shortest.events.filter((one) => one !== out)
      expect(simulatePlan({ ...shortest, events }, options).violation?.checker).not.toBe(checker)
    }
  })

  test('refuse a plan for a scenario that there is not', () => {
    expect(() => simulatePlan(planWith([]), { real })).toThrow('no scenario is called toy')
  })

  const folder = join(import.meta.dirname, 'plans')
  test.each(readdirSync(folder).filter((one) => one.endsWith('.json')))(
    'keep the plan %s from failing again',
    (file) => {
      const plan = planFromJson(jsonFromBytes(readFileSync(join(folder, file))))
      expect(simulatePlan(plan, { real, audit: true }).violation).toBeUndefined()
    },
  )
})
