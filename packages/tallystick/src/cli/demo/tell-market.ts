/** Telling the market story: what happens, who is exposed to what, and one file at the end. */
import type { SuiteId } from '../../base/suite.ts'
import type { ExitCode, Output } from '../print.ts'
import {
  balanceIn,
  claimIn,
  exposureIn,
  fileForAll,
  type Market,
  money,
  openMarket,
  payIn,
  sendTo,
} from './market.ts'
import type { Outcome } from './relation.ts'
import { tellFile } from './tell-file.ts'

export type TellOptions = { readonly suite: SuiteId; readonly out: string }

export const tellMarket = (output: Output, options: TellOptions): ExitCode => {
  output.line('A market with no signal', 'strong')
  output.line()
  const market = openMarket(options.suite, 50_00n)
  tellPreparation(output, market)
  tellOffline(output, market)
  tellReturn(output, market)
  return tellFile(output, fileForAll(market), { out: options.out, town: market.town })
}

const tellPreparation = (output: Output, market: Market): void => {
  const { account, alice, bob, withBob } = market
  output.line('At home, online', 'strong')
  const first = market.firstReceipts()
  output.line(
    `  the mint pays alice ${money(50_00n)}: ${first} of 4 directory operators vouch for it`,
  )
  const aside = sendTo(market, account, { relation: withBob, holder: alice.name, amount: 30_00n })
  const receipts = account.certify()
  output.line(
    `  alice sets ${money(30_00n)} aside for bob's stall: ${receipts} of 4 vouch (mode M1)`,
  )
  const claimed = claimIn(market, withBob, account, aside)
  output.line(`  both take it into the machine they share: ${outcomeWords(claimed)}`)
  output.line('  from here on bob alone can be paid out of it')
  output.result({ setAside: { final: claimed.final, to: bob.name } })
  output.line()
}

const tellOffline = (output: Output, market: Market): void => {
  const { withBob, withCarol, account, bob, carol } = market
  output.line('At the market, no signal', 'strong')
  const payments = [4_50n, 7_00n, 2_25n].map((amount) => {
    const outcome = payIn(market, withBob, amount)
    output.line(
      `  alice pays bob ${money(amount).padStart(11)}: ${outcomeWords(outcome)}`,
      tone(outcome),
    )
    return outcome
  })
  output.line(`  bob holds ${money(balanceIn(market, withBob, bob))}, exposed to nobody`)
  const unseen = sendTo(market, account, {
    relation: withCarol,
    holder: carol.name,
    amount: 12_00n,
  })
  const provisional = claimIn(market, withCarol, account, unseen)
  const exposure = exposureIn(market, withCarol, carol)
  output.line(
    `  alice pays carol ${money(12_00n).padStart(9)}: both signed, provisional (mode M2)`,
    'warn',
  )
  output.line(`  carol is exposed by ${money(exposure)} until the directory has seen it`, 'warn')
  output.result({ payments, provisional, exposure })
  output.line()
}

const tellReturn = (output: Output, market: Market): void => {
  output.line('Back online', 'strong')
  const receipts = market.account.certify()
  output.line(
    `  the directory sees alice's step: ${receipts} of 4 vouch; carol's money is firm`,
    'good',
  )
  output.line()
}

const outcomeWords = (outcome: Outcome): string =>
  outcome.final
    ? `final for both in ${outcome.messages} messages, ${outcome.bytes} bytes`
    : `refused: ${outcome.refusal ?? 'no reason given'}`

const tone = (outcome: Outcome): 'good' | 'bad' => (outcome.final ? 'good' : 'bad')
