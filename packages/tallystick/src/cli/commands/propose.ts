/** `tally propose`: proposes the next step, or asks the other party to. */
import { type AddCommand, examples } from '../command.ts'
import { findMachineFolder } from '../machine-folder.ts'
import { withDesk } from '../machine-desk.ts'
import { deskResult, stageText } from '../machine-view.ts'
import { nextStep } from '../next-step.ts'
import { tellPosted } from '../accept-message.ts'
import { post } from '../outbox.ts'
import { PASSPHRASE_FLAG, PASSPHRASE_HELP, type PassphraseOption } from '../passphrase-option.ts'
import { proposeStep } from '../propose-step.ts'
import type { ExitCode } from '../print.ts'

type ProposeOptions = PassphraseOption & { readonly dir?: string; readonly op?: string }

export const addPropose: AddCommand = (program, run) => {
  program
    .command('propose')
    .description('propose the next step, or ask for it if it is the other party’s turn')
    .argument('[words]', 'what is to be done')
    .option('--dir <folder>', 'the machine (default: the only one here)')
    .option('--op <file>', 'operations as JSON, for what words do not cover')
    .option(PASSPHRASE_FLAG, PASSPHRASE_HELP)
    .addHelpText(
      'after',
      examples(
        'tally propose "pay bob 10"',
        'tally propose "lock bob 30"            set aside until you release it',
        'tally propose "lock bob 30 on HASH"    or until bob shows the secret',
        'tally propose "release 3f0a91c2"       pay a vault out',
        'tally propose "refund 3f0a91c2"        give it back',
      ),
    )
    .action((words: string | undefined, options: ProposeOptions) =>
      run((output) =>
        withDesk(findMachineFolder(options.dir), async (desk): Promise<ExitCode> => {
          await proposeStep(output, desk, { ...options, ...(words === undefined ? {} : { words }) })
          const posted = post(desk)
          output.line(`Step ${desk.state().machine.head.sequence + 1n}: ${stageText(desk)}.`)
          tellPosted(output, posted)
          output.result({ ...deskResult(desk), files: posted })
          output.next(nextStep(desk, posted))
          return 0
        }),
      ),
    )
}
