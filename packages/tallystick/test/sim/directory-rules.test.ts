import { describe, expect, test } from 'vitest'
import type { OperatorRole } from '../../src/sim/sabotage.ts'
import { FOUR } from '../../src/sim/directory-town.ts'
import { calm, runOf, splitPlan, wishAt } from './directory-world.ts'

const deafTo =
  (kind: string) =>
  (role: OperatorRole): OperatorRole => ({
    ...role,
    step: (state, input, env) => (input.is === kind ? state : role.step(state, input, env)),
  })

const wishes = calm([wishAt(5, 0), wishAt(9, 1), wishAt(30, 0)])

describe('the rules of the directory', () => {
  test('are kept by honest operators', () => {
    expect(runOf(wishes, { operatorTwins: 0 }).violation).toBeUndefined()
  })

  test('notice that nothing is certified', () => {
    const run = runOf(wishes, { operatorTwins: 0, operator: deafTo('submit') })
    expect(run.violation?.checker).toBe('all certified')
  })

  test('notice that operators do not account for what they signed', () => {
    const run = runOf(wishes, { operatorTwins: 0, operator: deafTo('checkpoint') })
    expect(run.violation).toMatchObject({ checker: 'accounted' })
    expect(run.violation?.says).toMatch(/^operator-0 owes alice an answer: checkpoint/)
  })

  test('notice two certificates, and count who is convicted', () => {
    const plan = splitPlan(FOUR, 2, 1)
    const found = (only: readonly string[]) => runOf(plan, { operatorTwins: 2, only })
    expect(found(['certificates']).violation?.checker).toBe('certificates')
    const counted = found(['culprits'])
    expect(counted.violation).toBeUndefined()
    expect(counted.seen).toContain('two certificates')
  })
})
