/** `tally propose`: proposes the next step, or asks the other party to. */
import { accountFolder, askAccount } from '../account-folder.ts'
import { type AddCommand, examples } from '../command.ts'
import { type DeliveryOption, withDelivery } from '../delivery.ts'
import { findMachineFolder } from '../machine-folder.ts'
import { withDesk } from '../machine-desk.ts'
import { PASSPHRASE_FLAG, PASSPHRASE_HELP, type PassphraseOption } from '../passphrase-option.ts'
import { usageError } from '../print.ts'
import { proposeStep } from '../propose-step.ts'
import { askRelayed, relayedFolder } from '../relayed-folder.ts'
import { askShared, sharedFolder } from '../shared-folder.ts'

type ProposeOptions = PassphraseOption &
  DeliveryOption & {
    readonly dir?: string
    readonly op?: string
    readonly into?: string
    readonly data?: string
    readonly answer: readonly string[]
    readonly attach: readonly string[]
  }

const collect = (one: string, before: readonly string[]): readonly string[] => [...before, one]

const EXAMPLES: readonly string[] = [
  'tally propose "pay bob 10"',
  'tally propose "lock bob 30"            set aside until you release it',
  'tally propose "lock bob 30 on HASH"    or until bob shows the secret',
  'tally propose "release 3f0a91c2"       pay a vault out',
  'tally propose "refund 3f0a91c2"       give it back',
  'tally propose "close"                  end the machine for good',
  'tally propose "open 20 sacks of coffee with price=900 grade=A"   a record; values stay hidden',
  'tally propose "hand 5c1e to bob with price=950"   from you to bob',
  'tally propose "hold 5c1e until 2 of alice,bob"    kept back until both agree',
  'tally propose "release 5c1e"                      they do',
  'tally propose "entrust 5c1e to bob in road"       the machine in road decides who is next',
  'tally propose "agree 5c1e of alice-bob to bob" --dir road   there: from you to bob',
  'tally propose "settle 5c1e with road.tally"       and taken in here',
  'tally propose "end 5c1e"                          nothing more happens to it',
  'tally propose "allocate bob 20" --into alice-bob   from an account, to pay bob offline',
  'tally propose "take alice-step3.tally"            take it in there',
  'tally propose "send bob.account.tally 5"          and out again, to an account',
  'tally propose OFFER --data \'{"price": 30}\'       an event, where a statechart is kept',
  'tally propose alice-bob OFFER --data \'{"price": 30}\'   the same, naming the folder',
  "tally propose QUOTE --answer 'north:who won?=home' --attach north.tally   what an oracle says",
  'tally propose nsm.tick                            time has passed',
  'tally propose nsm.tick --attach north.tally       time has passed, as its certificates say',
  'tally propose "pay bob 10" --to 127.0.0.1:4567    live, to tally listen',
  'tally propose "pay bob 10" --qr codes             as QR codes, in a folder',
]

export const addPropose: AddCommand = (program, run) => {
  withDelivery(
    program
      .command('propose')
      .argument('[words]', 'what is to be done, or an event; or the machine’s folder, and then')
      .argument('[event]', 'an event of its statechart')
      .option('--dir <folder>', 'the machine (default: the only one here)')
      .option('--data <json>', 'with an event: what it says, as a JSON object')
      .option(
        '--answer <oracle:question=answer>',
        'with an event: what an oracle has said; repeat it',
        collect,
        [],
      )
      .option(
        '--attach <file>',
        'with an event: a file that shows what an oracle said, or what time it is; repeat it',
        collect,
        [],
      )
      .option('--op <file>', 'operations as JSON, for what words do not cover')
      .option('--into <folder>', 'with "allocate": the machine of two to set money aside in')
      .option(PASSPHRASE_FLAG, PASSPHRASE_HELP),
  )
    .addHelpText('after', examples(...EXAMPLES))
    .action((first: string | undefined, event: string | undefined, typed: ProposeOptions) =>
      run((output) => {
        // Two words are a folder and an event; one is what is to be done.
        const words = event ?? first
        const options = { ...typed, ...(event !== undefined && { dir: folderOf(typed, first) }) }
        const said = words === undefined ? {} : { words }
        const folder = accountFolder(options.dir)
        if (folder !== undefined) {
          return askAccount('propose', output, { folder, ...said, ...options })
        }
        const relayed = relayedFolder(options.dir)
        if (relayed !== undefined) {
          return askRelayed('propose', output, { folder: relayed, ...said, ...options })
        }
        const shared = sharedFolder(options.dir)
        if (shared !== undefined) {
          return askShared('propose', output, { folder: shared, ...said, ...options })
        }
        return withDesk(findMachineFolder(options.dir), (desk) =>
          proposeStep(output, desk, { ...options, ...said }),
        )
      }),
    )
}

const folderOf = ({ dir }: ProposeOptions, named: string | undefined): string => {
  if (dir === undefined && named !== undefined) return named
  throw usageError('the folder is named twice', 'leave --dir out, or the folder before the event')
}
