/** `tally abort`: leaves the step on its way, as far as one party can alone. */
import { tellOutcome, tellPosted } from '../accept-message.ts'
import { createClerk } from '../ask-person.ts'
import { type AddCommand, examples } from '../command.ts'
import { findMachineFolder } from '../machine-folder.ts'
import { attend, withDesk } from '../machine-desk.ts'
import { deskResult } from '../machine-view.ts'
import { nextStep } from '../next-step.ts'
import { post } from '../outbox.ts'
import { PASSPHRASE_FLAG, PASSPHRASE_HELP, type PassphraseOption } from '../passphrase-option.ts'
import type { ExitCode } from '../print.ts'

type AbortOptions = PassphraseOption & { readonly dir?: string }

export const addAbort: AddCommand = (program, run) => {
  program
    .command('abort')
    .description('end the step on its way; after you have signed it, ask the other party to')
    .option('--dir <folder>', 'the machine (default: the only one here)')
    .option(PASSPHRASE_FLAG, PASSPHRASE_HELP)
    .addHelpText('after', examples('tally abort'))
    .action((options: AbortOptions) =>
      run((output) =>
        withDesk(findMachineFolder(options.dir), async (desk): Promise<ExitCode> => {
          const { sequence } = desk.state().machine.head
          const [refused] = desk.take({ is: 'withdraw' }).refused
          if (refused) throw refused.at({ machine: desk.folder.id, step: sequence + 1n })
          await attend(desk, createClerk(output, desk, { ...options, no: true }))
          const posted = post(desk)
          tellOutcome(output, desk, sequence)
          tellPosted(output, posted)
          output.result({ ...deskResult(desk), files: posted })
          output.next(nextStep(desk, posted))
          return 0
        }),
      ),
    )
}
