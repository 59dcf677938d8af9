/** `tally custodians`: who holds a machine on relays, and how others come to hold it. */
import {
  type AddCommand,
  type CustodyOption,
  examples,
  PASSPHRASE_FLAG,
  PASSPHRASE_HELP,
  type PassphraseOption,
  relayedFolder,
  usageError,
  withStandIns,
} from 'tallystick/command'
import { agreeToChange, changeCustodians, showCustodians } from '../relayed/change.ts'

type Flags = PassphraseOption &
  CustodyOption & {
    readonly dir?: string
    readonly custodian: readonly string[]
    readonly threshold?: string
    readonly wait?: string
    readonly yes?: true
    readonly no?: true
  }

const collect = (one: string, before: readonly string[]): readonly string[] => [...before, one]

const VERBS = { change: changeCustodians, agree: agreeToChange, show: showCustodians } as const

export const addCustodians: AddCommand = (program, run) => {
  withStandIns(
    program
      .command('custodians')
      .description('show who holds a machine on relays, or have others hold it'),
  )
    .argument('[what]', 'show, change or agree', 'show')
    .option('--dir <folder>', 'the machine (default: the only one here)')
    .option(
      '--custodian <name=key>',
      'with change: a custodian from then on; repeat it',
      collect,
      [],
    )
    .option('--threshold <k>', 'with change: how many make a step final (default: all but one)')
    .option('--wait <seconds>', 'how long to wait for custodians')
    .option('--yes', 'with agree: sign without asking')
    .option('--no', 'with agree: do not sign')
    .option(PASSPHRASE_FLAG, PASSPHRASE_HELP)
    .addHelpText(
      'after',
      examples(
        'tally custodians --dir bet',
        'tally custodians change --custodian ann=npub1… --custodian ben=npub1… --dir bet',
        'tally custodians change … --stand-in sue=npub1… --after 600 --dir bet     whoever stands in is named anew',
        'tally custodians agree --dir bet         every other participant',
      ),
    )
    .action((what: string, flags: Flags) =>
      run((output) => {
        const verb = Object.entries(VERBS).find(([name]) => name === what)?.[1]
        if (!verb) throw usageError(`${what} is nothing to do here`, 'use show, change or agree')
        const folder = relayedFolder(flags.dir)
        if (folder !== undefined) return verb(output, { ...flags, folder })
        throw usageError('there is no machine on relays here', 'name its folder with --dir')
      }),
    )
}
