import { describe, expect, test } from 'vitest'
import { isFault } from '../../src/base/fault.ts'
import { claimIn, type Market, openMarket, payIn, sendTo } from '../../src/cli/demo/market.ts'
import { type Bundle, fileFromBundle } from '../../src/verify/bundle.ts'
import { joinBundles } from '../../src/verify/join.ts'
import { type PaymentFound, paymentsFrom } from '../../src/verify/payments.ts'
import { survey } from '../../src/verify/verify.ts'

const found = (market: Market, ...bundles: readonly Bundle[]): readonly PaymentFound[] => {
  const { withBob, withCarol, bob, carol } = market
  const all = [...bundles, ...market.accounts(), withBob.bundle(bob), withCarol.bundle(carol)]
  const surveyed = survey(fileFromBundle(joinBundles(all)), market.town.checks)
  if (isFault(surveyed)) throw surveyed
  return paymentsFrom(surveyed)
}

const wordOf = ({ is, to, amount, state }: PaymentFound) => [
  `${is} ${to.holder} ${amount}`,
  state.is === 'provisional' ? `${state.mode} ${state.exposure}` : state.is,
]

const statesIn = (market: Market, ...bundles: readonly Bundle[]) =>
  Object.fromEntries(found(market, ...bundles).map(wordOf)) as Record<string, string>

describe('payments of a relationship', () => {
  test('out of money set aside and certified are M1, and exposed to nobody', () => {
    const market = openMarket('classic', 50_00n)
    const { account, withBob } = market
    const aside = sendTo(market, account, { relation: withBob, holder: 'alice', amount: 30_00n })
    account.certify()
    claimIn(market, withBob, account, aside)
    payIn(market, withBob, 4_50n)
    const states = statesIn(market)
    expect(states['claim alice 3000']).toBe('certified')
    expect(states['transfer bob 450']).toBe('M1 0')
  })

  test('out of money set aside and not certified are at risk, up to what is', () => {
    const market = openMarket('classic', 50_00n)
    const { account, withBob } = market
    const aside = sendTo(market, account, { relation: withBob, holder: 'alice', amount: 3_00n })
    claimIn(market, withBob, account, aside)
    payIn(market, withBob, 2_00n)
    expect(statesIn(market)['transfer bob 200']).toBe('M2 200')
    account.certify()
    expect(statesIn(market)['transfer bob 200']).toBe('M1 0')
  })
})

describe('a payment at risk', () => {
  const market = openMarket('classic', 50_00n)
  const { account, withCarol } = market
  const sent = sendTo(market, account, { relation: withCarol, holder: 'carol', amount: 12_00n })

  test('is a proposal while nobody has taken it', () => {
    expect(statesIn(market)['send carol 1200']).toBe('proposed')
  })

  test('is provisional in mode M2 once it is taken, and certified in a file with the receipts', () => {
    claimIn(market, withCarol, account, sent)
    expect(statesIn(market)).toMatchObject({
      'send carol 1200': 'proposed',
      'claim carol 1200': 'M2 1200',
    })
    const before = account.bundle()
    account.certify()
    expect(statesIn(market)).toMatchObject({
      'send carol 1200': 'certified',
      'claim carol 1200': 'certified',
    })
    // The receipts are what does it: the same steps without them say less.
    const { withBob, bob, carol, mint } = market
    const bundles = [before, mint.bundle(), withBob.bundle(bob), withCarol.bundle(carol)]
    const surveyed = survey(fileFromBundle(joinBundles(bundles)), market.town.checks)
    if (isFault(surveyed)) throw surveyed
    expect(paymentsFrom(surveyed).map(wordOf)).toContainEqual(['claim carol 1200', 'M2 1200'])
  })
})

test('of money sent twice both payments are conflicted, with the proof against the payer', () => {
  const market = openMarket('classic', 20_00n)
  const { account, withBob, withCarol, alice } = market
  const copy = account.clone()
  const toBob = sendTo(market, account, { relation: withBob, holder: 'bob', amount: 18_00n })
  const toCarol = sendTo(market, copy, { relation: withCarol, holder: 'carol', amount: 18_00n })
  claimIn(market, withBob, account, toBob)
  claimIn(market, withCarol, copy, toCarol)
  const taken = found(market, copy.bundle()).filter((one) => one.is === 'claim')
  const twice = taken.filter((one) => one.amount === 18_00n)
  expect(twice.map((one) => one.state.is)).toEqual(['conflicted', 'conflicted'])
  for (const { state } of twice) {
    const proof = state.is === 'conflicted' ? state.proof : undefined
    expect(proof?.publicKey).toEqual(alice.publicKey)
  }
  // With one of the two certified its payee is whole, and the other has lost.
  account.certify()
  expect(statesIn(market, copy.bundle())).toMatchObject({
    'claim bob 1800': 'certified',
    'claim carol 1800': 'conflicted',
  })
})
