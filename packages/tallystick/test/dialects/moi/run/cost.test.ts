import { expect, it } from 'vitest'
import type { MoiOperation } from '../../../../src/dialects/moi/operation.ts'
import { costsOf } from '../../../../src/dialects/moi/run/cost.ts'
import {
  action,
  ada,
  assetCreate,
  bob,
  createTown,
  cyd,
  dan,
  keyOf,
  KMOI,
  KRAMA_ID,
  transferOf,
} from './town.ts'

const town = createTown()

const costs = (
  operations: readonly MoiOperation[],
  over: Partial<Parameters<typeof costsOf>[0]> = {},
) =>
  costsOf({ ...town.make({ do: operations, fuelLimit: 500n }), ...over }, operations, town.network)

const alone = (operation: MoiOperation): bigint | undefined => costs([operation])[0]?.amount

it('is the fuel limit and what the operations say they take', () => {
  const gift = transferOf(dan, 7n)
  expect(alone(transferOf(bob, 5n))).toBe(505n)
  expect(alone({ is: 'participant-create', id: dan.id, keys: [keyOf(dan)], value: gift })).toBe(
    507n,
  )
  expect(alone(action(KMOI, 'Lockup', { beneficiary: bob.id, amount: 6n }))).toBe(506n)
  expect(alone(action(KMOI, 'Burn', { amount: 4n }))).toBe(504n)
  expect(alone({ is: 'guardian-stake', kramaId: KRAMA_ID, amount: 3n })).toBe(503n)
  expect(costs([transferOf(bob, 5n), transferOf(bob, 6n)])[0]?.amount).toBe(511n)
})

it('counts nothing for what takes nothing from the sender, or cannot be read', () => {
  expect(alone(assetCreate())).toBe(500n)
  expect(alone({ is: 'guardian-unstake', kramaId: KRAMA_ID, amount: 3n })).toBe(500n)
  expect(
    alone(action(KMOI, 'TransferFrom', { benefactor: bob.id, beneficiary: cyd.id, amount: 9n })),
  ).toBe(500n)
  expect(alone({ ...transferOf(bob, 5n), calldata: Uint8Array.of(3) })).toBe(500n)
  expect(alone(action(KMOI, 'Transfer', { amount: 'much' }))).toBe(500n)
})

it('is shared between payer and sender where these are two', () => {
  expect(costs([transferOf(bob, 5n)], { payer: cyd.id })).toEqual([
    { account: cyd.id, asset: KMOI, amount: 500n },
    { account: ada.id, asset: KMOI, amount: 5n },
  ])
})

it('takes the larger of funds and operations in KMOI, and adds up funds of other assets', () => {
  const funds = (amount: bigint) => [{ assetId: KMOI, amount }]
  expect(costs([transferOf(bob, 5n)], { funds: funds(4n) })[0]?.amount).toBe(505n)
  expect(costs([transferOf(bob, 5n)], { funds: funds(6n) })[0]?.amount).toBe(506n)
  const other = { assetId: bob.id, amount: 3n }
  expect(costs([assetCreate()], { funds: [other, other] })[1]).toEqual({
    account: ada.id,
    asset: bob.id,
    amount: 6n,
  })
})
