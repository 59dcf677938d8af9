import { describe, expect, test } from 'vitest'
import { ledgerOperation, type LedgerOperation } from '../../src/logic/ledger-operation.ts'
import type { MarketInput } from '../../src/sim/market-node.ts'
import { marketWish } from '../../src/sim/market-wish.ts'
import {
  aliceAway,
  aliceWants,
  choiceOf,
  type Day,
  dayOf,
  payeeIn,
  payerIn,
  town,
} from './market-world.ts'

const operationIn = (input: MarketInput | undefined): LedgerOperation | undefined => {
  const wish = input && 'input' in input ? input.input : undefined
  const [operation] = wish?.is === 'wish' ? wish.operations : []
  return operation && ledgerOperation.decode(operation.argument)
}

/** What Alice wants at the end of a day. */
const wanted = (day: Day, choice: number): LedgerOperation | undefined =>
  operationIn(marketWish(town, payerIn(day), choice))

const sent = [aliceWants(10, 'send', 0), aliceWants(20, 'send', 1)]
const certified = dayOf(sent)
const uncertified = dayOf([...aliceAway(5), ...sent])
const claimed = dayOf([...sent, aliceWants(200, 'claim', 0)])

describe('Alice', () => {
  test('sends small amounts to either relationship', () => {
    expect(wanted(certified, choiceOf('send', 1, 4))).toMatchObject({
      is: 'send',
      to: { machine: town.relations[1]?.id, holder: 'carol' },
      amount: 5n,
    })
    expect(wanted(certified, choiceOf('send', 0, 3))).toMatchObject({ to: { holder: 'alice' } })
  })

  test('offers Bob what is certified, and Carol also what is not', () => {
    expect(wanted(certified, choiceOf('claim', 0))?.is).toBe('claim')
    expect(wanted(uncertified, choiceOf('claim', 0))).toBeUndefined()
    expect(wanted(uncertified, choiceOf('claim boldly', 0))?.is).toBe('claim')
    expect(wanted(uncertified, choiceOf('claim', 1))?.is).toBe('claim')
  })

  test('claims the same twice only if she is greedy', () => {
    expect(payeeIn(claimed, 'bob').relation.machine.head.sequence).toBe(1n)
    expect(wanted(claimed, choiceOf('claim', 0))).toBeUndefined()
    expect(wanted(claimed, choiceOf('claim again', 0))?.is).toBe('claim')
    expect(wanted(certified, choiceOf('claim again', 0))).toBeUndefined()
  })

  test('changes her mind now and then', () => {
    expect(marketWish(town, payerIn(claimed), choiceOf('withdraw', 1))).toEqual({
      is: 'relation',
      at: 1,
      input: { is: 'withdraw' },
    })
  })
})

describe('a payee', () => {
  test('pays out of what it has, if anything', () => {
    const bob = payeeIn(claimed, 'bob')
    expect(operationIn(marketWish(town, bob, 5))).toMatchObject({
      is: 'transfer',
      from: { holder: 'bob' },
      to: { holder: 'alice' },
    })
    expect(marketWish(town, payeeIn(claimed, 'carol'), 5)).toBeUndefined()
    expect(marketWish(town, bob, 4)).toMatchObject({ input: { is: 'withdraw' } })
  })
})
