import { describe, expect, test } from 'vitest'
import { createNativeEngine } from '../../src/engine/native.ts'
import { createCustodiansScenario } from '../../src/sim/custodians-scenario.ts'
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

// A busy machine takes its time over many runs.
describe("the custodians' scenario", { timeout: 120_000 }, () => {
  test('holds only those custodians for honest that have no twin', () => {
    const liars = (twins: 1 | 2): readonly string[] =>
      createCustodiansScenario({
        engine: createTokenEngine(),
        scheme: 'ed25519',
        twins,
        audit: false,
      })
        .actors.filter((one) => !one.honest)
        .map((one) => one.name)
    expect(liars(1)).toEqual(['kai', 'kai-twin'])
    expect(liars(2)).toEqual(['kai', 'kim', 'kai-twin', 'kim-twin'])
  })

  test('comes to collisions, later rounds and forks, never to two certified children, and counts every ballot', () => {
    const seen = seenIn('custodians', seedsOf({ few: 5, many: 10 }))
    for (const one of [
      'two candidates',
      'later round',
      'ballot put forward again',
      'fork let go of',
      'premise relied on',
    ]) {
      expect([...seen], one).toContain(one)
    }
    expect([...seen]).toContain('fork held')
    expect([...seen]).not.toContain('two certified children')
  })

  // More lying custodians than the policy allows for must be able to break the promise, or the harness is blind.
  test('lets two lying custodians certify two children, and convicts both and nobody honest', () => {
    expect([...seenIn('custodians-two', TWO_CHILDREN)]).toContain('two certified children')
  })
})

/** Seeds in which two children were certified. */
const TWO_CHILDREN = [3, 12, 20]
