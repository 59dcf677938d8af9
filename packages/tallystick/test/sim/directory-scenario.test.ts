import { describe, expect, test } from 'vitest'
import { type Directory, FOUR } from '../../src/sim/directory-town.ts'
import type { Run } from '../../src/sim/world.ts'
import { calm, runOf, runsOf, splitPlan, wishAt } from './directory-world.ts'
import { checksNothing } from './planted-operators.ts'

const SEVEN: Directory = { operators: 7, threshold: 5, faulty: 2 }

/** The checkers that complained. */
const broken = (runs: readonly Run[]): readonly string[] =>
  runs.flatMap(({ violation }) => (violation ? [`${violation.checker}: ${violation.says}`] : []))

const seenIn = (runs: readonly Run[]): ReadonlySet<string> =>
  new Set(runs.flatMap((run) => run.seen))

const split = (directory: Directory, liars: number, only?: readonly string[]): readonly Run[] =>
  [1, 2, 3].map((seed) =>
    runOf(splitPlan(directory, liars, seed), {
      directory,
      operatorTwins: liars,
      ...(only ? { only } : {}),
    }),
  )

describe('a directory of four operators, one of which lies', () => {
  test('certifies what honest owners want, and catches the liar', () => {
    const run = runOf(calm([wishAt(5, 0), wishAt(10, 1), wishAt(40, 0), wishAt(60, 2)]))
    expect(broken([run])).toEqual([])
    expect(run.seen.some((one) => one.startsWith('an operator is convicted'))).toBe(true)
  })

  test('H1, H7, H8: lets nobody have two certificates, and no two stories pass', () => {
    const runs = runsOf('directory-twin', [1, 4, 5])
    expect(broken(runs)).toEqual([])
    const seen = seenIn(runs)
    expect(seen).toContain('two children at operators')
    expect(seen).toContain('an owner is convicted')
    expect(seen).toContain('an operator is convicted: split-log')
  }, 120_000)
})

describe('an owner and operators that lie together', () => {
  const cases: readonly (readonly [Directory, number])[] = [
    [FOUR, 1],
    [SEVEN, 1],
    [SEVEN, 2],
  ]
  test.each(cases)(
    'never have two certificates where the policy allows for as many (%o, %i)',
    (directory, liars) => {
      const runs = split(directory, liars)
      expect(broken(runs)).toEqual([])
      expect(seenIn(runs)).toContain('two children at operators')
      expect(seenIn(runs)).not.toContain('two certificates')
    },
    120_000,
  )

  const beyond: readonly (readonly [Directory, number])[] = [
    [FOUR, 2],
    [SEVEN, 3],
  ]
  test.each(beyond)(
    'have two where one more lies, and that names as many, and only liars (%o, %i)',
    (directory, liars) => {
      expect(broken(split(directory, liars, ['certificates']))[0]).toMatch(/^certificates/)
      const runs = split(directory, liars, ['culprits', 'vows', 'accusations', 'stories'])
      expect(broken(runs)).toEqual([])
      expect(seenIn(runs)).toContain('two certificates')
    },
    120_000,
  )
})

test('three receipts of six operators that check nothing are no directory, without any liar', () => {
  const directory: Directory = { operators: 6, threshold: 3, faulty: 0 }
  const sabotage = { directory, operatorTwins: 0, operator: checksNothing, only: ['certificates'] }
  const [first] = broken(runsOf('directory-twin', [1], sabotage))
  expect(first).toMatch(/^certificates/)
}, 120_000)
