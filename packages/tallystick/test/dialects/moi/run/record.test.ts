import { describe, expect, it } from 'vitest'
import {
  amountRecord,
  countRecord,
  guardianRecord,
  mandateRecord,
  U256_MAX,
  valueOr,
} from '../../../../src/dialects/moi/run/record.ts'
import { ada } from './town.ts'

describe('an amount', () => {
  it.each([0n, 1n, 2n ** 64n, 2n ** 128n - 1n, 2n ** 128n, U256_MAX])('of %d is 32 bytes', (of) => {
    const bytes = amountRecord.encode(of)
    expect(bytes).toHaveLength(32)
    expect(amountRecord.decode(bytes)).toBe(of)
  })

  it('is none below zero, nor beyond 256 bits', () => {
    expect(() => amountRecord.encode(-1n)).toThrow('256 bits')
    expect(() => amountRecord.encode(U256_MAX + 1n)).toThrow('256 bits')
  })

  it('ends where its 32 bytes end', () => {
    expect(() => amountRecord.decode(new Uint8Array(31))).toThrow('wanted')
    expect(() => amountRecord.decode(new Uint8Array(33))).toThrow('after the end')
  })
})

it('a record is the same after it was written and read', () => {
  const guardian = {
    wallet: ada.id,
    consensusKey: Uint8Array.of(1),
    kycHash: new Uint8Array(32),
    stake: U256_MAX,
    unstaking: [{ amount: 1n, from: 2n }],
    rewards: 3n,
    since: 4n,
  }
  expect(guardianRecord.decode(guardianRecord.encode(guardian))).toEqual(guardian)
  const mandate = { amount: 5n, expiresAt: 2n ** 64n - 1n }
  expect(mandateRecord.decode(mandateRecord.encode(mandate))).toEqual(mandate)
})

it('a value that is not there is what its reader says it is', () => {
  expect(valueOr(countRecord, undefined, 7)).toBe(7)
  expect(valueOr(countRecord, countRecord.encode(0), 7)).toBe(0)
})
