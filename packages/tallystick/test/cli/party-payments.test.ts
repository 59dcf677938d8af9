import { describe, expect, test } from 'vitest'
import { claimIn, type Market, openMarket, payIn, sendTo } from '../../src/cli/demo/market.ts'
import type { Relation } from '../../src/cli/demo/relation.ts'
import type { Person } from '../../src/cli/demo/people.ts'
import { isOpen, partyPayments } from '../../src/cli/party-payments.ts'
import { assetsIn } from '../../src/logic/ledger-asset.ts'
import type { PartyState } from '../../src/models/bilateral/state.ts'

const shown = ({ mint }: Market, relation: Relation, person: Person, change = {}) => {
  const assets = assetsIn([[mint.genesis.id, mint.genesis.charter]])
  const state: PartyState = { ...relation.state(person), ...change }
  return partyPayments(state, assets).map((one) => [
    one.is,
    one.amount,
    one.state.is === 'provisional' ? `${one.state.mode} ${one.state.exposure}` : one.state.is,
    isOpen(one),
  ])
}

describe('payments of a relationship, as a party knows them', () => {
  test('out of certified money are M1 and need no look', () => {
    const market = openMarket('classic', 50_00n)
    const { account, withBob, bob } = market
    const aside = sendTo(market, account, { relation: withBob, holder: 'alice', amount: 30_00n })
    account.certify()
    claimIn(market, withBob, account, aside)
    payIn(market, withBob, 4_50n)
    expect(shown(market, withBob, bob)).toEqual([
      ['claim', 30_00n, 'certified', true],
      ['transfer', 4_50n, 'M1 0', false],
    ])
  })

  test('out of money that nobody certified are at risk', () => {
    const market = openMarket('classic', 50_00n)
    const { account, withCarol, carol } = market
    const sent = sendTo(market, account, { relation: withCarol, holder: 'carol', amount: 12_00n })
    claimIn(market, withCarol, account, sent)
    expect(shown(market, withCarol, carol)).toEqual([['claim', 12_00n, 'M2 1200', true]])
  })

  test('that are on their way are proposed, and accepted once this side has voted', () => {
    const market = openMarket('classic', 50_00n)
    const { account, withCarol, carol } = market
    const sent = sendTo(market, account, { relation: withCarol, holder: 'carol', amount: 12_00n })
    account.certify()
    claimIn(market, withCarol, account, sent)
    const [first] = [withCarol.state(carol).history?.step.interaction]
    const before = { history: undefined }
    for (const [stage, word] of [
      ['offered', 'proposed'],
      ['asking', 'proposed'],
      ['accepted', 'accepted'],
    ] as const) {
      const pending = { stage, draft: { interaction: first } } as never
      expect(shown(market, withCarol, carol, { ...before, pending })).toEqual([
        ['claim', 12_00n, word, true],
      ])
    }
  })
})
