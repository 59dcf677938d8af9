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

/** A seed in which it was found, where it is not among the first three. It is tried first; the others still are if that fails. */
const SEEN_AT: Readonly<Record<string, number>> = {
  'forgets its vows after every input': 42,
  'votes twice, and only the evidence is looked at': 5,
  'takes its vote back by an abort of its own': 4,
  'holds its own vote for the end of the matter': 62,
  'holds its own vote for the end, and only forks are looked at': 62,
  'never hands over the steps that the other lacks': 4,
  'does not hear aborts': 6,
  'goes on after a restore that its guard noticed': 42,
  'asks nobody what it has lost in a restore': 64,
  'the guard file is put back together with the store': 42,
  'performs effects before it saves': 22,
  'two operators lie where one may': 8,
  'a claim is paid twice': 55,
  'a claim is paid twice, and only the sum is looked at': 10,
  'a payee believes that all it is shown is certified': 9,
  'a payee forgets what it is willing to lose': 9,
  'operators serve no step below a later one, and the owner submits all at once': 8,
  'an owner pays from an old head, and only the payees look': 4,
  'votes in rounds as if it had never voted': 5,
  'loses the last vow in a crash': 15,
}

/** A seed up to this one in which the checker complains. */
const foundWithin = ({ bug, scenario, sabotage, checker }: Planted, last: number) => {
  const options: SimulateOptions = { real, sabotage, audit: checker === 'verdict' }
  const complains = (seed: number): boolean =>
    simulatePlan(planOf(scenario, seed), options).violation?.checker === checker
  const first = SEEN_AT[bug] ?? 1
  if (first <= last && complains(first)) return first
  for (let seed = 1; seed <= last; seed++) if (seed !== first && complains(seed)) return seed
  return undefined
}

describe('a planted bug', () => {
  test.each(PLANTED)('is found: $bug', (planted) => {
    // Room for luck: a bug found only at the very end of its budget is as good as missed.
    const last = planted.seeds / 2
    expect(foundWithin(planted, last), `not found in ${last} seeds`).toBeDefined()
  })

  test('is named where it says in which seed it was found', () => {
    const bugs = PLANTED.map(({ bug }) => bug)
    expect(Object.keys(SEEN_AT).filter((bug) => !bugs.includes(bug))).toEqual([])
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
