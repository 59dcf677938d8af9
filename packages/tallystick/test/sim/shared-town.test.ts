import { describe, expect, test } from 'vitest'
import { isFault } from '../../src/base/fault.ts'
import { operation } from '../../src/kernel/interaction.ts'
import { tryCandidate } from '../../src/models/rounds/candidate.ts'
import { admitDirectory } from '../../src/models/directory/policy.ts'
import { createSharedTown, TOTAL } from '../../src/sim/shared-town.ts'
import { createTokenEngine } from '../../src/sim/token-engine.ts'
import { paying, town as other } from '../models/rounds/purse.ts'

describe('the shared purse', () => {
  test('is admitted with four operators, and holds what it is said to hold', () => {
    const engine = createTokenEngine()
    const town = createSharedTown(engine, 'ed25519')
    expect(admitDirectory(town.charter.terms, town.policy, engine)).toBeUndefined()
    expect(town.sumOf(town.genesis)).toBe(TOTAL)
    expect(town.genesis.id).toBe(other.genesis.id)
    const payment = town.payment(0, 5n)
    expect(operation.decode(operation.encode(payment))).toEqual(payment)
  })

  test('moves money from one to the other and makes none', () => {
    const after = tryCandidate(other.options, other.genesis, paying(1, 9n))
    if (isFault(after)) throw after
    expect(other.sumOf(after)).toBe(TOTAL)
  })

  test('has a key for each operator, and runs with the rules it is given', () => {
    const keys = [0, 1, 2, 3].map((seat) => other.memberOptions(seat).publicKey.join())
    expect(new Set(keys).size).toBe(4)
    const bare = createSharedTown(createTokenEngine(), 'ed25519', new Map())
    const after = tryCandidate(bare.options, bare.genesis, paying(0))
    expect(isFault(after) && after.code).toBe('logic/unknown')
  })
})
