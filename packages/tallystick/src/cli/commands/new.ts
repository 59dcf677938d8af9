/** `tally new`: begins a machine with somebody. */
import { createNativeEngine } from '../../engine/native.ts'
import { cardFromFile } from '../../verify/card.ts'
import { type AddCommand, examples } from '../command.ts'
import { ringFrom } from '../home.ts'
import { identityText } from '../identity-view.ts'
import { readInputFile } from '../input-file.ts'
import { readChart } from '../new-chart.ts'
import { CODES_FLAG, type CodesOption } from '../codes.ts'
import { PASSPHRASE_FLAG, PASSPHRASE_HELP, type PassphraseOption } from '../passphrase-option.ts'
import { type CustodyOption, withStandIns } from '../custody-option.ts'
import { askRelayed } from '../relayed-folder.ts'
import { pathFromHere } from '../machine-folder.ts'
import { beginMachine, inviteOf, MORE_LOGICS } from '../new-machine.ts'
import { type ExitCode, type Output, usageError } from '../print.ts'
import { countFrom, oneOf } from '../program-option.ts'
import { templatePath } from '../templates.ts'
import { showTerms } from '../terms-view.ts'

type NewOptions = {
  readonly with?: string
  readonly as?: string
  readonly bunker?: string
  readonly private?: true
  readonly device?: string
  readonly call?: string
  readonly ledger: string
  readonly decimals: string
  readonly give: readonly string[]
  readonly logic: readonly string[]
  readonly turn: string
  readonly network: string
  readonly dir?: string
  readonly definition?: string
  readonly template?: string
  readonly role: readonly string[]
  readonly clock?: string
  readonly skew?: string
  readonly custodian: readonly string[]
  readonly relay: readonly string[]
  readonly threshold?: string
  readonly title?: string
  readonly oracle: readonly string[]
} & PassphraseOption &
  CustodyOption &
  CodesOption

/** Seconds: two who are not both there at once answer within a day. */
const SKEW_DEFAULT = '86400'

const collect = (one: string, before: readonly string[]): readonly string[] => [...before, one]

const EXAMPLES: readonly string[] = [
  'tally new --with bob.card.tally',
  'tally new --with bob.card.tally --ledger EUR --decimals 2 --give alice=100 --give bob=50',
  'tally new --with bob.card.tally --logic vault --turn leader',
  'tally new --with bob.card.tally --logic record     things and papers, from hand to hand',
  'tally new --with bob.card.tally --definition bet.json --role player=alice,bob',
  'tally new --with bob.card.tally --template counter',
  'tally new --with bob.card.tally --template oracle-bet --role player=alice,bob --oracle north=north.tally',
  'tally new --definition bet.json --role player=me,npub1… --custodian ann=npub1… --custodian ben=npub1…',
  '          --custodian cat=npub1… --custodian dan=npub1… --relay wss://relay.example',
  'tally new … --threshold 4 --faulty 1 --stand-in sue=npub1… --stand-in tom=npub1… --after 3600',
  '          beside four or five custodians: after an hour of silence the stand-ins decide with those who answer',
]

export const addNew: AddCommand = (program, run) => {
  withStandIns(program.command('new'))
    .option('--with <card>', 'the card of the other party')
    .option('--ledger <symbol>', 'what the money is called', 'TICK')
    .option('--give <name=amount>', 'who holds how much at the start; repeat it', collect, [])
    .option('--decimals <n>', 'decimals of an amount', '0')
    .option('--turn <how>', 'alternate, or leader for whoever begins', 'alternate')
    .option(
      '--logic <name>',
      'vault: money can be set aside on a condition; record: things go from hand to hand; repeat it',
      collect,
      [],
    )
    .option('--definition <file>', 'a process of your own: a statechart in JSON')
    .option('--template <name>', 'a process that comes with tally, such as bet, vote or supply')
    .option('--role <role=names>', 'with --definition: who has a role; repeat it', collect, [])
    .option(
      '--custodian <name=key>',
      'instead of --with: a custodian that holds the machine, by its npub or hex key; repeat it',
      collect,
      [],
    )
    .option(
      '--relay <url>',
      'with --custodian: a Nostr relay that carries it; repeat it',
      collect,
      [],
    )
    .option(
      '--threshold <k>',
      'with --custodian: how many make a step final (default: all but one)',
    )
    .option(
      '--oracle <name=file>',
      'with --definition: a file of an oracle whose answers may be quoted; repeat it',
      collect,
      [],
    )
    .option('--title <text>', 'with --custodian: what it is called (default: the definition’s id)')
    .option(
      CODES_FLAG,
      'with --custodian: show the invitation as a QR code, or write it into a folder',
    )
    .option(
      '--clock <kind>',
      'with --definition: agreed, none, or with --with the file of a machine whose certificates tell the time (default: agreed if it looks at the time)',
    )
    .option(
      '--skew <seconds>',
      'how far a step’s time may be from each one’s clock (default: 86400, of custodians 60)',
    )
    .option('--dir <folder>', 'where to keep it (default: YOU-OTHER)')
    .option('--as <name>', 'your identity, if you have several')
    .option('--private', 'with --custodian: encrypt all of it for those who take part')
    .option('--bunker <uri>', 'with --custodian: bunker://…, which has your key and signs')
    .option('--device <name>', 'the device that signs (default: the first with its key here)')
    .option('--call <name>', 'what to call the other, if not what the card says')
    .option('--network <name>', 'a name that keeps trials apart from the real thing', 'tally')
    .option(PASSPHRASE_FLAG, PASSPHRASE_HELP)
    .addHelpText('after', examples(...EXAMPLES))
    .action((options: NewOptions) => run((output) => begin(output, options)))
}

/** The file that the options name. Raises a usage error where they name two, or a template that is not there. */
const definitionFrom = ({ definition, template }: NewOptions): string | undefined => {
  if (template === undefined) return definition
  if (definition === undefined) return templatePath(template)
  throw usageError('a machine has one definition', 'leave out --definition or --template')
}

const begin = (output: Output, asked: NewOptions): ExitCode | Promise<ExitCode> => {
  const definition = definitionFrom(asked)
  const options: NewOptions = definition === undefined ? asked : { ...asked, definition }
  if (options.custodian.length + options.relay.length > 0) {
    if (options.with === undefined) return askRelayed('new', output, options)
    throw usageError('a machine has either --with or --custodian', 'leave one of them out')
  }
  if (options.with === undefined) {
    throw usageError('nobody is named to begin a machine with', 'add --with CARD, or --custodian')
  }
  return beginWith(output, options, options.with)
}

const beginWith = (output: Output, options: NewOptions, card: string): ExitCode => {
  const { definition } = options
  const chart =
    definition === undefined
      ? undefined
      : readChart(output, { ...options, skew: options.skew ?? SKEW_DEFAULT, definition })
  if (definition !== undefined && !chart) return 1
  const ring = ringFrom(options.as)
  const peer = cardFromFile(readInputFile(card), createNativeEngine())
  const folder = beginMachine({
    ring,
    peer,
    device: options.device,
    call: options.call,
    symbol: options.ledger,
    decimals: countFrom(options.decimals, '--decimals', [0, 38]),
    give: options.give,
    more: options.logic.map((one) => oneOf(MORE_LOGICS, one, '--logic')),
    turn: oneOf(['alternate', 'leader'], options.turn, '--turn'),
    network: options.network,
    dir: options.dir,
    chart,
  })
  const invite = pathFromHere(inviteOf(folder))
  output.line([
    { text: `${folder.own}–${folder.peer}`, tone: 'strong' },
    ` (${folder.id.slice(0, 8)}) lies in ${pathFromHere(folder.path)}`,
  ])
  output.line()
  showTerms(output, folder.charter, (party) =>
    party === folder.party ? 'you' : `identity ${identityText(peer.identity)}`,
  )
  output.line()
  output.line(['Wrote ', { text: invite, tone: 'strong' }])
  output.result({ machine: folder.id, folder: folder.path, invite })
  output.next(`hand ${invite} to ${folder.peer}, who runs: tally accept FILE`)
  return 0
}
