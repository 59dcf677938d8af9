/** `tally readers`: who reads a private machine on relays, and how somebody is let in or put out. */
import {
  type AddCommand,
  examples,
  PASSPHRASE_FLAG,
  PASSPHRASE_HELP,
  type PassphraseOption,
  relayedFolder,
  usageError,
} from 'tallystick/command'
import { addReaders, removeReaders, renewKeys, showReaders } from '../relayed/readers.ts'

type Flags = PassphraseOption & { readonly dir?: string }

const VERBS = {
  show: showReaders,
  add: addReaders,
  remove: removeReaders,
  renew: renewKeys,
} as const

export const addReadersCommand: AddCommand = (program, run) => {
  program
    .command('readers')
    .description('show who reads a private machine on relays, let somebody in or put somebody out')
    .argument('[what]', 'show, add, remove or renew', 'show')
    .argument('[keys...]', 'with add and remove: whose, as npub1… or 64 digits')
    .option('--dir <folder>', 'the machine (default: the only one here)')
    .option(PASSPHRASE_FLAG, PASSPHRASE_HELP)
    .addHelpText(
      'after',
      examples(
        'tally readers --dir deal',
        'tally readers add npub1… --dir deal        who defined it hands over the keys, back to the beginning',
        'tally readers remove npub1… --dir deal     a new key from here on, for everybody else',
        'tally readers renew --dir deal             a new key: custodians who have left get none',
      ),
    )
    .action((what: string, keys: readonly string[], flags: Flags) =>
      run((output) => {
        const verb = Object.entries(VERBS).find(([name]) => name === what)?.[1]
        if (!verb)
          throw usageError(`${what} is nothing to do here`, 'use show, add, remove or renew')
        const folder = relayedFolder(flags.dir)
        if (folder !== undefined) return verb(output, { ...flags, folder, keys })
        throw usageError('there is no machine on relays here', 'name its folder with --dir')
      }),
    )
}
