import { describe, expect, test } from 'vitest'
import { ownerVote } from '../../src/models/directory/owner.ts'
import { idOf } from '../../src/sim/market-node.ts'
import {
  createMarketWatch,
  firmAccount,
  isFirm,
  isVouched,
  relationWorld,
  watchSigning,
} from '../../src/sim/market-watch.ts'
import { aVote } from '../kernel/sample.ts'
import { aliceAway, aliceWants, dayOf, nodeIn, payerIn, town } from './market-world.ts'

const day = dayOf([
  aliceWants(10, 'send', 0),
  aliceWants(100, 'send', 1),
  ...aliceAway(200),
  aliceWants(210, 'send', 1, 7),
])
const [funded, second, third, last] = payerIn(day).account.steps.map(idOf)

describe('the watch of the market', () => {
  test('knows which steps are firm', () => {
    if (!funded || !second || !third || !last) throw new Error('Alice took three steps')
    expect([funded, second, third, last].map((one) => isFirm(day.watch, one))).toEqual([
      true,
      true,
      true,
      false,
    ])
    expect(firmAccount(day.watch).headId).toBe(third)
  })

  test('calls no step firm whose parent is not, whatever its own receipts', () => {
    if (!second || !third) throw new Error('Alice took three steps')
    const vouched = new Map(day.watch.vouched)
    vouched.delete(second)
    const watch = { ...day.watch, vouched }
    expect(isVouched(watch, third)).toBe(true)
    expect(isFirm(watch, third)).toBe(false)
    expect(firmAccount(watch).headId).toBe(funded)
  })

  test('counts each operator once', () => {
    if (!second) throw new Error('Alice took three steps')
    const known = day.watch.vouched.get(second)
    expect(known?.receipts.map((one) => one.operator).toSorted()).toEqual([0, 1, 2, 3])
    const [receipt] = known?.receipts ?? []
    if (!known || !receipt) throw new Error('there are receipts')
    const doubled = { ...known, receipts: [receipt, receipt, receipt] }
    const watch = { ...day.watch, vouched: new Map([[second, doubled]]) }
    expect(isVouched(watch, second)).toBe(false)
  })

  test('remembers what honest keys signed, and nothing of others', () => {
    const watch = createMarketWatch(town)
    const rival = aVote({
      phase: 'propose',
      transition: { ...aVote().transition, interaction: town.funded.machine.head.interaction },
    })
    const alice = nodeIn(day, 'alice')
    for (const vote of [aVote({ phase: 'propose' }), rival]) {
      watchSigning(watch, { ...alice, honest: false }, vote)
    }
    expect(watch.broken).toBeUndefined()
    for (const vote of [ownerVote(aVote().transition), rival]) watchSigning(watch, alice, vote)
    expect(watch.broken).toBe('alice signed a fork')
  })

  test('shows a relationship as a world of its own', () => {
    expect(relationWorld(day.world, 1).nodes.map((one) => one.name)).toEqual(['alice', 'carol'])
    expect(relationWorld(day.world, 0).nodes.map((one) => one.state.party)).toEqual([0, 1])
  })
})
