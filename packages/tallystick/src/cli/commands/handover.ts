/** `tally handover`: hands a machine of two, or one on relays, over to a directory, and has it handed back. */
import { DIRECTORY } from '../../models/directory/policy.ts'
import { type AddCommand, examples } from '../command.ts'
import { type DeliveryOption, withDelivery } from '../delivery.ts'
import { directoryFromFile, handingOver } from '../handover.ts'
import { readInputFile } from '../input-file.ts'
import { findMachineFolder } from '../machine-folder.ts'
import { withDesk } from '../machine-desk.ts'
import { PASSPHRASE_FLAG, PASSPHRASE_HELP, type PassphraseOption } from '../passphrase-option.ts'
import { type ExitCode, type Output, usageError } from '../print.ts'
import { proposeStep } from '../propose-step.ts'
import { askRelayed, relayedFolder } from '../relayed-folder.ts'
import { askShared, sharedFolder } from '../shared-folder.ts'

type HandoverOptions = PassphraseOption &
  DeliveryOption & {
    readonly directory?: string
    readonly dir?: string
    readonly back?: true
  }

export const addHandover: AddCommand = (program, run) => {
  withDelivery(
    program
      .command('handover')
      .option('--directory <file>', 'who they are: a directory file')
      .option('--back', 'take the machine back from the operators: the two, or its custodians')
      .option('--dir <folder>', 'the machine (default: the only one here)')
      .option(PASSPHRASE_FLAG, PASSPHRASE_HELP),
  )
    .addHelpText(
      'after',
      examples(
        'tally handover --directory directory.json     propose it; once both have signed, again:',
        'tally handover --directory directory.json     the operators accept, and certify from then on',
        'tally propose "pay bob 5"                     either party, alone',
        'tally handover --back                         both sign, the operators certify it, both accept',
        'tally handover --directory directory.json --dir bet    a machine on relays: everybody who takes part signs,',
        '                                              tally custodians agree; its custodians or stand-ins certify it',
      ) +
        '\nBetween both signatures and a quorum of acceptances nobody can take a step; a directory that does not' +
        '\nanswer then keeps the machine where it is. Each of the two runs the second command in the own folder.',
    )
    .action((options: HandoverOptions) =>
      run((output) => {
        const relayed = relayedFolder(options.dir)
        if (relayed !== undefined)
          return askRelayed('handover', output, { ...options, folder: relayed })
        const shared = sharedFolder(options.dir)
        if (options.back === true) return back(output, shared, options)
        if (shared === undefined) return handOver(output, options)
        throw usageError(
          'operators certify it already',
          'tally handover --back, and then hand it over to others',
        )
      }),
    )
}

const back = (
  output: Output,
  shared: string | undefined,
  options: HandoverOptions,
): Promise<ExitCode> => {
  if (shared === undefined) {
    throw usageError('no operators certify this machine', 'name its folder with --dir')
  }
  if (options.directory !== undefined) throw usageError('--back and --directory at once', 'say one')
  return askShared('back', output, { folder: shared, ...options })
}

/** Proposes it, or goes on with what both have signed. */
const handOver = async (output: Output, options: HandoverOptions): Promise<ExitCode> => {
  const folder = findMachineFolder(options.dir)
  const path = options.directory
  if (path === undefined) throw usageError('who is to go on is not said', 'add --directory FILE')
  const code = await withDesk(folder, async (desk): Promise<ExitCode | undefined> => {
    const { closed, machine } = desk.state()
    // The desk has to be closed before the other package opens it.
    if (closed && machine.terms.policy.kind === DIRECTORY) return undefined
    const directory = directoryFromFile(readInputFile(path))
    const operation = handingOver(machine, directory, desk.engine)
    return proposeStep(output, desk, { ...options, operations: [operation] })
  })
  return code ?? askShared('takeover', output, { folder: folder.path, ...options })
}
