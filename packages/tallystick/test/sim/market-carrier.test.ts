import { describe, expect, test } from 'vitest'
import { stepsOf } from '../../src/models/bilateral/state.ts'
import { mangleMarket } from '../../src/sim/market-carrier.ts'
import type { MarketInput } from '../../src/sim/market-node.ts'
import { createStreams } from '../../src/sim/random.ts'
import type { Sabotage } from '../../src/sim/sabotage.ts'
import { aliceAway, aliceWants, type Day, dayOf, nodeIn, payeeIn, payerIn } from './market-world.ts'

const gradesOf = (day: Day, name: string): readonly (string | undefined)[] =>
  stepsOf(payeeIn(day, name).relation).map((one) => one.grade)

/** Alice offers Bob and Carol what no operator has seen. */
const atRisk = (sabotage: Sabotage = {}): Day =>
  dayOf(
    [
      ...aliceAway(1),
      aliceWants(10, 'send', 0),
      aliceWants(20, 'send', 1, 30),
      aliceWants(30, 'send', 1, 36),
      aliceWants(100, 'claim boldly', 0),
      aliceWants(200, 'claim', 1),
      aliceWants(300, 'claim', 1),
    ],
    { sabotage },
  )

describe('what stands around the market', () => {
  test('carries submissions to operators and receipts back', () => {
    const day = dayOf([aliceWants(10, 'send', 0)])
    expect(payerIn(day).account.steps.at(-1)?.certificate).toBeDefined()
    const desks = day.world.nodes.filter((one) => one.state.is === 'desk')
    const pledged = desks.filter(
      (one) => one.state.is === 'desk' && one.state.operator.vows.size > 0,
    )
    // One of north and its twin was asked, and nobody can tell which.
    expect(pledged).toHaveLength(4)
  })

  test('carries nothing to whoever is out of reach', () => {
    const day = dayOf([...aliceAway(1), aliceWants(10, 'send', 0)])
    expect(payerIn(day).account.steps.at(-1)?.certificate).toBeUndefined()
  })

  test('proves premises with the grade that they have', () => {
    const firm = dayOf([aliceWants(10, 'send', 0), aliceWants(100, 'claim', 0)])
    expect(gradesOf(firm, 'bob')).toEqual(['receipted'])
    expect(gradesOf(atRisk(), 'carol')).toEqual(['provisional'])
  })

  test('lets payees agree to risk as far as their caps go', () => {
    expect(gradesOf(atRisk(), 'bob')).toEqual([])
    expect(gradesOf(atRisk(), 'carol')).toHaveLength(1)
    const reckless = atRisk({ payee: 'reckless' })
    expect(gradesOf(reckless, 'bob')).toEqual(['provisional'])
    expect(gradesOf(reckless, 'carol')).toHaveLength(2)
    expect(gradesOf(atRisk({ payee: 'credulous' }), 'bob')).toEqual(['certified'])
  })

  test('mangles signatures and messages, and nothing that has no bytes', () => {
    const stream = createStreams(1)('mangle')
    const message: MarketInput = {
      is: 'relation',
      at: 0,
      input: { is: 'message', bytes: new Uint8Array(9) },
    }
    expect(mangleMarket(message, stream)).not.toEqual(message)
    const { account } = payerIn(dayOf([]))
    const receipt: MarketInput = {
      is: 'receipt',
      transition: account.machine.head,
      receipt: { operator: 0, time: 1n, signature: new Uint8Array(64) },
    }
    expect(mangleMarket(receipt, stream)).not.toEqual(receipt)
    expect(mangleMarket({ is: 'resend' }, stream)).toEqual({ is: 'resend' })
    expect(nodeIn(dayOf([]), 'north-twin').honest).toBe(false)
  })
})
