/**
 * The market story: paying with no signal, honest about its risk.
 *
 * Alice's money is certified by a directory of four operators. Before she leaves the net she sets some aside for Bob (mode
 * M1); what is set aside she can pay him offline with no risk to him. To Carol, for whom nothing was set aside, she pays at
 * Carol's risk (mode M2), which Carol caps and which is never called final until the directory has seen it.
 */
import type { MachineId } from '../../base/brand.ts'
import { type Bundle, EMPTY_BUNDLE } from '../../verify/bundle.ts'
import type { Fault } from '../../base/fault.ts'
import { consentDigest } from '../../kernel/consent.ts'
import type { Machine } from '../../kernel/execute.ts'
import { interactionId, type Operation, type Premise } from '../../kernel/interaction.ts'
import type { Prefix } from '../../kernel/logic.ts'
import { textFromAmount } from '../../logic/amount.ts'
import { exposureOf } from '../../logic/ledger-audit.ts'
import { type Caps, capFault, exposureByPayer, hopFault } from '../../logic/ledger-exposure.ts'
import { claimOf, operationOnLedger } from '../../logic/ledger-operation.ts'
import { ledgerParams } from '../../logic/ledger-params.ts'
import { balanceOf, type Out } from '../../logic/ledger-record.ts'
import { recordsIn } from '../../logic/ledger-record.ts'
import type { PartyEffect } from '../../models/bilateral/state.ts'
import { stepsOf } from '../../models/bilateral/state.ts'
import { ownerInteraction, type OwnerStep } from '../../models/directory/owner.ts'
import { joinBundles } from '../../verify/join.ts'
import type { Proven } from '../../verify/prove.ts'
import type { Person } from './people.ts'
import { createRelation, type Outcome, type Relation } from './relation.ts'
import { type Account, createTown, type Town } from './town.ts'
import type { SuiteId } from '../../base/suite.ts'

export const SYMBOL = 'TICK'
const DECIMALS = 2
/** What each payee is willing to lose: to one payer, and in all. */
const CAPS: Caps = { perPayer: 20_00n, total: 30_00n }

export type Market = {
  readonly town: Town
  readonly mint: Account
  readonly account: Account
  readonly alice: Person
  readonly bob: Person
  readonly carol: Person
  readonly withBob: Relation
  readonly withCarol: Relation
  readonly asset: Prefix
  /** How many operators vouched for Alice's first money. */
  readonly firstReceipts: () => number
  /** Everything that the mint and Alice's own account show. */
  readonly accounts: () => readonly Bundle[]
}

export const money = (amount: bigint): string => `${textFromAmount(amount, DECIMALS)} ${SYMBOL}`

/** People, machines, and Alice's first money: issued by the mint, sent, claimed, all certified. */
export const openMarket = (suite: SuiteId, purse: bigint): Market => {
  const town = createTown(suite)
  const [banker, alice, bob, carol] = ['mint', 'alice', 'bob', 'carol'].map((name) =>
    town.person(name),
  )
  if (!banker || !alice || !bob || !carol) throw new Error('a town has people')
  const mint = town.open(banker, {
    others: [alice],
    logics: [
      {
        name: 'ledger/1',
        params: ledgerParams.encode({
          symbol: SYMBOL,
          decimals: DECIMALS,
          cap: 1_000_000_00n,
          issuer: 'mint',
          initial: [
            { holder: 'mint', amount: 1_000_00n },
            { holder: 'alice', amount: 40_00n },
          ],
        }),
      },
    ],
  })
  const asset: Prefix = { machine: mint.genesis.id, logic: 0 }
  const account = town.open(alice)
  let firstReceipts = 0
  const [withBob, withCarol] = [bob, carol].map((other) =>
    openRelation({ town, alice, asset }, other),
  )
  if (!withBob || !withCarol) throw new Error('both are opened')
  const market: Market = {
    town,
    mint,
    account,
    alice,
    bob,
    carol,
    withBob,
    withCarol,
    asset,
    firstReceipts: () => firstReceipts,
    accounts: () => [mint.bundle(), account.bundle()],
  }
  const sent = mint.take({
    operations: [
      operationOnLedger(asset, {
        is: 'send',
        from: { machine: mint.genesis.id, holder: 'mint' },
        to: { machine: account.genesis.id, holder: 'alice' },
        amount: purse,
        nonce: 0,
      }),
    ],
  })
  mint.certify()
  firstReceipts = takeOnAccount(market, account, sent)
  return market
}

/** A machine of alice and somebody. */
export const openRelation = (
  { town, alice, asset }: Pick<Market, 'town' | 'alice' | 'asset'>,
  other: Person,
): Relation => {
  const relation: Relation = createRelation(town, [alice, other], {
    turn: { is: 'leader', party: 0 },
    decide: (person, effect) => decide(asset, relation, person, effect),
    admit: (effect, proven) => admit(asset, effect, proven),
  })
  return relation
}

/** What a step of the mint sent to an account is taken in there, and certified. Returns how many operators vouch for it. */
export const takeOnAccount = (
  market: Pick<Market, 'asset' | 'town' | 'mint'>,
  account: Account,
  sent: OwnerStep,
): number => {
  const { operation, premise } = claimFor(market, market.mint, sent, account.genesis.id)
  account.take({
    operations: [operation],
    premises: [premise],
    proven: [premise],
    beside: [market.mint.genesis],
  })
  return account.certify()
}

/** The claim of a send of a step, the first one or the one to a machine, and the premise it rests on. */
export const claimFor = (
  market: Pick<Market, 'asset' | 'town'>,
  source: Account,
  step: OwnerStep,
  to?: MachineId,
): { readonly operation: Operation; readonly premise: Premise; readonly out: Out } => {
  const machine = source.machine()
  const out = outOf(machine, market.asset, step, to)
  const claim = claimOf({
    asset: market.asset,
    source: machine.id,
    suite: machine.terms.suite,
    transition: machine.headId,
    out,
  })
  return { ...claim, out }
}

const outOf = (
  machine: Machine,
  asset: Prefix,
  { transition }: OwnerStep,
  to: MachineId | undefined,
): Out => {
  for (const record of recordsIn(machine, asset)) {
    if (record.is !== 'out' || record.interaction !== transition.interaction) continue
    if (to === undefined || record.to.machine === to) return record
  }
  throw new Error('the step sent nothing')
}

/** Somebody sends value from an account to names elsewhere, in one step; signed, and certified only by `certify`. */
export const sendTo = (
  market: Market,
  from: Account,
  to: {
    /** Any machine that has a party of this name. */
    readonly relation: Pick<Relation, 'genesis'>
    readonly holder: string
    readonly amount: bigint
  },
  more: readonly (typeof to)[] = [],
): OwnerStep =>
  from.take({
    operations: [to, ...more].map(({ relation, holder, amount }, nonce) =>
      operationOnLedger(market.asset, {
        is: 'send',
        from: { machine: from.genesis.id, holder: from.owner.name },
        to: { machine: relation.genesis.id, holder },
        amount,
        nonce,
      }),
    ),
    beside: [market.mint.genesis].filter((one) => one.id !== from.genesis.id),
  })

/** Alice's own money at the mint answers for the conduct of her key on her account. */
export const putUpBond = (market: Market, amount: bigint): void => {
  const { mint, account, alice, asset, town } = market
  const operation = operationOnLedger(asset, {
    is: 'bond',
    from: { machine: mint.genesis.id, holder: alice.name },
    at: mint.genesis.id,
    covers: account.genesis.id,
    signer: alice.signer,
    amount,
  })
  const wish = { operations: [operation], premises: [], beside: [] }
  const id = interactionId(ownerInteraction(mint.machine(), wish))
  const signature = alice.sign(consentDigest(town.suite, id))
  const consent = { machine: mint.genesis.id, party: 1, key: 0, form: 'raw', signature } as const
  mint.take({ operations: [operation], consents: [consent] })
  mint.certify()
}

/** The two of a relationship take in what a step of the account sent there. */
export const claimIn = (
  market: Market,
  relation: Relation,
  from: Account,
  step: OwnerStep,
): Outcome => {
  const { operation, premise } = claimFor(market, from, step, relation.genesis.id)
  return relation.wish({
    by: market.alice,
    operations: [operation],
    premises: [premise],
    beside: [market.mint.genesis, from.genesis],
    support: [market.mint.bundle(), from.bundle()],
  })
}

/** Alice pays within a relationship out of what was set aside there. */
export const payIn = (market: Market, relation: Relation, amount: bigint): Outcome => {
  const [payer, payee] = relation.people
  const machine = relation.genesis.id
  return relation.wish({
    by: payer,
    operations: [
      operationOnLedger(market.asset, {
        is: 'transfer',
        from: { machine, holder: payer.name },
        to: { machine, holder: payee.name },
        amount,
      }),
    ],
    beside: [market.mint.genesis],
  })
}

export const balanceIn = (market: Market, relation: Relation, person: Person): bigint =>
  balanceOf(relation.machine(person), market.asset, person.name)

/** What a receiver would lose if everything not yet certified were undone. */
export const exposureIn = (market: Market, relation: Relation, person: Person): bigint =>
  exposureOf(
    market.asset,
    relation.genesis.id,
    stepsOf(relation.state(person)).map(({ interaction, grade }) => ({
      interaction,
      grade: grade ?? 'cosigned',
    })),
  )

/** One file with everything that everybody holds. */
export const fileForAll = (market: Market, extra: readonly Bundle[] = []): Bundle =>
  joinBundles([
    EMPTY_BUNDLE,
    ...market.accounts(),
    ...extra,
    market.withBob.bundle(market.bob),
    market.withCarol.bundle(market.carol),
  ])

/** A receiver agrees to what is firm, and to what is not as far as its caps go. */
const decide = (
  asset: Prefix,
  relation: Relation,
  person: Person,
  effect: Extract<PartyEffect, { is: 'ask' }>,
): boolean => {
  const past = stepsOf(relation.state(person)).map((step) => ({
    interaction: step.interaction,
    grade: step.grade ?? 'cosigned',
  }))
  const now = { interaction: effect.interaction, grade: effect.grade ?? 'cosigned' }
  const held = exposureByPayer(asset, effect.next.id, past)
  const next = exposureByPayer(asset, effect.next.id, [now])
  // On how many people's word it rests was asked when it was proven.
  return capFault(CAPS, held, { exposure: next, hops: 1 }) === undefined
}

/** Money that its payer has only taken at a risk is not taken from it. */
const admit = (
  asset: Prefix,
  { interaction }: Extract<PartyEffect, { is: 'prove' }>,
  { grade, hops }: Proven,
): Fault | undefined => {
  for (const { machine } of interaction.legs) {
    const exposure = exposureByPayer(asset, machine, [{ interaction, grade }])
    const fault = hopFault({ exposure, hops })
    if (fault) return fault
  }
  return undefined
}
