import { describe, expect, it } from 'vitest'
import { accountOf, keysOf } from '../../../../src/dialects/moi/run/account.ts'
import { assetOf, supplyOf } from '../../../../src/dialects/moi/run/asset-engine.ts'
import { holdingsOf } from '../../../../src/dialects/moi/run/holding.ts'
import {
  genesisChanges,
  KMOI_SUPPLY_MAX,
  type MoiGenesis,
  moiGenesis,
} from '../../../../src/dialects/moi/run/network.ts'
import { ada, BALANCE, bob, createTown, cyd, genesis, KMOI, SARGA } from './town.ts'

describe('the genesis', () => {
  it('gives its participants keys and balances', () => {
    const town = createTown()
    for (const { id, publicKey } of [ada, bob, cyd]) {
      expect(accountOf(town.read, id)?.kind).toBe('participant')
      expect(keysOf(town.read, id).map((key) => key.publicKey)).toEqual([publicKey])
      expect(town.balance(id)).toBe(BALANCE)
      expect(holdingsOf(town.read, id)).toEqual([{ asset: KMOI, token: 0n }])
    }
    expect(accountOf(town.read, SARGA)?.kind).toBe('genesis')
  })

  it('has a supply that adds up', () => {
    const town = createTown()
    expect(supplyOf(town.read, KMOI)).toBe(3n * BALANCE + genesis.rewards)
    expect(assetOf(town.read, KMOI)?.maxSupply).toBe(3n * BALANCE + genesis.rewards)
  })

  it('is the same after it was written and read', () => {
    const of = { ...genesis, nodes: { behaviour: ['a'], random: ['b', 'c'], storage: [] } }
    expect(moiGenesis.decode(moiGenesis.encode(of))).toEqual(of)
  })

  it('has what 64 bits can tell of KMOI, and no more', () => {
    const of = (rewards: bigint): MoiGenesis => ({ ...genesis, participants: [], rewards })
    expect(genesisChanges(of(KMOI_SUPPLY_MAX)).length).toBeGreaterThan(0)
    expect(() => genesisChanges(of(KMOI_SUPPLY_MAX + 1n))).toThrow('KMOI in all')
  })

  it('names each account once', () => {
    const twice = { ...genesis, participants: [...genesis.participants, ...genesis.participants] }
    expect(() => genesisChanges(twice)).toThrow('comes twice')
  })
})
