/** What `tally serve custodian` is told. */
import { type AddCommand, examples, PASSPHRASE_FLAG, PASSPHRASE_HELP } from 'tallystick/shell'
import type { FolderFlags } from './serve-folder.ts'

export type CustodianFlags = FolderFlags & {
  readonly data: string
  readonly definition: readonly string[]
  readonly relay: readonly string[]
  readonly legacy?: true
  readonly incoming?: true
  readonly private?: true
  readonly logLevel: string
}

const collect = (one: string, before: readonly string[]): readonly string[] => [...before, one]

export const addServeCustodian: AddCommand = (serve, run) => {
  serve
    .command('custodian')
    .description('certify the inputs of machines on Nostr relays, with other custodians')
    .requiredOption('--data <folder>', 'where the custodian keeps its key and its store')
    .option('--init', 'make the custodian if the folder holds none')
    .option('--name <name>', 'with --init: what people call it')
    .option('--unsealed', 'with --init: keep the key without a passphrase, to try things out')
    .option(
      '--definition <link>',
      'a machine: nostr:nevent…, the id of its definition, or a file with the event; repeat it',
      collect,
      [],
    )
    .option(
      '--relay <url>',
      'a relay, beside those that the definition names; repeat it',
      collect,
      [],
    )
    .option('--private', 'machines that are encrypted, and whose keys this custodian was sent')
    .option('--incoming', 'follow machines that a change of custodians is to name you in')
    .option('--legacy', 'take definitions that ask for another engine of the same language')
    .option(PASSPHRASE_FLAG, PASSPHRASE_HELP)
    .option('--log-level <level>', 'debug, info, warning or error', 'info')
    .addHelpText(
      'after',
      examples(
        'tally serve custodian --data north --name north --init      makes a key, and says it',
        'tally serve custodian --data north --definition nostr:nevent1…',
        'tally serve custodian --data north --definition machine.json --relay ws://127.0.0.1:7777',
      ),
    )
    .action((flags: CustodianFlags) =>
      run(async (output) => {
        const { serveCustodian } = await import('./serve-custodian.ts')
        return serveCustodian(flags, output)
      }),
    )
}
