/** `tally handover`: asks the other party to hand the machine over to a directory. */
import { type AddCommand, examples } from '../command.ts'
import { type DeliveryOption, withDelivery } from '../delivery.ts'
import { directoryFromFile, handingOver } from '../handover.ts'
import { readInputFile } from '../input-file.ts'
import { findMachineFolder } from '../machine-folder.ts'
import { withDesk } from '../machine-desk.ts'
import { PASSPHRASE_FLAG, PASSPHRASE_HELP, type PassphraseOption } from '../passphrase-option.ts'
import { proposeStep } from '../propose-step.ts'

type HandoverOptions = PassphraseOption &
  DeliveryOption & {
    readonly directory: string
    readonly dir?: string
    readonly owner?: string
  }

export const addHandover: AddCommand = (program, run) => {
  withDelivery(
    program
      .command('handover')
      .description('propose that the operators of a directory go on with a machine of two')
      .requiredOption('--directory <file>', 'who they are: a directory file')
      .option('--owner <name>', 'who alone may propose from then on (default: either of you)')
      .option('--dir <folder>', 'the machine (default: the only one here)')
      .option(PASSPHRASE_FLAG, PASSPHRASE_HELP),
  )
    .addHelpText(
      'after',
      examples(
        'tally handover --directory directory.json                both may go on alone',
        'tally handover --directory directory.json --owner alice  only alice proposes',
      ) +
        '\nOnce both have signed, this machine takes no further step here. It is final for others when a quorum' +
        '\nof the operators has accepted; `tally demo handover` shows the whole way, and the way back.',
    )
    .action((options: HandoverOptions) =>
      run((output) =>
        withDesk(findMachineFolder(options.dir), (desk) => {
          const directory = directoryFromFile(readInputFile(options.directory))
          const operation = handingOver(desk.state().machine, directory, {
            verifier: desk.engine,
            ...(options.owner !== undefined && { owner: options.owner }),
          })
          return proposeStep(output, desk, { ...options, operations: [operation] })
        }),
      ),
    )
}
