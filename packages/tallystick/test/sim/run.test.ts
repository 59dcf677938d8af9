import { describe, expect, test } from 'vitest'
import type { PlanEvent } from '../../src/sim/plan.ts'
import { runPlan } from '../../src/sim/run.ts'
import type { NodeView } from '../../src/sim/world.ts'
import { calm, createToy, planWith, type Toy, wishAt } from './toy.ts'

const crashAt = (at: number, node = 0): PlanEvent => ({ at, is: 'crash', node, down: 5 })
const tornAt = (at: number, node = 0): PlanEvent => ({ at, is: 'torn', node, down: 5 })
const restoreAt = (at: number, back: number, noticed = true): PlanEvent => ({
  at,
  is: 'restore',
  node: 0,
  back,
  noticed,
})

/** Runs a plan in the toy world and gives the nodes as they were at the end. */
const endOf = (
  events: readonly PlanEvent[],
  changes: Parameters<typeof planWith>[1] = {},
): readonly NodeView<Toy>[] => {
  let nodes: readonly NodeView<Toy>[] = []
  const watch = {
    name: 'watch',
    check: (world: { nodes: readonly NodeView<Toy>[] }) => {
      nodes = world.nodes
      return undefined
    },
  }
  expect(runPlan(planWith(events, changes), createToy([watch])).violation).toBeUndefined()
  return nodes
}

const wishes = [wishAt(10), wishAt(20), wishAt(30, 1), wishAt(40)]

describe('a run', () => {
  test('is the same for the same plan, and another one for another', () => {
    const knobs = { ...calm, lossPercent: 20, repeatPercent: 20, delayMax: 30, crashPercent: 20 }
    const run = (seed: number): number =>
      runPlan(planWith(wishes, { knobs, seed }), createToy()).fingerprint
    expect(run(1)).toBe(run(1))
    expect(run(1)).not.toBe(run(2))
  })

  test('carries messages between nodes', () => {
    expect(endOf(wishes).map((one) => one.state.heard)).toEqual([1, 3])
  })

  test('keeps through a crash what was saved', () => {
    const [ann] = endOf([...wishes, crashAt(50)])
    expect(ann?.state).toEqual({ count: 3, heard: 1, woken: 'restarted ' })
  })

  test('loses with a torn save what followed from it, and performs nothing of that', () => {
    const [ann, ben] = endOf([wishAt(10), tornAt(15), wishAt(20)])
    expect(ann?.state.count).toBe(1)
    expect(ben?.state.heard).toBe(1)
  })

  test('lets a node that is down hear nothing', () => {
    const [ann] = endOf([crashAt(9), wishAt(10), wishAt(60)])
    expect(ann?.state.count).toBe(1)
  })

  test('puts a store back, and tells the process only if its guard noticed', () => {
    const [noticed] = endOf([...wishes, restoreAt(50, 2)])
    expect(noticed).toMatchObject({ honest: true, restores: 1 })
    expect(noticed?.state.woken).toBe('restored ')
    expect(noticed?.state.count).toBeLessThan(3)
    const [unnoticed] = endOf([...wishes, restoreAt(50, 2, false)])
    expect(unnoticed).toMatchObject({ honest: false, restores: 1 })
    expect(unnoticed?.state.woken).toBe('restarted ')
  })

  test('brings back an old message on an echo', () => {
    const echo: PlanEvent = { at: 90, is: 'echo', node: 1, choice: 0 }
    const { log } = runPlan(planWith([...wishes, echo]), createToy())
    expect(log.filter((one) => one.includes('old tell'))).toEqual(['90 ben takes old tell'])
  })

  test('hands over mangled messages as the scenario mangles them', () => {
    const { log } = runPlan(
      planWith(wishes, { knobs: { ...calm, manglePercent: 100 } }),
      createToy(),
    )
    expect(log.filter((one) => one.includes('mangled tell')).length).toBeGreaterThan(0)
  })

  test('ends soon after nothing is under way any more', () => {
    const { ticks } = runPlan(planWith(wishes), createToy())
    expect(ticks).toBeGreaterThan(200)
    expect(ticks).toBeLessThan(500)
  })

  test('stops at the first rule that is broken and says which', () => {
    const never = {
      name: 'never two',
      check: ({ nodes }: { nodes: readonly NodeView<Toy>[] }) =>
        nodes.some((one) => one.state.count === 2) ? 'two' : undefined,
    }
    const run = runPlan(planWith(wishes), createToy([never]))
    expect(run.violation).toEqual({ checker: 'never two', says: 'two', at: 20 })
    const blind = runPlan(planWith(wishes), createToy([never]), { only: ['kept'] })
    expect(blind.violation).toBeUndefined()
  })

  test('finds out a store that lets effects out before it saves', () => {
    const plan = planWith([wishAt(10), tornAt(15), wishAt(20)])
    expect(runPlan(plan, createToy()).violation).toBeUndefined()
    const broken = runPlan(plan, createToy(), { store: 'effects-first' })
    expect(broken.violation?.checker).toBe('kept')
  })

  test('finds out a store that says it saved and did not', () => {
    const plan = planWith([wishAt(10), crashAt(15)])
    expect(runPlan(plan, createToy()).violation).toBeUndefined()
    expect(runPlan(plan, createToy(), { store: 'lying-sync' }).violation?.checker).toBe('kept')
  })
})
