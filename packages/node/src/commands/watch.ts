/** `tally watch`: tells what happens in an account as it happens: steps, payments in the inbox, and who is waited for. */
import {
  accountFolder,
  type AddCommand,
  examples,
  type ExitCode,
  usageError,
} from 'tallystick/command'
import { watchAccount } from '../account/watch.ts'

type Flags = { readonly dir?: string; readonly once?: true }

export const addWatch: AddCommand = (program, run) => {
  program
    .command('watch')
    .description('tell what happens in an account as it happens')
    .option('--dir <folder>', 'the account (default: the folder you stand in)')
    .option('--once', 'tell what there is now, and end')
    .addHelpText(
      'after',
      examples(
        'tally watch',
        'tally watch --dir bob --once',
        'tally watch --dir bob --json          one line of JSON for each thing that happens',
      ),
    )
    .action((flags: Flags) =>
      run((output): Promise<ExitCode> => {
        const folder = accountFolder(flags.dir)
        if (folder === undefined) {
          throw usageError('there is no account here', 'name its folder with --dir')
        }
        return watchAccount(output, folder, { isOnce: flags.once === true })
      }),
    )
}
