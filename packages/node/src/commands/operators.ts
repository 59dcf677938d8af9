/** `tally operators`: who certifies an account, or a machine of two, and how others come to do so. */
import {
  accountFolder,
  type AddCommand,
  examples,
  PASSPHRASE_FLAG,
  PASSPHRASE_HELP,
  type PassphraseOption,
  sharedFolder,
  usageError,
} from 'tallystick/command'
import { changeOperators, showOperators } from '../account/change.ts'
import { changeSharedOperators, showSharedOperators } from '../shared/change.ts'

type Flags = PassphraseOption & {
  readonly dir?: string
  readonly directory?: string
  readonly wait?: string
}

const VERBS = {
  change: { account: changeOperators, shared: changeSharedOperators },
  show: { account: showOperators, shared: showSharedOperators },
} as const

export const addOperators: AddCommand = (program, run) => {
  program
    .command('operators')
    .description('show who certifies an account or a machine of two, or have others certify it')
    .argument('[what]', 'show or change', 'show')
    .option('--dir <folder>', 'the account or machine (default: the one here)')
    .option('--directory <file>', 'with change: who certifies from then on, a directory file')
    .option('--wait <seconds>', 'how long to wait for operators')
    .option(PASSPHRASE_FLAG, PASSPHRASE_HELP)
    .addHelpText(
      'after',
      examples(
        'tally operators --dir alice',
        'tally operators change --directory next.json --dir alice',
        'tally operators change --directory next.json --dir alice-bob    a file for the other;',
        '                       once both have signed, each runs it again in the own folder',
      ) +
        '\nThe operators of before have to certify the change, and a quorum of those who follow has to accept it.' +
        '\nIn between nobody can take a step.',
    )
    .action((what: string, flags: Flags) =>
      run((output) => {
        const verb = Object.entries(VERBS).find(([name]) => name === what)?.[1]
        if (!verb) throw usageError(`${what} is nothing to do here`, 'use show or change')
        const account = accountFolder(flags.dir)
        if (account !== undefined) return verb.account(output, { ...flags, folder: account })
        const shared = sharedFolder(flags.dir)
        if (shared !== undefined) return verb.shared(output, { ...flags, folder: shared })
        throw usageError(
          'nothing here is certified by operators',
          'name an account or a machine with --dir',
        )
      }),
    )
}
