/** `tally account`: opens accounts at a directory, and writes what others need to pay into one. */
import { join } from 'node:path'
import {
  accountFolder,
  type AddCommand,
  deviceFrom,
  dirOptionFor,
  examples,
  type ExitCode,
  type Output,
  ringFrom,
  usageError,
} from 'tallystick/command'
import { cardOfAccount } from '../account/commands.ts'
import { readDirectoryFile } from '../account/directory-file.ts'
import { createAccountFolder } from '../account/folder.ts'
import { accountCharter } from '../account/open-account.ts'
import { addAccountRestore } from './account-restore.ts'

type NewFlags = {
  readonly directory: string
  readonly as?: string
  readonly device?: string
  readonly dir?: string
}

export const addAccount: AddCommand = (program, run) => {
  const account = program
    .command('account')
    .description('open an account at a directory, or write its card for others')
    .addHelpText(
      'after',
      examples(
        'tally account new --directory directory.json --as alice',
        'tally account card --dir alice          a file for whoever is to pay you',
        'tally account restore --help            when the folder is lost',
      ),
    )
  account
    .command('new')
    .description('open an account that you own alone and a directory certifies')
    .requiredOption('--directory <file>', 'who certifies, as its operators handed it out')
    .option('--as <name>', 'the identity, if you have several')
    .option('--device <name>', 'the device that signs (default: the first with its key here)')
    .option('--dir <folder>', 'where it is kept (default: the name of the identity)')
    .addHelpText('after', examples('tally account new --directory directory.json --as alice'))
    .action((flags: NewFlags) => run((output) => newAccount(output, flags)))
  addAccountRestore(account, run)
  account
    .command('card')
    .description('write the file that lets others pay into this account')
    .option('--dir <folder>', 'the account (default: the folder you stand in)')
    .option('-o, --output <file>', 'where to (default: NAME.account.tally)')
    .addHelpText('after', examples('tally account card', 'tally account card --dir alice'))
    .action((flags: { readonly dir?: string; readonly output?: string }) =>
      run((output) => {
        const folder = accountFolder(flags.dir)
        if (folder === undefined) {
          throw usageError('there is no account here', 'name its folder with --dir')
        }
        return cardOfAccount(output, { folder, ...flags })
      }),
    )
}

const newAccount = (output: Output, flags: NewFlags): ExitCode => {
  const directory = readDirectoryFile(flags.directory)
  const ring = ringFrom(flags.as)
  const device = deviceFrom(ring, flags.device)
  const path = flags.dir ?? ring.name
  const charter = accountCharter({ directory, name: ring.name, key: device.key })
  const card = { charter, identity: ring.name, device: device.name, development: undefined }
  const folder = createAccountFolder(path, card, directory.addresses)
  const names = directory.policy.operators.map((one) => one.name).join(', ')
  output.line([
    { text: `${folder.own}, account ${folder.id.slice(0, 8)}`, tone: 'strong' },
    ` lies in ${join(path)}, certified by ${directory.policy.threshold} of ${names}`,
  ])
  output.result({ account: folder.id, folder: path })
  output.next(`tally account card${dirOptionFor(path)}`)
  return 0
}
