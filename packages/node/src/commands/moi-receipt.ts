/** `tally moi receipt`: what became of an interaction. */
import {
  type AddCommand,
  examples,
  type ExitCode,
  type Output,
  type Span,
  usageError,
} from 'tallystick/command'
import { hexFrom } from '../moi/shape.ts'
import type { Receipt } from '../moi/receipt.ts'
import { waitForReceipt } from '../moi/send.ts'
import { calling, guardianFrom, type GuardianFlags, withGuardian } from './moi-ways.ts'

type Flags = GuardianFlags & { readonly wait: string }

const SECONDS_MAX = 3600

export const addMoiReceipt: AddCommand = (moi, run) => {
  withGuardian(moi.command('receipt'))
    .description('tell what became of an interaction')
    .argument('<hash>', 'of the interaction')
    .option('--wait <seconds>', 'how long to wait for it', '0')
    .addHelpText(
      'after',
      examples('tally moi receipt 0xab…cd', 'tally moi receipt 0xab…cd --wait 30'),
    )
    .action((hash: string, flags: Flags) =>
      run((output) =>
        calling(output, async () => {
          if (!/^0x[0-9a-f]{64}$/i.test(hash))
            throw usageError(`${hash} is no hash`, '0x and 64 digits')
          const seconds = /^\d{1,4}$/.test(flags.wait) ? Number(flags.wait) : Number.NaN
          if (!(seconds <= SECONDS_MAX)) throw usageError(`${flags.wait} is no time`, '--wait 30')
          const guardian = guardianFrom(flags)
          const found = await waitForReceipt(guardian, hash.toLowerCase(), seconds * 1000)
          return found === undefined ? tellNone(output, hash) : tellReceipt(output, found)
        }),
      ),
    )
}

export const tellNone = (output: Output, hash: string): ExitCode => {
  output.complain(`there is no receipt of ${hash} yet`, 'warn')
  output.result({ interaction: hash, receipt: null })
  return 2
}

const OUTCOMES = [
  'done',
  'failed: nothing of it stayed but its fee',
  'out of fuel: nothing of it stayed but its fee',
]

/** Shows a receipt, and ends with 1 where the interaction failed. */
export const tellReceipt = (output: Output, of: Receipt): ExitCode => {
  const isDone = of.status === 0
  output.line(
    [
      { text: OUTCOMES[of.status] ?? `status ${of.status}`, tone: isDone ? 'good' : 'bad' },
      `, for ${of.fuelUsed} KMOI`,
    ],
    'plain',
  )
  output.table([
    ['interaction', of.hash],
    ['tesseract', of.tesseract],
    ...of.participants.map(({ id, height }): readonly Span[] => [
      'participant',
      `${id} at height ${height}`,
    ]),
  ])
  for (const { error, data } of of.operations) {
    if (error !== undefined) output.line(`  it says: ${error}`, 'bad')
    for (const name of ['asset_id', 'logic_id'] as const) {
      const id = data[name]
      if (typeof id === 'string') output.table([[name, { text: id, tone: 'strong' }]])
    }
  }
  output.result({ interaction: of.hash, receipt: of })
  return isDone ? 0 : 1
}

/** The outputs of the first operation; empty where it has none. */
export const outputsOf = (of: Receipt): Uint8Array => {
  const outputs = of.operations[0]?.data['outputs']
  return outputs === undefined || outputs === null ? new Uint8Array() : hexFrom(outputs, 'outputs')
}
