/**
 * `tally moi history`: everything that led to how an account stands, as a file that anybody runs again offline.
 *
 * Promise. What the guardian hands out is written as it came, and nothing of it is believed here: `tally verify` does the work.
 */
import {
  type AddCommand,
  createFile,
  examples,
  type ExitCode,
  type Output,
  PUBLIC_FILE,
} from 'tallystick/command'
import { hexFromMoiId, type MoiId } from 'tallystick/moi'
import { bundleFromFile } from 'tallystick/verify'
import type { Guardian } from '../moi/call.ts'
import { hexFrom } from '../moi/shape.ts'
import { calling, guardianFrom, type GuardianFlags, idFrom, withGuardian } from './moi-ways.ts'

type Flags = GuardianFlags & { readonly output: string }

export const addMoiHistory: AddCommand = (moi, run) => {
  withGuardian(moi.command('history'))
    .description(
      'keep the history of an account, which tally verify runs again from the genesis on',
    )
    .argument('<id>', 'the account')
    .requiredOption('-o, --output <file>', 'where to keep it')
    .addHelpText(
      'after',
      examples(
        'tally moi history 0x0000…0000 -o alice.tally && tally verify alice.tally',
        'tally fork show alice.tally theirs.tally        whether the guardian told somebody else another story',
      ),
    )
    .action((id: string, flags: Flags) =>
      run((output) =>
        calling(output, () => keepHistory(output, guardianFrom(flags), idFrom(id), flags.output)),
      ),
    )
}

const keepHistory = async (
  output: Output,
  guardian: Guardian,
  id: MoiId,
  path: string,
): Promise<ExitCode> => {
  const told = await guardian.call('moi.History', { id: hexFromMoiId(id) })
  const file = hexFrom(told, 'a history')
  const { steps } = bundleFromFile(file)
  createFile(path, file, PUBLIC_FILE)
  output.line([
    { text: path, tone: 'strong' },
    ` holds ${steps.length} interactions, those that it rests on among them; not checked yet`,
  ])
  output.result({ account: hexFromMoiId(id), interactions: steps.length, file: path })
  output.next(`tally verify ${path}`)
  return 0
}
