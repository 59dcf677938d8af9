/** `tally show`: says what a machine has come to, or what a file is. */
import { type AddCommand, examples } from '../command.ts'
import { findMachineFolder } from '../machine-folder.ts'
import { withDesk } from '../machine-desk.ts'
import { showDesk, turnText } from '../machine-view.ts'
import { nextStep } from '../next-step.ts'
import { postAgain } from '../outbox.ts'
import type { ExitCode } from '../print.ts'
import { showFile } from '../show-file.ts'
import { tellPosted } from '../accept-message.ts'

type ShowOptions = { readonly dir?: string; readonly all?: true }

export const addShow: AddCommand = (program, run) => {
  program
    .command('show')
    .description('show who holds what, the steps, and what is waited for; or what a file is')
    .argument('[file]', 'any file of ours, from anybody')
    .option('--dir <folder>', 'the machine (default: the only one here)')
    .option('--all', 'show every step, however many there are')
    .addHelpText(
      'after',
      examples('tally show', 'tally show --dir alice-bob', 'tally show deal.tally'),
    )
    .action((file: string | undefined, options: ShowOptions) =>
      run((output) => {
        const all = options.all === true
        if (file !== undefined) return showFile(output, file, { all })
        return withDesk(findMachineFolder(options.dir), async (desk): Promise<ExitCode> => {
          showDesk(output, desk, { all })
          const posted = postAgain(desk)
          output.line()
          if (!desk.state().pending) output.line(`The next step is ${turnText(desk)} to propose.`)
          tellPosted(output, posted)
          output.result({ files: posted })
          output.next(nextStep(desk, posted))
          return 0
        })
      }),
    )
}
