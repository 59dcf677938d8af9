import { describe, expect, test } from 'vitest'
import { admitCustodians, warningsOf } from '../../src/models/custodians/policy.ts'
import { createCustodiansTown, VOTERS } from '../../src/sim/custodians-town.ts'
import { createTokenEngine } from '../../src/sim/token-engine.ts'
import { town as other } from '../models/custodians/net.ts'

describe('the poll of a simulation', () => {
  test('is kept by three of four, which is admitted and warns of nothing', () => {
    const engine = createTokenEngine()
    const town = createCustodiansTown(engine, 'ed25519')
    expect(town.policy).toMatchObject({ threshold: 3, faulty: 1 })
    expect(admitCustodians(town.charter.terms, town.policy, engine)).toBeUndefined()
    expect(warningsOf(town.policy)).toEqual([])
    expect(town.genesis.id).toBe(other.genesis.id)
    expect(VOTERS.map((name) => town.countOf(town.genesis, name))).toEqual([0n, 0n, 0n])
  })

  test('has clocks that differ, and one that is put back', () => {
    const at = (tick: number) => [0, 1, 2, 3].map((seat) => other.clockOf(seat, tick))
    expect(new Set(at(0)).size).toBe(4)
    expect(other.clockOf(2, 300)).toBeLessThan(other.clockOf(2, 299))
  })
})
