/** Telling the supply story: who hands over to whom, what an auditor gets to see, and what that is good for. */
import { writeFileSync } from 'node:fs'
import { isFault } from '../../base/fault.ts'
import { answerTo } from '../../verify/answer.ts'
import { fileFromBundle } from '../../verify/bundle.ts'
import { scopeBundle } from '../../verify/scope.ts'
import { verify } from '../../verify/verify.ts'
import type { ExitCode, Output } from '../print.ts'
import { sizeText } from '../report-view.ts'
import { readRequirements, showAnswers, worseOf } from '../requirements.ts'
import {
  agreeOnRoad,
  beginLot,
  handOver,
  holderOf,
  keepBack,
  leaveToRoad,
  openSupply,
  publishRoad,
  refusalOf,
  releaseLot,
  type Supply,
  wholeBundle,
} from './supply.ts'
import type { TellOptions } from './tell-market.ts'

/** What the auditor wants to know. */
const REQUIRED = [
  'every custody change: 2 parties',
  'release: 2 of 3',
  'field origin: shown',
  'no field price',
] as const

/** The field that the parties keep to themselves. */
const KEPT = 'price'

export type SupplyOptions = TellOptions & { readonly whole: string | undefined }

export const tellSupply = (output: Output, options: SupplyOptions): ExitCode => {
  output.line('A lot of oranges, from the grower to the shop', 'strong')
  output.line()
  output.paragraph(
    'A registry keeps the record of the lot, and four directory operators certify each of its steps. ' +
      'It cannot move the lot: a hand-over takes the signatures of giver and taker.',
  )
  output.line()
  const supply = openSupply(options.suite)
  tellStart(output, supply)
  tellOffline(output, supply)
  tellRelease(output, supply)
  return finish(output, supply, options)
}

const vouched = (receipts: number): string => `${receipts} of 4 operators vouch for it`

const tellStart = (output: Output, supply: Supply): void => {
  output.line('At the farm', 'strong')
  const begun = beginLot(supply, {
    origin: 'Huelva, field 7',
    batch: 'B-2217',
    price: '0.84 EUR/kg',
  })
  output.line(`  the grower opens the record, with origin, batch and price: ${vouched(begun)}`)
  output.line(
    '  signed are salted hashes of the three; the values stay with those who have the salts',
  )
  const stolen = refusalOf(() => handOver(supply, 'carrier', 'shop'))
  output.line(
    `  carrier and shop try to hand over what neither of them holds: ${words(stolen)}`,
    'bad',
  )
  const first = handOver(supply, 'grower', 'carrier', {
    price: '0.91 EUR/kg',
    temperature: '4.1 C',
  })
  output.line(`  1  grower -> carrier: both sign, ${vouched(first)}`, 'good')
  output.line()
}

const tellOffline = (output: Output, supply: Supply): void => {
  output.line('On the road', 'strong')
  const left = leaveToRoad(supply)
  output.line(
    '  before they lose the signal, carrier and port say that the machine which the two share',
  )
  output.line(`  decides the next hand-over, and nothing else does: ${vouched(left)}`)
  const agreed = agreeOnRoad(supply, { price: '0.97 EUR/kg', temperature: '4.6 C' })
  output.line(
    `  2  carrier -> port, with no signal: ${agreed.final ? 'final for the two' : 'refused'} in ` +
      `${agreed.messages} messages, ${sizeText(agreed.bytes)}`,
    agreed.final ? 'good' : 'bad',
  )
  output.line(`     meanwhile the registry still says: held by ${holderOf(supply)}`, 'quiet')
  const published = publishRoad(supply)
  output.line(`  later the registry takes it in, by proof: ${vouched(published)}`)
  output.line(`     now it says: held by ${holderOf(supply)}`, 'quiet')
  output.result({ offline: agreed })
  output.line()
}

const tellRelease = (output: Output, supply: Supply): void => {
  output.line('At the port', 'strong')
  keepBack(supply)
  output.line('  the port keeps the lot back until 2 of (customs, health, insurer) agree')
  const early = refusalOf(() => handOver(supply, 'port', 'haulier'))
  output.line(`  handed on all the same: ${words(early)}`, 'bad')
  const alone = refusalOf(() => releaseLot(supply, ['customs']))
  output.line(`  released by customs alone: ${words(alone)}`, 'bad')
  const released = releaseLot(supply, ['customs', 'insurer'], { certificate: 'CU-88410' })
  output.line(`  released by customs and insurer: ${vouched(released)}`, 'good')
  const third = handOver(supply, 'port', 'haulier', { price: '1.02 EUR/kg' })
  output.line(`  3  port -> haulier: both sign, ${vouched(third)}`, 'good')
  const last = handOver(supply, 'haulier', 'shop', { price: '1.15 EUR/kg', temperature: '5.0 C' })
  output.line(`  4  haulier -> shop: both sign, ${vouched(last)}`, 'good')
  output.line()
}

const words = (refused: ReturnType<typeof refusalOf>): string =>
  refused ? `refused, ${refused.message}` : 'accepted, and it should not have been'

const finish = (output: Output, supply: Supply, options: SupplyOptions): ExitCode => {
  const whole = wholeBundle(supply)
  const scope = { machines: undefined, steps: undefined, hide: [KEPT], show: undefined }
  const scoped = scopeBundle(whole, scope, supply.town.checks)
  if (isFault(scoped)) throw scoped
  const shown = scoped.openings
  const file = fileFromBundle(scoped)
  writeFileSync(options.out, file)
  if (options.whole !== undefined) writeFileSync(options.whole, fileFromBundle(whole))
  const report = verify(file, supply.town.checks)
  const withheld = whole.openings.length - shown.length
  output.line('For the auditor, one file', 'strong')
  output.line(
    `  ${options.out}: ${sizeText(file.length)}, ${report.outcome}; every step is in it, ` +
      `${shown.length} values are shown, ${withheld} prices are not`,
    report.outcome === 'valid' ? 'good' : 'bad',
  )
  for (const fault of report.faults) output.line(`  ${fault.message} (${fault.code})`, 'bad')
  if (options.whole !== undefined) {
    output.line(
      `  ${options.whole}: what the parties hold, to be cut down by hand with tally bundle`,
    )
  }
  const required = readRequirements(REQUIRED)
  const answered = showAnswers(output, report, required)
  output.line()
  output.paragraph(
    'A signed record says who said what, in which order. It does not say that the goods were good.',
    0,
    'quiet',
  )
  output.result({
    file: options.out,
    bytes: file.length,
    outcome: report.outcome,
    shown: shown.length,
    withheld,
    answers: required.map((one) => answerTo(report, one).is),
  })
  const demands = REQUIRED.map((one) => ` --require "${one}"`).join('')
  output.next(`tally verify ${options.out}${demands}`)
  return worseOf(report.outcome === 'valid' ? 0 : 1, answered)
}
