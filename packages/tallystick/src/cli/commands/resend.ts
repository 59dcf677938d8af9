/** `tally resend`: writes again what the other party has not answered. */
import { tellOutcome, tellPosted } from '../accept-message.ts'
import { type Answering, createClerk } from '../ask-person.ts'
import { type AddCommand, examples } from '../command.ts'
import { findMachineFolder } from '../machine-folder.ts'
import { attend, withDesk } from '../machine-desk.ts'
import { deskResult } from '../machine-view.ts'
import { nextStep } from '../next-step.ts'
import { postAgain } from '../outbox.ts'
import { PASSPHRASE_FLAG, PASSPHRASE_HELP } from '../passphrase-option.ts'
import type { ExitCode } from '../print.ts'

type ResendOptions = Answering & { readonly dir?: string }

export const addResend: AddCommand = (program, run) => {
  program
    .command('resend')
    .description('write again what is to be handed over, and finish what was interrupted')
    .option('--dir <folder>', 'the machine (default: the only one here)')
    .option('--yes', 'agree to an open question')
    .option('--no', 'decline an open question')
    .option(PASSPHRASE_FLAG, PASSPHRASE_HELP)
    .addHelpText('after', examples('tally resend', 'tally resend --dir alice-bob'))
    .action((options: ResendOptions) =>
      run((output) =>
        withDesk(findMachineFolder(options.dir), async (desk): Promise<ExitCode> => {
          const { sequence } = desk.state().machine.head
          desk.take({ is: 'resend' })
          await attend(desk, createClerk(output, desk, options))
          const posted = postAgain(desk)
          tellOutcome(output, desk, sequence)
          tellPosted(output, posted)
          if (posted.length === 0) output.line('There is nothing to hand over.')
          output.result({ ...deskResult(desk), files: posted })
          output.next(nextStep(desk, posted))
          return 0
        }),
      ),
    )
}
