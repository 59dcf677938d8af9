/** `tally listen`: answers the other party live, over a port of this machine. */
import { createClerk, type Answering } from '../ask-person.ts'
import { type AddCommand, examples } from '../command.ts'
import { listenFor, portFrom } from '../live.ts'
import { findMachineFolder } from '../machine-folder.ts'
import { withDesk } from '../machine-desk.ts'
import { deskResult } from '../machine-view.ts'
import { nextStep } from '../next-step.ts'
import { PASSPHRASE_FLAG, PASSPHRASE_HELP } from '../passphrase-option.ts'
import type { ExitCode } from '../print.ts'

type ListenOptions = Answering & {
  readonly dir?: string
  readonly port: string
  readonly once?: true
}

export const addListen: AddCommand = (program, run) => {
  program
    .command('listen')
    .option('--port <n>', 'the port on 127.0.0.1; 0 takes a free one', '0')
    .option('--once', 'stop after the first exchange')
    .option('--dir <folder>', 'the machine (default: the only one here)')
    .option('--yes', 'agree to whatever the other party wants')
    .option('--no', 'decline whatever the other party wants')
    .option(PASSPHRASE_FLAG, PASSPHRASE_HELP)
    .addHelpText(
      'after',
      examples(
        'tally listen --port 4567',
        'tally propose "pay bob 10" --to 127.0.0.1:4567      on the other side',
      ),
    )
    .action((options: ListenOptions) =>
      run((output) =>
        withDesk(findMachineFolder(options.dir), async (desk): Promise<ExitCode> => {
          const clerk = createClerk(output, desk, options)
          await clerk.signer()
          await listenFor(output, desk, {
            clerk,
            port: portFrom(options.port),
            isOnce: options.once === true,
          })
          output.result(deskResult(desk))
          output.next(nextStep(desk, []))
          return 0
        }),
      ),
    )
}
