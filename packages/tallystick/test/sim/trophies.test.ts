/**
 * The trophy table: bugs planted on purpose, each found by the checker that is there for it, within a stated number of
 * seeds. A harness that stops finding one of them has gone blind. The same table stands in docs/simulator.md.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createNativeEngine } from '../../src/engine/native.ts'
import { planOf, simulatePlan, type SimulateOptions } from '../../src/sim/simulate.ts'
import { PLANTED, type Planted } from './planted.ts'

const real = createNativeEngine()

/** The first seed in which the checker complains. */
const firstFound = ({ scenario, sabotage, checker, seeds }: Planted): number | undefined => {
  const options: SimulateOptions = { real, sabotage, audit: checker === 'verdict' }
  for (let seed = 1; seed <= seeds; seed++) {
    const { violation } = simulatePlan(planOf(scenario, seed), options)
    if (violation?.checker === checker) return seed
  }
  return undefined
}

describe('a planted bug', () => {
  test.each(PLANTED)('is found: $bug', (planted) => {
    const found = firstFound(planted)
    expect(found, `not found in ${planted.seeds} seeds`).toBeDefined()
    // Room for luck: a bug found only at the very end of its budget is as good as missed.
    expect(found).toBeLessThanOrEqual(planted.seeds / 2)
  })

  test('has its row in docs/simulator.md, and no other row is there', () => {
    const page = readFileSync(join(import.meta.dirname, '../../../../docs/simulator.md'), 'utf8')
    const rows = PLANTED.map(
      ({ bug, scenario, checker, seeds }) => `| ${bug} | ${scenario} | ${checker} | ${seeds} |`,
    )
    const table = page.split('## Trophies')[1] ?? ''
    expect(table.match(/^\| [a-z].* \|$/gm)?.slice(1)).toEqual(rows)
  })
})
