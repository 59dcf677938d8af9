import { describe, expect, test } from 'vitest'
import { createNativeEngine } from '../../src/engine/native.ts'
import { createMarketScenario } from '../../src/sim/market-scenario.ts'
import type { Sabotage } from '../../src/sim/sabotage.ts'
import { planOf, type ScenarioName, simulatePlan } from '../../src/sim/simulate.ts'
import { createTokenEngine } from '../../src/sim/token-engine.ts'
import { seedsOf } from './seeds.ts'

const real = createNativeEngine()

const missing = (
  name: ScenarioName,
  wanted: readonly string[],
  of: { readonly seeds: readonly number[]; readonly sabotage?: Sabotage },
): readonly string[] => {
  const seen = new Set<string>()
  for (const seed of of.seeds) {
    const options = { real, audit: seed % 5 === 0, sabotage: of.sabotage ?? {} }
    const run = simulatePlan(planOf(name, seed), options)
    expect(run.violation, `${name}, seed ${seed}`).toBeUndefined()
    for (const one of run.seen) seen.add(one)
  }
  return wanted.filter((one) => !seen.has(one))
}

describe('the market scenario', () => {
  test('names its nodes, and holds only those for honest that have no twin', () => {
    const liars = (twin: boolean): readonly string[] =>
      createMarketScenario({ engine: createTokenEngine(), scheme: 'ed25519', twin, audit: false })
        .actors.filter((one) => !one.honest)
        .map((one) => one.name)
    expect(liars(false)).toEqual(['north', 'north-twin'])
    expect(liars(true)).toEqual(['alice', 'north', 'alice-twin', 'north-twin'])
  })

  test('comes to firm claims and to claims at risk', () => {
    const wanted = ['firm claim', 'claim at risk', 'later round']
    expect(missing('market', wanted, { seeds: seedsOf({ few: 15, many: 50 }) })).toEqual([])
  })

  test('lets a twinned payer spend twice, and catches her', () => {
    const wanted = [
      'two children at operators',
      'accused by an operator',
      'claim without cover',
      'payees hold a fork',
      'fork verified',
    ]
    const seeds = seedsOf({ few: 10, more: [26, 30], many: 60 })
    expect(missing('market-twin', wanted, { seeds })).toEqual([])
  })

  // One operator more than the policy allows for must be able to break the promise, or the harness is blind.
  test('lets two lying operators certify two steps, and convicts both of them', () => {
    const sabotage: Sabotage = { operatorTwins: 2, only: ['culprits', 'vows', 'evidence'] }
    const seeds = seedsOf({ few: 0, more: [8, 15], many: 40 })
    expect(missing('market-twin', ['two certificates'], { seeds, sabotage })).toEqual([])
  })
})
