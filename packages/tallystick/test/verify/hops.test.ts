import { describe, expect, test } from 'vitest'
import { isFault } from '../../src/base/fault.ts'
import { claimFor, claimIn, type Market, openMarket, sendTo } from '../../src/cli/demo/market.ts'
import type { Account } from '../../src/cli/demo/town.ts'
import { fileFromBundle } from '../../src/verify/bundle.ts'
import { hopsOf } from '../../src/verify/hops.ts'
import { joinBundles } from '../../src/verify/join.ts'
import { provePremises } from '../../src/verify/prove.ts'
import { survey } from '../../src/verify/verify.ts'

/** How many people's word the head of an account rests on, by what all accounts show. */
const hopsAt = (market: Market, account: Account, others: readonly Account[] = []): number => {
  const bundles = [market.mint, market.account, ...others].map((one) => one.bundle())
  const surveyed = survey(fileFromBundle(joinBundles(bundles)), market.town.checks)
  if (isFault(surveyed)) throw surveyed
  const node = surveyed.run.nodes.get(account.machine().headId)
  if (!node) throw new Error('the head is in the file')
  return hopsOf(surveyed, node)
}

/** An account of somebody's own, which takes what was sent to it. */
const taking = (market: Market, name: string, from: Account, amount: bigint): Account => {
  const person = market.town.person(name)
  const account = market.town.open(person)
  const step = sendTo(market, from, {
    relation: { genesis: account.genesis },
    holder: name,
    amount,
  })
  const { operation, premise } = claimFor(market, from, step)
  account.take({
    operations: [operation],
    premises: [premise],
    proven: [premise],
    beside: [market.mint.genesis],
  })
  return account
}

describe('hops', () => {
  test('are none for what a quorum vouches for, and one for any number of own steps after it', () => {
    const market = openMarket('classic', 50_00n)
    const { account, withBob, withCarol } = market
    expect(hopsAt(market, account)).toBe(0)
    sendTo(market, account, { relation: withBob, holder: 'bob', amount: 1_00n })
    sendTo(market, account, { relation: withCarol, holder: 'carol', amount: 1_00n })
    expect(hopsAt(market, account)).toBe(1)
    account.certify()
    expect(hopsAt(market, account)).toBe(0)
  })

  test('are two for money that was taken at a risk, until its first payer’s step is certified', () => {
    const market = openMarket('classic', 50_00n)
    const dora = taking(market, 'dora', market.account, 5_00n)
    expect(hopsAt(market, dora, [dora])).toBe(2)
    market.account.certify()
    expect(hopsAt(market, dora, [dora])).toBe(1)
    dora.certify()
    expect(hopsAt(market, dora, [dora])).toBe(0)
  })

  test('are told with the proof of a premise', () => {
    const market = openMarket('classic', 50_00n)
    const { account, mint, withCarol, town } = market
    const step = sendTo(market, account, { relation: withCarol, holder: 'carol', amount: 1_00n })
    const { premise } = claimFor(market, account, step)
    const hops = (): unknown => {
      const file = fileFromBundle(joinBundles([mint.bundle(), account.bundle()]))
      const proven = provePremises(file, [premise], town.checks)
      return isFault(proven) ? proven.code : proven.hops
    }
    expect(hops()).toBe(1)
    account.certify()
    expect(hops()).toBe(0)
    claimIn(market, withCarol, account, step)
    expect(hops()).toBe(0)
  })
})
