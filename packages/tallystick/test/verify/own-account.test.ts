import { describe, expect, test } from 'vitest'
import { openMarket } from '../../src/cli/demo/market.ts'
import { machineId } from '../../src/kernel/charter.ts'
import { insteadOf, machinesFor } from '../../src/verify/own-account.ts'

const { town, carol, bob, withCarol, account, mint } = openMarket('classic', 20_00n)
const shared = withCarol.genesis.charter
const own = town.open(carol).genesis.charter
const promised = { machine: withCarol.genesis.id, holder: 'carol' }

describe('an account of one’s own', () => {
  test('is found among charters, with that of the machine that the money was promised in', () => {
    const found = insteadOf([mint.genesis.charter, own, shared], promised)
    expect(found).toEqual({ promised: shared, account: own })
    expect(found && machinesFor(found)).toEqual([machineId(shared), machineId(own)])
  })

  test('is of the very same keys, and owned alone', () => {
    const others = [town.open(bob).genesis.charter, account.genesis.charter, mint.genesis.charter]
    expect(insteadOf([shared, ...others], promised)).toBeUndefined()
    expect(insteadOf([own], promised)).toBeUndefined()
    expect(insteadOf([shared, own], { ...promised, holder: 'dora' })).toBeUndefined()
  })

  test('is not needed where the money was promised in one', () => {
    const to = { machine: machineId(own), holder: 'carol' }
    expect(insteadOf([own, town.open(carol).genesis.charter], to)).toBeUndefined()
  })

  test('is one and the same whatever the order of the charters', () => {
    const second = town.open(carol).genesis.charter
    const found = insteadOf([shared, own, second], promised)
    expect(insteadOf([second, shared, own], promised)).toEqual(found)
  })
})
