/**
 * Telling the cheat: Alice runs two copies of her phone and pays the same money twice. Nobody can stop her offline. What
 * is shown is what follows: both stalls were told that it was provisional; the directory certifies what it sees first and
 * refuses the second with what took its place; her own two signatures convict her, her key is frozen, and the bond she put up
 * pays who was left, as far as it reaches.
 */
import { writeFileSync } from 'node:fs'
import { isFault } from '../../base/fault.ts'
import { evidence } from '../../kernel/evidence.ts'
import { balanceOf, recordsIn } from '../../logic/ledger-record.ts'
import { slashOn } from '../../logic/ledger-slash.ts'
import type { OwnerStep } from '../../models/directory/owner.ts'
import { bondsIn, payoutOf } from '../../verify/bonds.ts'
import { fileFromBundle } from '../../verify/bundle.ts'
import { fileFromBody } from '../../verify/file.ts'
import { type Forks, forksIn, isHonoured } from '../../verify/fork.ts'
import { joinBundles } from '../../verify/join.ts'
import type { ExitCode, Output } from '../print.ts'
import {
  claimIn,
  exposureIn,
  fileForAll,
  type Market,
  money,
  openMarket,
  putUpBond,
  sendTo,
  takeOnAccount,
} from './market.ts'
import type { Account } from './town.ts'
import type { TellOptions } from './tell-market.ts'
import type { Relation } from './relation.ts'

/** Less than what was sent twice: a bond bounds what a victim gets, and is no insurance. */
const BOND = 12_00n
const TWICE = 18_00n

export const tellCheat = (output: Output, options: TellOptions): ExitCode => {
  output.line('The same money, paid twice', 'strong')
  output.line()
  const market = openMarket(options.suite, 20_00n)
  putUpBond(market, BOND)
  output.line(
    `At home, alice puts up a bond of ${money(BOND)} and has ${money(20_00n)} on her phone.`,
  )
  output.line('She copies the phone: two devices, one key, one memory.')
  output.line()
  const copy = market.account.clone()
  pay(output, market, { from: market.account, relation: market.withBob })
  pay(output, market, { from: copy, relation: market.withCarol })
  output.line()
  tellDirectory(output, market, copy)
  output.line()
  // In the machine that she shares with alice, alice would have to sign for what the bond pays.
  const own = market.town.open(market.carol)
  const found = meet(output, market, [copy, own], options)
  if (!found) return 1
  output.line()
  tellPayout(output, market, { found, own })
  output.next(`tally fork show ${options.out}`)
  return 0
}

/** Both phones come back online, one after the other. */
const tellDirectory = (output: Output, market: Market, copy: Account): void => {
  const { account, town, withBob } = market
  output.line('Back online', 'strong')
  const receipts = account.certify()
  output.line(`  one phone hands in its step: ${receipts} of 4 vouch; bob's money is firm`, 'good')
  copy.certify()
  const taken = copy.answers().filter((one) => one.is === 'taken').length
  output.line(
    `  the other phone hands in its own: ${taken} of 4 answer that the place is taken, with what took it`,
    'bad',
  )
  const holding = town.accusations().filter((one) => one.length > 0).length
  output.line(`  two steps, one key: ${holding} of 4 now hold the evidence, and freeze the key`)
  sendTo(market, account, { relation: withBob, holder: 'bob', amount: 1_00n })
  account.certify()
  const refusals = account.answers().flatMap((one) => (one.is === 'refused' ? [one.code] : []))
  output.line(
    `  alice's next step, an honest one: ${refusals.length} of 4 refuse it (${[...new Set(refusals)].join(', ')})`,
  )
  output.result({ directory: { receipts, taken, holding, refusals } })
}

type Payout = { readonly found: Forks; readonly own: Account }

const tellPayout = (output: Output, market: Market, { found, own }: Payout): void => {
  const [fork] = found.forks
  const whole = fork?.branches.filter(isHonoured).flatMap((one) => one.harms) ?? []
  for (const { out } of whole) output.line(`${out.to.holder} is whole: that step was certified.`)
  const { step, paid } = slash(market, found)
  output.line('The bond pays who was left:', 'strong')
  for (const one of paid)
    output.line(`  ${one.name.padEnd(6)} ${money(one.amount)} of ${money(TWICE)}`)
  takeOnAccount(market, own, step)
  const held = balanceOf(own.machine(), market.asset, own.owner.name)
  output.line(`  ${own.owner.name} takes it into an account of her own: ${money(held)}, certified`)
  output.line('The rest of the loss stays: this is what "provisional" meant.', 'quiet')
  output.result({ whole: whole.map(({ out }) => out.to.holder), paid })
}

const pay = (
  output: Output,
  market: Market,
  of: { readonly from: Account; readonly relation: Relation },
): void => {
  const payee = of.relation.people[1]
  const step = sendTo(market, of.from, { relation: of.relation, holder: payee.name, amount: TWICE })
  const outcome = claimIn(market, of.relation, of.from, step)
  const exposure = exposureIn(market, of.relation, payee)
  output.line(
    `With no signal, alice pays ${payee.name} ${money(TWICE)}: ${outcome.final ? 'both signed' : 'refused'}, ` +
      `provisional, ${payee.name} exposed by ${money(exposure)}`,
    'warn',
  )
}

/** Bob's file and Carol's file come together. */
const meet = (
  output: Output,
  market: Market,
  others: readonly Account[],
  options: TellOptions,
): Forks | undefined => {
  const more = others.map((one) => one.bundle())
  const bundles = [fileForAll(market), fileForAll(market, more)]
  writeFileSync(options.out, fileFromBundle(joinBundles(bundles)))
  const found = forksIn(bundles, market.town.checks)
  const conviction = isFault(found) ? undefined : found.forks[0]
  if (isFault(found) || !conviction) {
    output.line('nobody was convicted, and somebody should have been', 'bad')
    return undefined
  }
  const proof = evidence.encode(conviction.evidence)
  const proofFile = options.out.replace(/\.tally$/, '-proof.tally')
  writeFileSync(proofFile, fileFromBody('evidence', proof))
  output.line("Bob's file and Carol's file meet", 'strong')
  output.line(
    `  caught: ${conviction.name ?? conviction.signer} signed two different steps ${conviction.sequence} of her account`,
    'bad',
  )
  output.line(
    `  the proof is ${proof.length} bytes (${proofFile}): two steps, two signatures, her key`,
  )
  output.line(
    `  convicted: ${found.forks.map((one) => one.name ?? one.signer).join(', ')}; nobody else`,
  )
  output.result({
    caught: conviction.name ?? conviction.signer,
    step: conviction.sequence,
    proofBytes: proof.length,
    file: options.out,
    proofFile,
  })
  return found
}

type Slashed = {
  readonly step: OwnerStep
  readonly paid: readonly { readonly name: string; readonly amount: bigint }[]
}

/** The mint pays the victims from the bond, on the evidence alone. */
const slash = (market: Market, { whole, forks }: Forks): Slashed => {
  const { mint, town } = market
  const [fork] = forks
  const kept = fork ? bondsIn(whole, fork, town.checks) : []
  const [first] = isFault(kept) ? [] : kept
  if (!fork || !first?.bond) throw new Error('the mint keeps a bond')
  const { evidence: held, listed } = payoutOf(
    fork,
    { ...first, bond: first.bond },
    { verifier: town.engine },
  )
  const operation = slashOn(market.asset, { at: mint.genesis.id, evidence: held, victims: listed })
  const step = mint.take({ operations: [operation] })
  mint.certify()
  const paid = recordsIn(mint.machine(), market.asset)
    .filter((one) => one.is === 'out')
    .filter((one) => one.interaction === step.transition.interaction)
    .map((one) => ({ name: one.to.holder, amount: one.amount }))
  return { step, paid }
}
