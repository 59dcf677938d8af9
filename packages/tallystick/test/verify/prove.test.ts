import { describe, expect, test } from 'vitest'
import { isFault } from '../../src/base/fault.ts'
import { claimFor, fileForAll, type Market, openMarket, sendTo } from '../../src/cli/demo/market.ts'
import type { Premise } from '../../src/kernel/interaction.ts'
import { type Bundle, fileFromBundle } from '../../src/verify/bundle.ts'
import { joinBundles } from '../../src/verify/join.ts'
import { provePremises } from '../../src/verify/prove.ts'

const market: Market = openMarket('classic', 50_00n)
const step = sendTo(market, market.account, {
  relation: market.withBob,
  holder: 'bob',
  amount: 5_00n,
})
const { premise } = claimFor(market, market.account, step)

const proven = (bundle: Bundle, premises: readonly Premise[] = [premise]) => {
  const answer = provePremises(fileFromBundle(bundle), premises, market.town.checks)
  return isFault(answer) ? answer.code : answer.grade
}

describe('a premise about a step of an owned machine', () => {
  const unseen = joinBundles(market.accounts())

  test('is provisional while only the owner has signed the step', () => {
    expect(proven(unseen)).toBe('provisional')
  })

  test('is not proven without the history of the machine', () => {
    expect(proven(market.mint.bundle())).toBe('bundle/missing-fact')
  })

  test('is not proven with another value than the step led to', () => {
    if (premise.is !== 'fact') throw new Error('a claim rests on a fact')
    expect(proven(unseen, [{ ...premise, value: new Uint8Array(3) }])).toBe('premise/false')
    expect(proven(unseen, [{ ...premise, value: undefined }])).toBe('premise/false')
  })

  test('proves nothing once a second step was signed at its place', () => {
    const market2 = openMarket('classic', 20_00n)
    const copy = market2.account.clone()
    const honest = sendTo(market2, market2.account, {
      relation: market2.withBob,
      holder: 'bob',
      amount: 5_00n,
    })
    sendTo(market2, copy, { relation: market2.withCarol, holder: 'carol', amount: 5_00n })
    const claim = claimFor(market2, market2.account, honest)
    const file = fileFromBundle(fileForAll(market2, [copy.bundle()]))
    const answer = provePremises(file, [claim.premise], market2.town.checks)
    expect(isFault(answer) && answer.code).toBe('premise/contested')
  })

  test('carries the directory’s grade once it is certified', () => {
    market.account.certify()
    expect(proven(joinBundles(market.accounts()))).toBe('receipted')
  })
})
