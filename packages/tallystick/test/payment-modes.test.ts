/**
 * The modes of payment from end to end, with the real roles: what a payee is told, what the directory does, and who bears
 * what in the end. H1, H2 and H5 are attacks of `docs/attacks.md`.
 */
import { describe, expect, test } from 'vitest'
import { isFault } from '../src/base/fault.ts'
import {
  balanceIn,
  claimFor,
  claimIn,
  exposureIn,
  fileForAll,
  type Market,
  money,
  openMarket,
  openRelation,
  payIn,
  putUpBond,
  sendTo,
  takeOnAccount,
} from '../src/cli/demo/market.ts'
import type { Relation } from '../src/cli/demo/relation.ts'
import { execute } from '../src/kernel/execute.ts'
import { type Interaction, interactionId } from '../src/kernel/interaction.ts'
import { proposalDigestOf } from './proposals.ts'
import { claimOf, operationOnLedger } from '../src/logic/ledger-operation.ts'
import { balanceOf, recordsIn } from '../src/logic/ledger-record.ts'
import { slashOn } from '../src/logic/ledger-slash.ts'
import { STANDARD_LOGICS } from '../src/logic/registry.ts'
import { bondsIn, payoutOf } from '../src/verify/bonds.ts'
import { bundleStepFrom } from '../src/verify/assemble.ts'
import { type Bundle, EMPTY_BUNDLE, fileFromBundle } from '../src/verify/bundle.ts'
import { forksIn } from '../src/verify/fork.ts'
import { joinBundles } from '../src/verify/join.ts'
import { paymentsFrom } from '../src/verify/payments.ts'
import { provePremises } from '../src/verify/prove.ts'
import { survey } from '../src/verify/verify.ts'

const CAP = 20_00n

/** What each claim in a file amounts to, by payee. */
const claimsIn = (market: Market, whole: Bundle): Record<string, string> => {
  const surveyed = survey(fileFromBundle(whole), market.town.checks)
  if (isFault(surveyed)) throw surveyed
  return Object.fromEntries(
    paymentsFrom(surveyed).flatMap(({ is, to, state }) =>
      is === 'claim' ? [[to.holder, state.is]] : [],
    ),
  )
}

describe('H2: money that nobody set aside, spent twice offline', () => {
  const market = openMarket('classic', 20_00n)
  putUpBond(market, 9_00n)
  const { account, withBob, withCarol, town, mint, bob, carol } = market
  const dora = town.person('dora')
  const withDora = openRelation(market, dora)
  const carols = town.open(carol)
  const copy = account.clone()
  const toBob = sendTo(market, account, { relation: withBob, holder: 'bob', amount: 18_00n })
  // The other phone pays two people in one step, so that there are two to share the bond.
  const twice = sendTo(market, copy, { relation: withCarol, holder: 'carol', amount: 12_00n }, [
    { relation: withDora, holder: 'dora', amount: 6_00n },
  ])
  const everything = (): Bundle =>
    joinBundles([fileForAll(market, [copy.bundle(), carols.bundle()]), withDora.bundle(dora)])

  test('is taken by both as provisional, within each one’s cap', () => {
    expect(claimIn(market, withBob, account, toBob).final).toBe(true)
    expect(claimIn(market, withCarol, copy, twice).final).toBe(true)
    expect(claimIn(market, withDora, copy, twice).final).toBe(true)
    expect(exposureIn(market, withBob, bob)).toBe(18_00n)
    expect(exposureIn(market, withCarol, carol)).toBe(12_00n)
    for (const payee of [bob, carol, dora]) {
      const relation = [withBob, withCarol, withDora].find((one) => one.people[1] === payee)
      expect(relation && exposureIn(market, relation, payee) <= CAP).toBe(true)
    }
    // Each file by itself says so, and convicts nobody.
    const alone = joinBundles([...market.accounts(), withBob.bundle(bob)])
    expect(claimsIn(market, alone)).toMatchObject({ bob: 'provisional' })
  })

  test('the first to reach the directory is certified, the second is answered with what took its place', () => {
    expect(account.certify()).toBe(4)
    expect(copy.certify()).toBe(0)
    const answers = copy.answers()
    expect(answers.map((one) => one.is)).toEqual(['taken', 'taken', 'taken', 'taken'])
    for (const one of answers) {
      expect(one.is === 'taken' && one.by.transition).toEqual(toBob.transition)
    }
  })

  test('evidence is there within that one exchange, at every operator, against the payer alone', () => {
    for (const held of town.accusations()) {
      expect(held.map((one) => one.publicKey)).toEqual([market.alice.publicKey])
    }
    const found = forksIn([everything()], town.checks)
    if (isFault(found)) throw found
    expect(found.forks.map((one) => one.name)).toEqual(['alice'])
  })

  test('the key is frozen: its next step is refused by name, on whichever phone', () => {
    for (const phone of [account, copy]) {
      sendTo(market, phone, { relation: withBob, holder: 'bob', amount: 1_00n })
      phone.certify()
      const codes = phone.answers().map((one) => (one.is === 'refused' ? one.code : one.is))
      expect(codes).toEqual(Array.from({ length: 4 }, () => 'operator/frozen'))
    }
    // Who did nothing is served as before.
    sendTo(market, mint, { relation: withBob, holder: 'bob', amount: 1_00n })
    expect(mint.certify()).toBe(4)
  })

  test('bob is whole, and the bond pays the other two pro rata; nobody lost more than its cap', () => {
    expect(claimsIn(market, everything())).toMatchObject({
      bob: 'certified',
      carol: 'conflicted',
      dora: 'conflicted',
    })
    const found = forksIn([everything()], town.checks)
    if (isFault(found)) throw found
    const [fork] = found.forks
    const kept = fork && bondsIn(found.whole, fork, town.checks)
    const [first] = !kept || isFault(kept) ? [] : kept
    if (!fork || !first?.bond) throw new Error('the mint keeps the bond')
    const payout = payoutOf(fork, { ...first, bond: first.bond }, { verifier: town.engine })
    expect(payout.whole.map(({ out }) => out.to.holder)).toEqual(['bob'])
    // Carol brought the charter of an account of her own; dora has none, and would need alice's signature.
    expect(payout.shares.map((one) => one.paidTo.machine)).toEqual(
      expect.arrayContaining([carols.genesis.id, withDora.genesis.id]),
    )
    const { evidence, listed: victims } = payout
    const operation = slashOn(market.asset, { at: mint.genesis.id, evidence, victims })
    const step = mint.take({ operations: [operation] })
    expect(mint.certify()).toBe(4)
    const paid = recordsIn(mint.machine(), market.asset).flatMap((one) =>
      one.is === 'out' && one.interaction === step.transition.interaction
        ? [[one.to.holder, one.amount]]
        : [],
    )
    expect(Object.fromEntries(paid)).toEqual({ carol: 6_00n, dora: 3_00n })
    expect(12_00n - 6_00n).toBeLessThanOrEqual(CAP)
    expect(takeOnAccount(market, carols, step)).toBe(4)
    expect(balanceOf(carols.machine(), market.asset, 'carol')).toBe(6_00n)
  })
})

describe('H2, honest: the same payments from one phone, one after the other', () => {
  test('are provisional offline and certified once the directory has seen them', () => {
    const market = openMarket('classic', 30_00n)
    const { account, withBob, withCarol, bob, carol, town } = market
    for (const [relation, amount] of [
      [withBob, 18_00n],
      [withCarol, 12_00n],
    ] as const) {
      const step = sendTo(market, account, { relation, holder: relation.people[1].name, amount })
      expect(claimIn(market, relation, account, step).final).toBe(true)
    }
    expect(claimsIn(market, fileForAll(market))).toMatchObject({
      bob: 'provisional',
      carol: 'provisional',
    })
    expect(account.certify()).toBe(4)
    expect(claimsIn(market, fileForAll(market))).toMatchObject({
      bob: 'certified',
      carol: 'certified',
    })
    expect(town.accusations().flat()).toEqual([])
    expect([balanceIn(market, withBob, bob), balanceIn(market, withCarol, carol)]).toEqual([
      18_00n,
      12_00n,
    ])
  })

  test('are not taken beyond a cap', () => {
    const market = openMarket('classic', 30_00n)
    const { account, withBob, bob } = market
    const step = sendTo(market, account, { relation: withBob, holder: 'bob', amount: CAP + 1n })
    expect(claimIn(market, withBob, account, step).final).toBe(false)
    expect(balanceIn(market, withBob, bob)).toBe(0n)
    account.certify()
    expect(claimIn(market, withBob, account, step).final).toBe(true)
  })
})

describe('H1: value that was set aside for bob', () => {
  const market = openMarket('classic', 50_00n)
  const { account, withBob, withCarol, alice, bob, asset } = market
  const aside = sendTo(market, account, { relation: withBob, holder: 'alice', amount: 30_00n })
  account.certify()
  claimIn(market, withBob, account, aside)

  /** Alice wants carol to take what was sent to the machine that she shares with bob. */
  const wishWithCarol = (of: Parameters<Relation['wish']>[0]) => withCarol.wish(of)

  test('cannot be shown as set aside for carol: the send names bob’s machine', () => {
    const { operation, premise } = claimFor(market, account, aside)
    const outcome = wishWithCarol({
      by: alice,
      operations: [operation],
      premises: [premise],
      beside: [market.mint.genesis, account.genesis],
      support: [market.mint.bundle(), account.bundle()],
    })
    expect(outcome.final).toBe(false)
    expect(balanceIn(market, withCarol, alice)).toBe(0n)
  })

  test('nor by a record that says otherwise: no step of the account made it', () => {
    const { out, premise } = claimFor(market, account, aside)
    const to = { machine: withCarol.genesis.id, holder: 'alice' }
    const forged = claimOf({
      asset,
      source: account.genesis.id,
      suite: 'classic',
      transition: premise.transition,
      out: { ...out, to },
    })
    const outcome = wishWithCarol({
      by: alice,
      operations: [forged.operation],
      premises: [forged.premise],
      beside: [market.mint.genesis, account.genesis],
      support: [market.mint.bundle(), account.bundle()],
    })
    expect(outcome.final).toBe(false)
    expect(balanceIn(market, withCarol, alice)).toBe(0n)
  })

  test('cannot be sent again from the account, which was debited', () => {
    expect(() =>
      sendTo(market, account, { relation: withCarol, holder: 'carol', amount: 30_00n }),
    ).toThrow(expect.objectContaining({ code: 'ledger/insufficient' }))
  })

  test('is taken in once, whoever brings it again', () => {
    expect(claimIn(market, withBob, account, aside).final).toBe(false)
    expect(balanceIn(market, withBob, alice)).toBe(30_00n)
  })

  test('pays bob offline, and each payment is provisional in mode M1 with nothing exposed', () => {
    expect(payIn(market, withBob, 4_50n).final).toBe(true)
    const surveyed = survey(fileFromBundle(fileForAll(market)), market.town.checks)
    const payments = isFault(surveyed) ? [] : paymentsFrom(surveyed)
    const transfer = payments.find((one) => one.is === 'transfer')
    expect(transfer?.state).toEqual({
      is: 'provisional',
      offline: true,
      mode: 'M1',
      exposure: 0n,
    })
    expect(exposureIn(market, withBob, bob)).toBe(0n)
  })
})

describe('H5: a relationship closed with an old state', () => {
  const market = openMarket('classic', 50_00n)
  const { account, withBob, alice, bob, asset, town, mint } = market
  const aside = sendTo(market, account, { relation: withBob, holder: 'alice', amount: 30_00n })
  account.certify()
  claimIn(market, withBob, account, aside)
  /** Everything is alice's here. */
  const old = withBob.machine(alice)
  payIn(market, withBob, 25_00n)

  /** Alice sends all of it home from the old head, signed by herself alone: bob has agreed to no such step. */
  const interaction: Interaction = {
    suite: 'classic',
    legs: [
      { machine: old.id, access: 'write', parent: old.headId },
      { machine: asset.machine, access: 'refer', parent: undefined },
    ],
    operations: [
      operationOnLedger(asset, {
        is: 'send',
        from: { machine: old.id, holder: 'alice' },
        to: { machine: account.genesis.id, holder: 'alice' },
        amount: 30_00n,
        nonce: 0,
      }),
    ],
    premises: [],
  }
  const done = execute({
    interaction,
    machines: new Map([old, mint.genesis].map((one) => [one.id, one])),
    logics: STANDARD_LOGICS,
    consents: () => true,
    proven: [],
    verifier: town.engine,
  })
  const [closed] = isFault(done) ? [] : done.written
  if (!closed) throw new Error('the rules let alice send what the old state says')
  const signature = alice.sign(proposalDigestOf('classic', closed.head))
  const closing: Bundle = {
    ...EMPTY_BUNDLE,
    steps: [
      bundleStepFrom(
        { interaction, transition: closed.head, proposal: [{ key: 0, signature }] },
        (machine) => town.machines.get(machine)?.headId,
      ),
    ],
  }
  const out = recordsIn(closed, asset).find((one) => one.is === 'out')
  if (out?.is !== 'out') throw new Error('it sends')
  const id = interactionId(interaction)
  const { premise } = claimOf({
    asset,
    source: old.id,
    suite: 'classic',
    transition: closed.headId,
    out,
  })
  const before = (): Bundle =>
    joinBundles([
      ...market.accounts(),
      { ...withBob.bundle(bob), steps: withBob.bundle(bob).steps.slice(0, 1) },
    ])

  test('is no step: it has one signature of the two, and the other’s newer state is final in its place', () => {
    expect(out.interaction).toBe(id)
    const whole = joinBundles([fileForAll(market), closing])
    const surveyed = survey(fileFromBundle(whole), town.checks)
    if (isFault(surveyed)) throw surveyed
    expect(surveyed.settlement.get(closed.headId)?.standing).toBe('superseded')
    const proven = provePremises(fileFromBundle(whole), [premise], town.checks)
    expect(isFault(proven) && proven.code).toBe('premise/contested')
  })

  test('shown without the newer state it proves a wish, which nobody takes for money', () => {
    const hidden = joinBundles([before(), closing])
    const surveyed = survey(fileFromBundle(hidden), town.checks)
    if (isFault(surveyed)) throw surveyed
    expect(surveyed.settlement.get(closed.headId)?.standing).toBe('pending')
    const proven = provePremises(fileFromBundle(hidden), [premise], town.checks)
    expect(!isFault(proven) && proven.grade).toBe('local')
    const send = paymentsFrom(surveyed).find((one) => one.step.id === closed.headId)
    expect(send?.state).toEqual({ is: 'proposed' })
  })

  test('needs no watcher and no deadline: bob holds what he held, and closes with the newest state', () => {
    expect(balanceIn(market, withBob, bob)).toBe(25_00n)
    const home = withBob.wish({
      by: alice,
      operations: [
        operationOnLedger(asset, {
          is: 'send',
          from: { machine: old.id, holder: 'alice' },
          to: { machine: account.genesis.id, holder: 'alice' },
          amount: 5_00n,
          nonce: 0,
        }),
      ],
      beside: [mint.genesis],
    })
    expect(home.final).toBe(true)
    expect(money(balanceIn(market, withBob, alice))).toBe('0.00 TICK')
  })
})
