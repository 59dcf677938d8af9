import { describe, expect, test } from 'vitest'
import { isFault } from '../../src/base/fault.ts'
import { openMarket, putUpBond, sendTo } from '../../src/cli/demo/market.ts'
import { fileFromBundle } from '../../src/verify/bundle.ts'
import { brokenSends, claimBundle } from '../../src/verify/claim.ts'
import { type Fork, type Forks, forksIn, isShownBy } from '../../src/verify/fork.ts'
import type { Bundle } from '../../src/verify/bundle.ts'

const market = openMarket('classic', 20_00n)
putUpBond(market, 30_00n)
const { account, mint, town, withBob, withCarol } = market
const [second, third] = [account.clone(), account.clone()]
sendTo(market, account, { relation: withBob, holder: 'bob', amount: 18_00n })
sendTo(market, second, { relation: withCarol, holder: 'carol', amount: 12_00n })
sendTo(market, third, { relation: withCarol, holder: 'carol', amount: 13_00n })

const compared = (...bundles: readonly Bundle[]): Forks & { readonly fork: Fork } => {
  const found = forksIn(bundles, town.checks)
  if (isFault(found)) throw found
  const [fork] = found.forks
  if (!fork) throw new Error('no fork')
  return { ...found, fork }
}

const all = compared(mint.bundle(), account.bundle(), second.bundle(), third.bundle())
const from = { whole: all.whole, verifier: town.engine }

describe('a claim', () => {
  const claim = claimBundle(all.fork, brokenSends(all.fork, 'bob'), from)

  test('is a small file with the evidence and the send, and nothing else of anybody', () => {
    expect(claim.steps).toEqual([])
    expect(claim.facts).toHaveLength(1)
    expect(fileFromBundle(claim).length).toBeLessThan(2000)
  })

  test('read back, says the same send of the same step', () => {
    const { fork } = compared(claim)
    const back = brokenSends(fork)
    expect(back.map(({ step, out }) => ({ step, out }))).toEqual(
      brokenSends(all.fork, 'bob').map(({ step, out }) => ({ step, out })),
    )
  })

  test('of another victim comes together with it, whatever evidence each brings', () => {
    const other = claimBundle(all.fork, brokenSends(all.fork, 'carol'), from)
    const { fork } = compared(claim, other)
    expect(
      brokenSends(fork)
        .map(({ out }) => out.amount)
        .toSorted(byAmount),
    ).toEqual([12_00n, 13_00n, 18_00n])
  })

  test('over a third step brings evidence that shows that step', () => {
    const harms = brokenSends(all.fork)
    const whole = claimBundle(all.fork, harms, from)
    for (const { step } of harms) {
      expect(whole.evidence.some((one) => isShownBy(one, step))).toBe(true)
    }
  })

  test('for nothing is not made', () => {
    expect(() => claimBundle(all.fork, [], from)).toThrow('a claim is for something')
  })
})

test('whoever was paid by a final step has nothing broken', () => {
  const open = openMarket('classic', 20_00n)
  const copy = open.account.clone()
  sendTo(open, open.account, { relation: open.withBob, holder: 'bob', amount: 5_00n })
  sendTo(open, copy, { relation: open.withCarol, holder: 'carol', amount: 6_00n })
  open.account.certify()
  const found = forksIn(
    [open.mint.bundle(), open.account.bundle(), copy.bundle()],
    open.town.checks,
  )
  const [fork] = isFault(found) ? [] : found.forks
  if (!fork) throw new Error('no fork')
  expect(brokenSends(fork).map(({ out }) => out.to.holder)).toEqual(['carol'])
  expect(brokenSends(fork, 'bob')).toEqual([])
})

const byAmount = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0)
