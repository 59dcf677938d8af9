/** `tally abort`: leaves the step on its way, as far as one party can alone. */
import { createClerk } from '../ask-person.ts'
import { accountFolder, askAccount } from '../account-folder.ts'
import { type AddCommand, examples } from '../command.ts'
import { deliver, type DeliveryOption, withDelivery } from '../delivery.ts'
import { findMachineFolder } from '../machine-folder.ts'
import { attend, withDesk } from '../machine-desk.ts'
import { PASSPHRASE_FLAG, PASSPHRASE_HELP, type PassphraseOption } from '../passphrase-option.ts'
import { type ExitCode, usageError } from '../print.ts'
import { sharedFolder } from '../shared-folder.ts'

type AbortOptions = PassphraseOption & DeliveryOption & { readonly dir?: string }

export const addAbort: AddCommand = (program, run) => {
  withDelivery(
    program
      .command('abort')
      .option('--dir <folder>', 'the machine (default: the only one here)')
      .option(PASSPHRASE_FLAG, PASSPHRASE_HELP),
  )
    .addHelpText('after', examples('tally abort'))
    .action((options: AbortOptions) =>
      run((output) => {
        const folder = accountFolder(options.dir)
        if (folder !== undefined) return askAccount('abort', output, { folder })
        if (sharedFolder(options.dir) !== undefined) {
          throw usageError(
            'what is signed under operators may be certified by whoever has it',
            'tally resend follows it; pay back what should not have been paid',
          )
        }
        return withDesk(findMachineFolder(options.dir), async (desk): Promise<ExitCode> => {
          const before = desk.state().machine.head.sequence
          const [refused] = desk.take({ is: 'withdraw' }).refused
          if (refused) throw refused.at({ machine: desk.folder.id, step: before + 1n })
          const clerk = createClerk(output, desk, { ...options, no: true })
          await attend(desk, clerk)
          return deliver(output, desk, { ...options, clerk, before })
        })
      }),
    )
}
