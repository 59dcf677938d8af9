/** One line for people about an input. Marks in foreign texts are spelled out by whoever prints it. */
import { nostrInputFrom } from '../../forms/nostr-input.ts'
import { textFromMillis } from '../calendar.ts'
import { short } from '../ledger-describe.ts'
import type { StatechartOperation } from './operation.ts'
import type { StatechartParams } from './params.ts'

export const describeInput = (of: StatechartOperation, { clock }: StatechartParams): string => {
  const time = clock.is === 'none' ? '' : `, at ${textFromMillis(of.at)}`
  const answers = of.answers.map(
    ({ oracle, question, answer }) => `, as ${oracle} answers "${question}" with "${answer}"`,
  )
  return `${saying(of)}${answers.join('')}${time}`
}

const saying = (of: StatechartOperation): string => {
  switch (of.is) {
    case 'event':
      return `${of.party} sends ${of.type}${of.data === '' ? '' : ` ${of.data}`}`
    case 'nostr': {
      const { type } = nostrInputFrom(of.event)
      return `${short(of.event.pubkey)} sends ${type} on Nostr ${of.event.content}`.trimEnd()
    }
  }
}
