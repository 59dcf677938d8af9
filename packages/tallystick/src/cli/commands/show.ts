/** `tally show`: says what a machine has come to, or what a file is. */
import { accountFolder, askAccount } from '../account-folder.ts'
import { type AddCommand, examples } from '../command.ts'
import { CODES_FLAG, CODES_HELP, type CodesOption, showCodes } from '../codes.ts'
import { findMachineFolder } from '../machine-folder.ts'
import { withDesk } from '../machine-desk.ts'
import { showDesk, turnText } from '../machine-view.ts'
import { nextStep } from '../next-step.ts'
import { postAgain } from '../outbox.ts'
import type { ExitCode } from '../print.ts'
import { askShared, sharedFolder } from '../shared-folder.ts'
import { showFile } from '../show-file.ts'

type ShowOptions = CodesOption & { readonly dir?: string; readonly all?: true }

export const addShow: AddCommand = (program, run) => {
  program
    .command('show')
    .description('show who holds what, the steps, and what is waited for; or what a file is')
    .argument('[file]', 'any file of ours, from anybody')
    .option('--dir <folder>', 'the machine (default: the only one here)')
    .option('--all', 'show every step, however many there are')
    .option(CODES_FLAG, CODES_HELP)
    .addHelpText(
      'after',
      examples(
        'tally show',
        'tally show --dir alice-bob',
        'tally show deal.tally',
        'tally show alice.card.tally --qr',
      ),
    )
    .action((file: string | undefined, options: ShowOptions) =>
      run(async (output): Promise<ExitCode> => {
        const all = options.all === true
        if (file !== undefined) {
          await showCodes(output, [file], options)
          return showFile(output, file, { all })
        }
        const folder = accountFolder(options.dir)
        if (folder !== undefined) return askAccount('show', output, { folder, all })
        const shared = sharedFolder(options.dir)
        if (shared !== undefined) return askShared('show', output, { folder: shared, all })
        return withDesk(findMachineFolder(options.dir), async (desk): Promise<ExitCode> => {
          showDesk(output, desk, { all })
          const posted = postAgain(desk)
          output.line()
          const { pending, closed } = desk.state()
          if (!pending && !closed) output.line(`The next step is ${turnText(desk)} to propose.`)
          for (const one of posted)
            output.line(['To hand over: ', { text: one.path, tone: 'strong' }])
          await showCodes(
            output,
            posted.map((one) => one.path),
            options,
          )
          output.result({ files: posted })
          output.next(nextStep(desk, posted))
          return 0
        })
      }),
    )
}
