/** Claims against the bond of a convicted key: for whoever was paid twice over, and for whoever keeps the bond. */
import { isFault } from '../base/fault.ts'
import { hexFromBytes } from '../base/bytes.ts'
import { proposerAt } from '../kernel/charter.ts'
import { moneyText } from '../logic/ledger-describe.ts'
import { textFromAmount } from '../logic/amount.ts'
import { slashOn } from '../logic/ledger-slash.ts'
import { bondsIn, type KeptBond, type Payout, payoutOf } from '../verify/bonds.ts'
import { fileFromBundle } from '../verify/bundle.ts'
import { brokenSends, claimBundle } from '../verify/claim.ts'
import type { Fork, Forks } from '../verify/fork.ts'
import type { VerifyOptions } from '../verify/run.ts'
import { PUBLIC_FILE, replaceFile } from './durable-file.ts'
import { compareFiles, forkChecks, namesIn } from './fork-files.ts'
import { type Called, culpritText, forkExit } from './fork-view.ts'
import { handEvidence, operatorToken, operatorUrls } from './hand-evidence.ts'
import { folderNameFrom } from './machine-folder.ts'
import { type ExitCode, type Output, usageError } from './print.ts'
import { sizeText } from './report-view.ts'

export type ClaimOptions = {
  readonly for?: string
  readonly against?: string
  readonly bond?: string
  readonly output?: string
  readonly operator?: readonly string[]
  readonly tokenFile?: string
  /** What the keeper has said that it waits for: so many claims, or a step of its machine. */
  readonly claims?: string
  readonly until?: string
}

type Ground = {
  readonly output: Output
  readonly checks: VerifyOptions
  readonly found: Forks
  readonly fork: Fork
  readonly called: Called
}

export const claimFork = async (
  output: Output,
  paths: readonly string[],
  options: ClaimOptions,
): Promise<ExitCode> => {
  const checks = forkChecks()
  const urls = operatorUrls(options.operator ?? [])
  const all = options.bond === undefined ? paths : [...paths, options.bond]
  const found = compareFiles(all, checks)
  const fork = chosenFork(found.forks, options.against)
  if (!fork) {
    output.line('no key is shown to have signed two steps that exclude each other')
    output.next('tally fork show FILE… says what stood in the way')
    return forkExit([], found.faults.length)
  }
  const ground: Ground = { output, checks, found, fork, called: namesIn(found.whole) }
  const handed = await hand(ground, urls, options)
  const code =
    options.bond === undefined ? writeClaim(ground, options) : writePayout(ground, options)
  return code === 0 ? handed : code
}

/** The fork that is meant: the only one, or the one of the culprit that was named. */
const chosenFork = (forks: readonly Fork[], against: string | undefined): Fork | undefined => {
  const meant = forks.filter(
    (one) => against === undefined || one.name === against || one.signer.startsWith(against),
  )
  const [only] = meant
  if (meant.length < 2) return only
  throw usageError(
    `${meant.length} forks are shown: of ${meant.map(culpritText).join(', ')}`,
    '--against NAME, or the first digits of the key; or fewer files',
  )
}

const hand = async (
  { output, fork }: Ground,
  urls: readonly string[],
  options: ClaimOptions,
): Promise<ExitCode> => {
  if (urls.length === 0) return 0
  const handed = await handEvidence(fork.evidence, urls, operatorToken(options.tokenFile))
  for (const one of handed) {
    if (one.is === 'frozen') output.line(`${one.url} serves ${culpritText(fork)} no more`)
    else output.line(`${one.url} was not reached: ${one.why}`, 'warn')
  }
  output.line()
  output.result({ operators: handed })
  return handed.some((one) => one.is === 'failed') ? 2 : 0
}

/** What a victim hands to whoever keeps the bond. */
const writeClaim = (ground: Ground, options: ClaimOptions): ExitCode => {
  const { output, fork, found, called, checks } = ground
  const harms = brokenSends(fork, options.for)
  if (harms.length === 0) return nothingOwed(ground, options)
  const claim = claimBundle(fork, harms, { whole: found.whole, verifier: checks.verifier })
  const file = fileFromBundle(claim)
  const names = [...new Set(harms.map((one) => one.out.to.holder))].join('-')
  const to = options.output ?? `${folderNameFrom('claim', names)}.tally`
  replaceFile(to, file, PUBLIC_FILE)
  output.line(`against ${culpritText(fork)}, step ${fork.sequence} of ${called(fork.machine)}`)
  output.table(
    harms.map(({ asset, out }) => [
      out.to.holder,
      moneyText(out.amount, asset.params),
      `in ${called(out.to.machine)}`,
    ]),
  )
  output.line([
    'Wrote ',
    { text: to, tone: 'strong' },
    `, ${sizeText(file.length)}: the evidence, and a proof of each send; nothing else of anybody`,
  ])
  output.result({ claim: to, against: culpritText(fork), bytes: file.length })
  output.next(`hand ${to} to whoever keeps the bond, who runs tally fork claim ${to} --bond FILE`)
  return 0
}

const nothingOwed = ({ output, fork }: Ground, options: ClaimOptions): ExitCode => {
  const whom = options.for === undefined ? 'anybody' : options.for
  output.line(`no send to ${whom} is shown that ${culpritText(fork)} broke`, 'warn')
  output.line('  whoever was paid by a step that is final is whole, and claims nothing', 'quiet')
  output.next('add the bundle of whoever was paid: it holds the send and its proof')
  return 2
}

/** What whoever keeps the bond is to propose. */
const writePayout = (ground: Ground, options: ClaimOptions): ExitCode => {
  const { output, checks, found, fork } = ground
  const kept = bondsIn(found.whole, fork, checks)
  if (isFault(kept)) throw kept
  const paid = kept.find((one) => one.slashed)
  if (paid?.slashed) {
    const sum = moneyText(paid.slashed.paid, paid.asset.params)
    output.line(`the bond has paid ${sum} for this step already; one step is paid for once`, 'warn')
    output.result({ paid: textFromAmount(paid.slashed.paid, paid.asset.params.decimals) })
    return 2
  }
  const [first] = kept
  if (!first?.bond) {
    output.line(
      `${options.bond ?? ''} shows no bond for the conduct of ${culpritText(fork)}`,
      'warn',
    )
    output.next('ask for the newest bundle of the machine that keeps it')
    return 2
  }
  const payout = payoutOf(
    fork,
    { ...first, bond: first.bond },
    {
      verifier: checks.verifier,
      only: options.for,
    },
  )
  if (payout.shares.length === 0) return nothingOwed(ground, options)
  const early = tooEarly(options, payout.shares.length, first.keeper.head.sequence)
  if (early !== undefined) {
    output.line(`not yet: ${early}; one step is paid for once`, 'warn')
    output.next('collect more claims, and run it again with all of them')
    return 2
  }
  return writeOperation(ground, { ...first, bond: first.bond }, { payout, options })
}

/** Why the keeper, by its own word, is not to pay yet. It is enough that one of two conditions is met. */
const tooEarly = (
  { claims, until }: ClaimOptions,
  listed: number,
  reached: bigint,
): string | undefined => {
  const wanted = claims === undefined ? undefined : numberFrom(claims, '--claims')
  const step = until === undefined ? undefined : numberFrom(until, '--until')
  const isMet =
    (wanted !== undefined && listed >= wanted) || (step !== undefined && reached >= step)
  if (isMet || (wanted === undefined && step === undefined)) return undefined
  return [
    ...(wanted === undefined ? [] : [`${listed} of ${wanted} claims are there`]),
    ...(step === undefined ? [] : [`the machine is at step ${reached} of ${step}`]),
  ].join(', and ')
}

const numberFrom = (typed: string, flag: string): number => {
  if (/^[1-9][0-9]{0,8}$/.test(typed)) return Number(typed)
  throw usageError(`${typed} is no number`, `${flag} 3`)
}

type Paying = { readonly payout: Payout; readonly options: ClaimOptions }

const writeOperation = (
  ground: Ground,
  kept: KeptBond & { readonly bond: NonNullable<KeptBond['bond']> },
  { payout, options }: Paying,
): ExitCode => {
  const { output, called } = ground
  const { asset, keeper, bond } = kept
  if (keeper.id !== asset.prefix.machine) {
    throw usageError(
      `the bond is kept in ${called(keeper.id)}, and the rules of its asset stand elsewhere`,
      'a file of operations speaks of one machine; propose the slash by a program',
    )
  }
  const operation = slashOn(asset.prefix, {
    at: keeper.id,
    evidence: payout.evidence,
    victims: payout.listed,
  })
  const to = options.output ?? 'slash.json'
  const argument = hexFromBytes(operation.argument)
  const text = JSON.stringify({ operations: [{ logic: operation.logic, argument }] })
  replaceFile(to, new TextEncoder().encode(`${text}\n`), PUBLIC_FILE)
  showPayout(ground, kept, payout)
  output.line(['Wrote ', { text: to, tone: 'strong' }, ', the operation that pays them'])
  const turn = proposerAt(keeper.terms, keeper.head.sequence + 1n)
  const who = turn === 'anyone' ? 'anybody' : (keeper.terms.participants[turn]?.name ?? '')
  output.result({ operation: to, bond: textFromAmount(bond.amount, asset.params.decimals) })
  output.line(
    `One step is paid for once: ${who} proposes it when it has waited long enough for claims.`,
    'quiet',
  )
  output.next(`tally propose --op ${to}, by ${who} on ${called(keeper.id)}`)
  return 0
}

const showPayout = (
  { output, fork, called }: Ground,
  { asset, keeper, bond }: KeptBond & { readonly bond: NonNullable<KeptBond['bond']> },
  payout: Payout,
): void => {
  const money = (amount: bigint): string => moneyText(amount, asset.params)
  output.line(
    `${called(keeper.id)} keeps a bond of ${money(bond.amount)} for the conduct of ${culpritText(fork)}`,
  )
  output.table(
    payout.shares.map(({ out, share, paidTo }) => [
      out.to.holder,
      { text: money(share), tone: share === out.amount ? 'good' : 'warn' },
      `of ${money(out.amount)}, paid in ${called(paidTo.machine)}`,
    ]),
  )
  for (const { out } of payout.whole) {
    output.line(`  ${out.to.holder} is whole: the step that pays ${money(out.amount)} is final`)
  }
  for (const { owed, why } of payout.leftOut) {
    const says = why === 'too-many' ? 'one operation takes no more' : 'of a third step'
    output.line(
      `  ${owed.out.to.holder} is left out with ${money(owed.out.amount)}: ${says}`,
      'warn',
    )
  }
  output.result({
    shares: payout.shares.map(({ out, share, paidTo }) => ({
      to: out.to,
      paidTo,
      owed: textFromAmount(out.amount, asset.params.decimals),
      paid: textFromAmount(share, asset.params.decimals),
    })),
  })
}
