/** `tally moi watch`: tells of tesseracts as they come. */
import {
  type AddCommand,
  examples,
  type ExitCode,
  type Output,
  usageError,
} from 'tallystick/command'
import { hexFromMoiId, type MoiId } from 'tallystick/moi'
import { listFrom, objectFrom, quantityFrom, textFrom } from '../moi/shape.ts'
import { watchTesseracts } from '../moi/watch.ts'
import { calling, guardianFrom, type GuardianFlags, idFrom, withGuardian } from './moi-ways.ts'

type Flags = GuardianFlags & { readonly count?: string }

export const addMoiWatch: AddCommand = (moi, run) => {
  withGuardian(moi.command('watch'))
    .description('tell of tesseracts as they come: all of them, or those of one account')
    .argument('[account]', 'whose')
    .option('--count <n>', 'end after so many')
    .addHelpText(
      'after',
      examples(
        'tally moi watch',
        'tally moi watch 0x0000…0000 --json          one line of JSON for each',
      ),
    )
    .action((account: string | undefined, flags: Flags) =>
      run((output) =>
        calling(output, () =>
          watch(output, account === undefined ? undefined : idFrom(account), flags),
        ),
      ),
    )
}

const watch = async (
  output: Output,
  account: MoiId | undefined,
  flags: Flags,
): Promise<ExitCode> => {
  const { url } = guardianFrom(flags)
  const last = countFrom(flags.count)
  let count = 0
  const of = account === undefined ? 'all accounts' : hexFromMoiId(account)
  await watchTesseracts(url, account, {
    onStart: () => output.line(`tesseracts of ${of}; Ctrl-C ends`, 'quiet'),
    onTesseract: (value) => {
      tell(output, value)
      count += 1
      return count < last
    },
  })
  return 0
}

const countFrom = (text: string | undefined): number => {
  if (text === undefined) return Infinity
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text)
  throw usageError(`${text} is no number of tesseracts`, '--count 1')
}

const tell = (output: Output, value: unknown): void => {
  const of = objectFrom(value, 'a tesseract')
  const hash = textFrom(of['hash'], 'a hash')
  const participants = listFrom(of['participants'], 'participants').map((one) => {
    const member = objectFrom(one, 'a participant')
    return {
      id: textFrom(member['id'], 'an id'),
      height: quantityFrom(member['height'], 'a height'),
    }
  })
  output.line([{ text: hash, tone: 'strong' }])
  output.table(participants.map(({ id, height }) => [id, `height ${height}`]))
  output.event({ tesseract: hash, participants })
}
