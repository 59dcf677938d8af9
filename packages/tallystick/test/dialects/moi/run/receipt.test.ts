import { expect, it } from 'vitest'
import { Fault, isFault } from '../../../../src/base/fault.ts'
import { poloArray, poloStruct } from '../../../../src/dialects/moi/polo/container.ts'
import { poloBool, poloText } from '../../../../src/dialects/moi/polo/scalar.ts'
import { decodePolo } from '../../../../src/dialects/moi/polo/schema.ts'
import { errorBytes, receipt, receiptHash } from '../../../../src/dialects/moi/run/receipt.ts'
import {
  action,
  ada,
  bob,
  createAssetIn,
  createTown,
  messageOf,
  toward,
  transferOf,
} from './town.ts'

it('is the same after it was written and read', () => {
  const town = createTown()
  const asset = createAssetIn(town)
  const minted = town.send({
    do: [action(asset, 'Mint', { beneficiary: ada.id, amount: 5n }), transferOf(bob, 1n, asset)],
    with: [
      [asset, 'mutate'],
      [bob.id, 'mutate'],
    ],
  }).receipt
  const failed = town.send({ do: [transferOf(bob, 9n, asset)], with: toward(bob, asset) }).receipt
  for (const one of [minted, failed]) expect(receipt.decode(receipt.encode(one))).toEqual(one)
  expect(minted.operations.flatMap((one) => one.logs)).toHaveLength(2)
  expect(messageOf(failed)).toContain('insufficient balance')
})

it('has another hash if anything in it is another', () => {
  const town = createTown()
  const one = town.send({ do: [transferOf(bob, 1n)], with: toward(bob) }).receipt
  const others = [
    { ...one, fuelUsed: 101n },
    { ...one, status: 'reverted' as const },
    { ...one, sender: bob.id },
    { ...one, operations: [] },
  ]
  const hashes = [one, ...others].map((of) => receiptHash(of).join())
  expect(new Set(hashes).size).toBe(5)
})

it('tells an error in the form that MOI’s client reads', () => {
  const text = poloText(256)
  const shape = poloStruct<{
    class: string
    error: string
    revert: boolean
    trace: readonly string[]
  }>({
    class: text,
    error: text,
    revert: poloBool,
    trace: poloArray(text, 4),
  })
  const bytes = errorBytes('exception', new Fault('moi/exception', 'insufficient balance'))
  const read = decodePolo(shape, bytes)
  expect(isFault(read)).toBe(false)
  expect(read).toEqual({
    class: 'exception',
    error: 'insufficient balance',
    revert: true,
    trace: ['runtime.root()'],
  })
})
