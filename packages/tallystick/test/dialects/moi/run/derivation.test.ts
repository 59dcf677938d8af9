import { expect, it } from 'vitest'
import {
  hasFlag,
  kindOfMoiId,
  moiIdFromHex,
  standardOf,
  variantOf,
} from '../../../../src/dialects/moi/identifier.ts'
import {
  assetIdOf,
  createdIds,
  logicIdOf,
  subAccountIdOf,
} from '../../../../src/dialects/moi/run/derivation.ts'
import { ada, assetCreate, bob, createTown, dan, keyOf, SARGA } from './town.ts'

const sender = { id: ada.id, sequence: 3n, keyId: 0 }

it('says the kind, the standard and the states of what is created', () => {
  const asset = assetIdOf(sender, 0, 1)
  expect([kindOfMoiId(asset), standardOf(asset), variantOf(asset)]).toEqual(['asset', 1, 0])
  expect([hasFlag(asset, 'stateful'), hasFlag(asset, 'logical')]).toEqual([true, true])
  const logic = logicIdOf(sender, 0, { hasLogicState: false, hasActorState: true })
  expect(kindOfMoiId(logic)).toBe('logic')
  expect([hasFlag(logic, 'intrinsic'), hasFlag(logic, 'extrinsic')]).toEqual([false, true])
})

it('does not change: identifiers of past interactions depend on it', () => {
  const first = moiIdFromHex('0x00000000870ad6c5150ea8c0355316974873313004c6b9425a855a0600000000')
  if (typeof first !== 'string') throw first
  expect(assetIdOf({ id: first, sequence: 0n, keyId: 0 }, 0, 0)).toBe(
    '10030000ef6b12252350f80400453aeba41d9a65f0c586e5e37c2f5000000000',
  )
})

it('differs with each of what it is made of', () => {
  const ids = [
    assetIdOf(sender, 0, 0),
    assetIdOf({ ...sender, id: bob.id }, 0, 0),
    assetIdOf({ ...sender, sequence: 4n }, 0, 0),
    assetIdOf({ ...sender, keyId: 1 }, 0, 0),
    assetIdOf(sender, 1, 0),
    assetIdOf(sender, 0, 1),
  ].map((id) => id.slice(8))
  expect(new Set(ids).size).toBe(ids.length)
})

it('numbers sub-accounts from 1, the next one being number 0', () => {
  const of = (subAccountIndex: number) => ({
    targetAccount: SARGA,
    value: undefined,
    subAccountIndex,
  })
  expect(variantOf(subAccountIdOf(ada.id, of(0), 4))).toBe(5)
  expect(variantOf(subAccountIdOf(ada.id, of(9), 4))).toBe(9)
  expect(variantOf(subAccountIdOf(ada.id, of(0xffff_ffff), 4))).toBe(0xffff_ffff)
  expect(() => subAccountIdOf(subAccountIdOf(ada.id, of(1), 0), of(1), 0)).toThrow(
    'no sub-accounts',
  )
})

it('foresees what an interaction creates, in order', () => {
  const town = createTown()
  const inherit = {
    is: 'account-inherit',
    targetAccount: SARGA,
    value: undefined,
    subAccountIndex: 0,
  } as const
  const create = {
    is: 'participant-create',
    id: dan.id,
    keys: [keyOf(dan)],
    value: undefined,
  } as const
  for (const operations of [
    [inherit, create, inherit],
    [assetCreate(), inherit],
  ]) {
    const args = town.make({ do: operations })
    const foreseen = createdIds({ args, read: town.read })
    const { created } = town.send({ do: operations })
    expect(created).toEqual(foreseen)
    expect(created).toHaveLength(operations.length)
  }
})
