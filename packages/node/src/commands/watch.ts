/** `tally watch`: tells what happens in an account or in a machine on relays as it happens: steps, payments, and who is waited for. */
import {
  accountFolder,
  type AddCommand,
  examples,
  type ExitCode,
  PASSPHRASE_FLAG,
  PASSPHRASE_HELP,
  type PassphraseOption,
  relayedFolder,
  usageError,
} from 'tallystick/command'
import { watchRelayed } from '../relayed/watch.ts'
import { watchAccount } from '../account/watch.ts'

type Flags = PassphraseOption & {
  readonly dir?: string
  readonly once?: true
  readonly publish?: true
}

export const addWatch: AddCommand = (program, run) => {
  program
    .command('watch')
    .description('tell what happens in an account, or in a machine on relays, as it happens')
    .option('--dir <folder>', 'the account or machine (default: the folder you stand in)')
    .option('--once', 'tell what there is now, and end')
    .option('--publish', 'on relays: publish evidence against custodians who lie, with your key')
    .option(PASSPHRASE_FLAG, PASSPHRASE_HELP)
    .addHelpText(
      'after',
      examples(
        'tally watch',
        'tally watch --dir bob --once',
        'tally watch --dir bet --publish       a watchtower: evidence of lies goes to the relays',
        'tally watch --dir bob --json          one line of JSON for each thing that happens',
      ),
    )
    .action((flags: Flags) =>
      run((output): Promise<ExitCode> => {
        const folder = accountFolder(flags.dir)
        if (folder === undefined) {
          const relayed = relayedFolder(flags.dir)
          if (relayed !== undefined) {
            return watchRelayed(output, {
              ...flags,
              folder: relayed,
              isOnce: flags.once === true,
              isPublished: flags.publish === true,
            })
          }
          throw usageError(
            'there is no account and no machine on relays here',
            'name its folder with --dir',
          )
        }
        return watchAccount(output, folder, { isOnce: flags.once === true })
      }),
    )
}
