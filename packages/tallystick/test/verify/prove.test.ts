import { describe, expect, test } from 'vitest'
import { isFault } from '../../src/base/fault.ts'
import { claimFor, fileForAll, type Market, openMarket, sendTo } from '../../src/cli/demo/market.ts'
import type { Premise } from '../../src/kernel/interaction.ts'
import { type Bundle, fileFromBundle } from '../../src/verify/bundle.ts'
import { joinBundles } from '../../src/verify/join.ts'
import { falsehoodIn, proveFromFiles, provePremises } from '../../src/verify/prove.ts'

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

describe('a file with something false in it', () => {
  const whole = joinBundles(market.accounts())
  const { checks } = market.town
  const [first, ...later] = whole.steps
  const [leg] = first?.legs ?? []
  if (!first || leg?.is !== 'written') throw new Error('the mint took a step')
  /** The certificate of the mint's step with its last byte changed. */
  const certificate = leg.certificate.with(-1, (leg.certificate.at(-1) ?? 0) ^ 1)
  const poisoned: Bundle = {
    ...whole,
    steps: [{ ...first, legs: [{ ...leg, certificate }] }, ...later],
  }
  const [good, bad] = [whole, poisoned].map((one) => fileFromBundle(one))
  if (!good || !bad) throw new Error('two files')
  const answerTo = (given: readonly Uint8Array[], held: readonly Uint8Array[] = []) => {
    const answer = proveFromFiles({ given, held }, [premise], checks)
    return isFault(answer) ? answer.code : answer.grade
  }

  test('is named, and one from which something is missing is not', () => {
    expect(falsehoodIn(good, checks)).toBeUndefined()
    expect(falsehoodIn(bad, checks)?.code).toBe('receipt/bad-signature')
    expect(falsehoodIn(good.subarray(1), checks)).toBeDefined()
    expect(falsehoodIn(fileFromBundle({ ...whole, charters: [] }), checks)).toBeUndefined()
  })

  test('proves nothing, even if what is to be proven stands beside it', () => {
    const stranger = openMarket('classic', 1_00n).mint.bundle()
    const untouched = joinBundles([whole, stranger])
    expect(proven(untouched)).toBe('provisional')
    const [step] = stranger.steps
    const [strange] = step?.legs ?? []
    if (!step || strange?.is !== 'written') throw new Error('the other mint took a step')
    const broken = strange.certificate.with(-1, (strange.certificate.at(-1) ?? 0) ^ 1)
    const spoilt = {
      ...stranger,
      steps: [{ ...step, legs: [{ ...strange, certificate: broken }] }],
    }
    expect(proven(joinBundles([whole, spoilt]))).toBe('receipt/bad-signature')
  })

  test('is not mended by a true one that it is joined with', () => {
    expect(answerTo([good])).toBe('provisional')
    expect(answerTo([good], [good])).toBe('provisional')
    expect(answerTo([bad], [good])).toBe('receipt/bad-signature')
    expect(answerTo([good, bad])).toBe('receipt/bad-signature')
  })

  test('is needed to be a bundle at all', () => {
    expect(answerTo([])).toBe('bundle/missing-fact')
    expect(answerTo([good, new Uint8Array(3)])).not.toBe('provisional')
  })
})
