import { describe, expect, test } from 'vitest'
import { createNativeEngine } from '../../src/engine/native.ts'
import { createBilateralScenario } from '../../src/sim/bilateral-scenario.ts'
import { planOf, type ScenarioName, simulatePlan } from '../../src/sim/simulate.ts'
import { createTokenEngine } from '../../src/sim/token-engine.ts'
import { seedsOf } from './seeds.ts'

const real = createNativeEngine()

/** Situations that so many seeds come to; none of them may break a rule. */
const seenIn = (name: ScenarioName, seeds: readonly number[]): ReadonlySet<string> => {
  const seen = new Set<string>()
  for (const seed of seeds) {
    const run = simulatePlan(planOf(name, seed), { real, audit: seed % 4 === 0 })
    expect(run.violation, `${name}, seed ${seed}`).toBeUndefined()
    for (const one of run.seen) seen.add(one)
  }
  return seen
}

const wanted = (seen: ReadonlySet<string>, names: readonly string[]): readonly string[] =>
  names.filter((one) => !seen.has(one))

describe('the bilateral scenario', () => {
  test('names its nodes, and holds only those for honest that have no twin', () => {
    const actorsWith = (twins: 0 | 1 | 2): readonly (readonly [string, boolean])[] =>
      createBilateralScenario({
        engine: createTokenEngine(),
        scheme: 'ed25519',
        twins,
        audit: false,
      }).actors.map((one) => [one.name, one.honest] as const)
    expect(actorsWith(0)).toEqual([
      ['alice', true],
      ['bob', true],
    ])
    expect(actorsWith(1)).toEqual([
      ['alice', false],
      ['bob', true],
      ['alice-twin', false],
    ])
    expect(actorsWith(2).map(([, honest]) => honest)).toEqual([false, false, false, false])
  })

  test('comes to the situations that its rules are about', () => {
    const names = ['final', 'later round', 'quarantine', 'cancel asked']
    expect(wanted(seenIn('bilateral', seedsOf({ few: 30, many: 60 })), names)).toEqual([])
  })

  test('finds evidence against a party that runs twice', () => {
    const names = ['evidence: abort-broken', 'stopped by evidence']
    expect(wanted(seenIn('bilateral-twin', seedsOf({ few: 30, many: 60 })), names)).toEqual([])
  })

  // Two liars can always make a fork between themselves. A harness in which they never do is blind.
  test('lets two parties that both run twice make two final steps, which convict', () => {
    const names = ['two finals', 'fork verified', 'evidence: fork', 'evidence: abort-broken']
    expect(wanted(seenIn('bilateral-twins', seedsOf({ few: 30, many: 120 })), names)).toEqual([])
  })
})
