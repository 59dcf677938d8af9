/**
 * `tally id recover`: puts an identity in place again whose keys are lost or stolen.
 *
 * It builds on the newest key log that a read quorum of the directory shows, never on an older one, and hands its event in before it
 * says that it is done. Without a directory it takes the log that it is given, and says so.
 */
import { rmSync } from 'node:fs'
import { idFromHex } from 'tallystick/base'
import {
  type AddCommand,
  examples,
  type ExitCode,
  homeFolder,
  type Identity,
  identityFolder,
  identityFrom,
  type Keyring,
  nameOfUser,
  type Output,
  PASSPHRASE_FLAG,
  PASSPHRASE_HELP,
  passphraseOf,
  type PassphraseOption,
  readInputFile,
  recoverIdentity,
  showOwn,
  usageError,
} from 'tallystick/command'
import { createNativeEngine } from 'tallystick/engine-native'
import {
  checkAgainstHead,
  type IdentityId,
  keyHeadOf,
  type SignedKeyEvent,
} from 'tallystick/kernel'
import { fetchKeyLog } from '../client/identities.ts'
import {
  type Backup,
  backupFromFile,
  identityOfBackup,
  keysOfBackup,
} from '../identity/backup-file.ts'
import { findWays, reserveAfter, type WayInHand } from '../identity/ways.ts'
import {
  type Directory,
  gathered,
  handIn,
  openDirectory,
  SHARE_FLAG,
  SHARE_HELP,
  waysInHand,
  type WaysFlags,
  WORDS_FLAG,
  WORDS_HELP,
} from './id-ways.ts'

type Flags = WaysFlags &
  PassphraseOption & {
    readonly name?: string
    readonly identity?: string
    readonly backup?: string
    readonly directory?: string
    readonly alone?: boolean
    readonly device?: string
  }

export const addIdRecover: AddCommand = (id, run) => {
  id.command('recover')
    .description('put your identity in place again, with words or guardians’ shares')
    .option('--name <name>', 'what you are called (default: your name on this machine)')
    .option('--identity <id>', 'the identity, all 64 digits; or a backup says which')
    .option('--backup <file>', 'what tally id backup wrote: brings the keys of its devices back')
    .option('--directory <file>', 'who certified it, as its operators handed it out')
    .option('--alone', 'no directory knows the identity: take the log in the backup')
    .option('--device <name>', 'what this device is called', 'first')
    .option(WORDS_FLAG, WORDS_HELP)
    .option(SHARE_FLAG, SHARE_HELP, gathered)
    .option(PASSPHRASE_FLAG, PASSPHRASE_HELP)
    .addHelpText(
      'after',
      examples(
        'tally id recover --identity 3f9a… --directory directory.json',
        'tally id recover --backup keys.backup --directory directory.json --words-file fd:3',
        'tally id recover --identity 3f9a… --directory directory.json --share a.txt --share b.txt',
      ),
    )
    .action((flags: Flags) => run((output) => recover(output, flags)))
}

const ATTEMPTS = 3

const recover = async (output: Output, flags: Flags): Promise<ExitCode> => {
  const engine = createNativeEngine()
  const name = flags.name ?? nameOfUser()
  const ring = { home: homeFolder(process.env), name, engine }
  const backup =
    flags.backup === undefined ? undefined : backupFromFile(readInputFile(flags.backup))
  const known = backup && identityOfBackup(ring, backup)
  const identity = wantedFrom(flags, known)
  const directory =
    flags.directory === undefined ? undefined : openDirectory(engine, flags.directory)
  const inHand = await waysInHand(output, flags, identity)
  const passphrase = await passphraseOf(output, flags, { name, isNew: true })
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const newest = await newestLog(output, { ring, identity, known, directory, flags })
    if (!newest) return 2
    const kept = keysFrom(backup, inHand, identity)
    output.progress('making keys …')
    const done = recovered({ ...ring, passphrase }, { newest, inHand, kept, flags })
    output.progress()
    if (!directory) return finish(output, ring, { handed: 'alone', keeps: kept.length > 0 })
    const handed = await handIn(output, directory, done.log)
    // Certified by a quorum, or on its way: either way these keys are the ones to keep.
    if (handed.is !== 'taken') {
      return finish(output, ring, { handed: handed.is, keeps: kept.length > 0 })
    }
    // Somebody else's event came first. These keys speak for nobody; build on that event instead.
    rmSync(identityFolder(ring), { recursive: true })
  }
  throw usageError(
    'somebody else changes this identity faster than it can be recovered',
    'try again; the last places of its log are for recoveries alone',
  )
}

const wantedFrom = (flags: Flags, known: Identity | undefined): IdentityId => {
  if (flags.identity !== undefined) {
    const wanted = idFromHex<'key-event'>(flags.identity)
    if (!known || known.id === wanted) return wanted
    throw usageError('the backup is of another identity', 'name the one of the backup, or none')
  }
  if (known) return known.id
  throw usageError('which identity?', 'add --identity ID, or --backup FILE')
}

type Searching = {
  readonly ring: Keyring
  readonly identity: IdentityId
  readonly known: Identity | undefined
  readonly directory: Directory | undefined
  readonly flags: Flags
}

/** The log to build on; undefined, with the reason said, while too few operators answer. */
const newestLog = async (
  output: Output,
  { ring, identity, known, directory, flags }: Searching,
): Promise<readonly SignedKeyEvent[] | undefined> => {
  if (!directory) {
    if (flags.alone === true && known) return known.log
    throw usageError(
      'without a directory nobody can say whether a log is the newest',
      'add --directory FILE; or --alone with a backup, if no directory knows the identity',
    )
  }
  output.progress('asking the operators …')
  const { newest, silent } = await fetchKeyLog(directory.client, directory.file.policy, identity)
  output.progress()
  if (!newest) {
    output.line(
      `Too few operators answer to know the newest log: not ${silent.join(', ')}.`,
      'warn',
    )
    output.line('Nothing was changed.')
    output.result({ recovered: false, waitingFor: silent })
    output.next('the same again, when the operators are there')
    return undefined
  }
  if (newest.length === 0 && known) return known.log
  if (newest.length === 0) {
    throw usageError('this directory does not know the identity', 'add --backup FILE')
  }
  if (known) sayHowOld(output, ring, { known, newest })
  return newest
}

const sayHowOld = (
  output: Output,
  ring: Keyring,
  of: { readonly known: Identity; readonly newest: readonly SignedKeyEvent[] },
): void => {
  const { head } = identityFrom(ring.name, of.newest, ring.engine)
  const behind = head.sequence - of.known.head.sequence
  if (behind > 0) output.line(`The backup is ${behind} events old; the newest log is used.`)
  const fault = checkAgainstHead(of.newest, keyHeadOf(of.known.head))
  if (fault) output.line(`The backup does not fit the directory's log: ${fault.message}`, 'warn')
}

const keysFrom = (
  backup: Backup | undefined,
  inHand: readonly WayInHand[],
  identity: IdentityId,
): ReturnType<typeof keysOfBackup> => {
  const words = inHand.find((one) => one.way === 'words')
  return backup && words ? keysOfBackup(backup, words.secret, identity) : []
}

type Doing = {
  readonly newest: readonly SignedKeyEvent[]
  readonly inHand: readonly WayInHand[]
  readonly kept: ReturnType<typeof keysOfBackup>
  readonly flags: Flags
}

const recovered = (
  ring: Keyring & { readonly passphrase: string },
  { newest, inHand, kept, flags }: Doing,
): Identity => {
  const { engine } = ring
  const { head } = identityFrom(ring.name, newest, engine)
  const used = findWays(engine, head, inHand)
  return recoverIdentity({
    ...ring,
    log: newest,
    by: used.map((one) => one.signer),
    recovery: reserveAfter(engine, head, { used }),
    keep: kept,
    ...(flags.device === undefined ? {} : { device: flags.device }),
  })
}

const finish = (
  output: Output,
  ring: Keyring,
  of: { readonly handed: 'alone' | 'certified' | 'waiting'; readonly keeps: boolean },
): ExitCode => {
  output.result({ recovered: true, ...showOwn(output, ring) })
  output.line()
  if (of.keeps) {
    output.line('Machines of these devices ask their operators first how far they have signed.')
  } else {
    output.line('The machines of lost devices stand still: only their own keys move them.', 'warn')
  }
  output.line('The same words or shares recover it again.')
  if (of.handed === 'waiting') {
    output.next('tally id publish --directory FILE')
    return 2
  }
  output.next('tally id card, and hand the new card out')
  return 0
}
