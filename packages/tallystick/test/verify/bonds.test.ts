import { describe, expect, test } from 'vitest'
import { isFault } from '../../src/base/fault.ts'
import { type Market, openMarket, putUpBond, sendTo } from '../../src/cli/demo/market.ts'
import { recordsIn } from '../../src/logic/ledger-record.ts'
import { slashOn } from '../../src/logic/ledger-slash.ts'
import { bondsIn, type KeptBond, payoutOf } from '../../src/verify/bonds.ts'
import type { Bundle } from '../../src/verify/bundle.ts'
import { forksIn } from '../../src/verify/fork.ts'

type Scene = { readonly market: Market; readonly bundles: readonly Bundle[] }

/** Alice sends bob 18 from one phone and carol 12 from the other. */
const cheated = (of: { readonly bond?: bigint; readonly certify?: boolean }): Scene => {
  const market = openMarket('classic', 20_00n)
  if (of.bond !== undefined) putUpBond(market, of.bond)
  const copy = market.account.clone()
  sendTo(market, market.account, { relation: market.withBob, holder: 'bob', amount: 18_00n })
  sendTo(market, copy, { relation: market.withCarol, holder: 'carol', amount: 12_00n })
  if (of.certify === true) market.account.certify()
  return { market, bundles: [market.account.bundle(), copy.bundle()] }
}

const look = ({ market, bundles }: Scene) => {
  const { checks } = market.town
  const found = forksIn([market.mint.bundle(), ...bundles], checks)
  if (isFault(found)) throw found
  const [fork] = found.forks
  const kept = fork && bondsIn(found.whole, fork, checks)
  if (!fork || isFault(kept) || !kept) throw new Error('no fork')
  return { found, fork, kept, checks }
}

type Bonded = KeptBond & { readonly bond: NonNullable<KeptBond['bond']> }

const bondOf = (kept: readonly KeptBond[]): Bonded => {
  const [first] = kept
  if (!first?.bond) throw new Error('no bond')
  return { ...first, bond: first.bond }
}

const sharesFor = (scene: Scene, only?: string) => {
  const { fork, kept, checks } = look(scene)
  const { shares } = payoutOf(fork, bondOf(kept), { verifier: checks.verifier, only })
  return shares.map(({ out, share }) => [out.to.holder, share])
}

describe('a bond', () => {
  test('is found where it is kept, for the key and the machine that it answers for', () => {
    const { kept, fork } = look(cheated({ bond: 30_00n }))
    expect(kept).toHaveLength(1)
    expect(bondOf(kept).bond).toMatchObject({ amount: 30_00n, covers: fork.machine })
    expect(kept[0]?.slashed).toBeUndefined()
    expect(look(cheated({})).kept).toEqual([])
  })

  test('pays all of it where it covers the sum, and pro rata where it does not', () => {
    const whole = sharesFor(cheated({ bond: 30_00n }))
    expect(whole).toEqual(
      expect.arrayContaining([
        ['bob', 18_00n],
        ['carol', 12_00n],
      ]),
    )
    const half = sharesFor(cheated({ bond: 15_00n }))
    expect(half).toEqual(
      expect.arrayContaining([
        ['bob', 9_00n],
        ['carol', 6_00n],
      ]),
    )
    expect(sharesFor(cheated({ bond: 15_00n }), 'carol')).toEqual([['carol', 12_00n]])
  })

  test('pays nobody who was paid by the step that was certified, and says who that is', () => {
    const scene = cheated({ bond: 15_00n, certify: true })
    expect(sharesFor(scene)).toEqual([['carol', 12_00n]])
    const { fork, kept, checks } = look(scene)
    const { whole } = payoutOf(fork, bondOf(kept), { verifier: checks.verifier })
    expect(whole.map(({ out }) => out.to.holder)).toEqual(['bob'])
    expect(sharesFor(scene, 'bob')).toEqual([])
  })

  test('pays what it said when the operation is taken, and shows that it has', () => {
    const scene = cheated({ bond: 15_00n })
    const { fork, kept, checks } = look(scene)
    const bonded = bondOf(kept)
    const { evidence, listed, shares } = payoutOf(fork, bonded, { verifier: checks.verifier })
    const { mint, asset } = scene.market
    const operation = slashOn(asset, { at: mint.genesis.id, evidence, victims: listed })
    const step = mint.take({ operations: [operation] })
    mint.certify()
    const paid = recordsIn(mint.machine(), asset).flatMap((one) =>
      one.is === 'out' && one.interaction === step.transition.interaction
        ? [[one.to.holder, one.amount]]
        : [],
    )
    expect(paid).toHaveLength(2)
    expect(paid).toEqual(
      expect.arrayContaining(shares.map(({ out, share }) => [out.to.holder, share])),
    )
    const after = look(scene)
    expect(after.kept.map((one) => [one.bond, one.slashed?.paid])).toEqual([[undefined, 15_00n]])
    // Once for one place, whatever is proposed again.
    expect(() => mint.take({ operations: [operation] })).toThrow(
      expect.objectContaining({ code: 'ledger/already-slashed' }),
    )
  })
})
