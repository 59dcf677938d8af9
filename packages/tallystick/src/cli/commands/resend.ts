/** `tally resend`: writes again what the other party has not answered. */
import { accountFolder, askAccount } from '../account-folder.ts'
import { type Answering, createClerk } from '../ask-person.ts'
import { type AddCommand, examples } from '../command.ts'
import { deliver, type DeliveryOption, withDelivery } from '../delivery.ts'
import { findMachineFolder } from '../machine-folder.ts'
import { attend, withDesk } from '../machine-desk.ts'
import { PASSPHRASE_FLAG, PASSPHRASE_HELP } from '../passphrase-option.ts'
import type { ExitCode } from '../print.ts'
import { askRelayed, relayedFolder } from '../relayed-folder.ts'
import { askShared, sharedFolder } from '../shared-folder.ts'

type ResendOptions = Answering &
  DeliveryOption & { readonly dir?: string; readonly quorum?: boolean }

export const addResend: AddCommand = (program, run) => {
  withDelivery(
    program
      .command('resend')
      .option('--dir <folder>', 'the machine (default: the only one here)')
      .option('--yes', 'agree to an open question')
      .option('--no', 'decline an open question')
      .option('--quorum', 'of an account put back from a copy: do not wait for all operators')
      .option(PASSPHRASE_FLAG, PASSPHRASE_HELP),
  )
    .addHelpText(
      'after',
      examples(
        'tally resend',
        'tally resend --dir alice-bob',
        'tally resend --dir alice --quorum     a step that silent operators alone have seen is lost',
      ),
    )
    .action((options: ResendOptions) =>
      run((output) => {
        const folder = accountFolder(options.dir)
        if (folder !== undefined) return askAccount('resend', output, { folder, ...options })
        const relayed = relayedFolder(options.dir)
        if (relayed !== undefined) {
          return askRelayed('resend', output, { folder: relayed, ...options })
        }
        const shared = sharedFolder(options.dir)
        if (shared !== undefined) return askShared('resend', output, { folder: shared, ...options })
        return withDesk(findMachineFolder(options.dir), async (desk): Promise<ExitCode> => {
          const before = desk.state().machine.head.sequence
          desk.take({ is: 'resend' })
          const clerk = createClerk(output, desk, options)
          await attend(desk, clerk)
          return deliver(output, desk, { ...options, clerk, before, again: true })
        })
      }),
    )
}
