import { describe, expect, test } from 'vitest'
import { createNativeEngine } from '../../src/engine/native.ts'
import { createSharedScenario } from '../../src/sim/shared-scenario.ts'
import { planOf, type ScenarioName, simulatePlan } from '../../src/sim/simulate.ts'
import { createTokenEngine } from '../../src/sim/token-engine.ts'
import { seedsOf } from './seeds.ts'

const real = createNativeEngine()

const seenIn = (name: ScenarioName, seeds: readonly number[]): ReadonlySet<string> => {
  const seen = new Set<string>()
  for (const seed of seeds) {
    const run = simulatePlan(planOf(name, seed), { real, audit: seed % 5 === 0 })
    expect(run.violation, `${name}, seed ${seed}`).toBeUndefined()
    for (const one of run.seen) seen.add(one)
  }
  return seen
}

describe('the shared scenario', () => {
  test('holds only those operators for honest that have no twin', () => {
    const liars = (twins: 1 | 2): readonly string[] =>
      createSharedScenario({ engine: createTokenEngine(), scheme: 'ed25519', twins, audit: false })
        .actors.filter((one) => !one.honest)
        .map((one) => one.name)
    expect(liars(1)).toEqual(['north', 'north-twin'])
    expect(liars(2)).toEqual(['north', 'east', 'north-twin', 'east-twin'])
  })

  test('comes to collisions, later rounds and forks, and settles all the same', () => {
    const seen = seenIn('directory-shared', seedsOf({ few: 6, many: 12 }))
    for (const one of ['two candidates', 'later round', 'vote with a citation', 'fork held']) {
      expect([...seen], one).toContain(one)
    }
    expect([...seen]).toContain('wish done')
    expect([...seen]).not.toContain('two certified children')
  })

  // More lying operators than the policy allows for must be able to break the promise, or the harness is blind.
  test('lets two lying operators certify two children, and convicts both', () => {
    expect([...seenIn('directory-shared-twins', TWO_CHILDREN)]).toContain('two certified children')
  })
})

/** Seeds in which two children were certified. */
const TWO_CHILDREN = [41]
