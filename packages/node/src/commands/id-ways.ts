/** What commands on recovery share: secrets in hand, naming who may recover, handing a log in. */
import { isFault, type Engine } from 'tallystick/base'
import {
  type AddCommand,
  type ExitCode,
  type Identity,
  type Output,
  PASSPHRASE_FLAG,
  PASSPHRASE_HELP,
  readInputFile,
  readPassphrase,
  rotateIdentity,
  type Unlocking,
  usageError,
} from 'tallystick/command'
import { type IdentityId, type SignedKeyEvent, shareFromText } from 'tallystick/kernel'
import { type DirectoryFile, readDirectoryFile } from '../account/directory-file.ts'
import { createDirectoryClient, type DirectoryClient } from '../client/directory.ts'
import { type HandedIn, handInKeyLog } from '../client/identities.ts'
import { platformSurroundings } from '../client/surroundings.ts'
import { combineShares } from '../identity/guardians.ts'
import { findWays, type FoundWay, reserveAfter, type WayInHand } from '../identity/ways.ts'
import { secretFromWords } from '../identity/words.ts'

type Command = Parameters<AddCommand>[0]

export type WaysFlags = {
  readonly wordsFile?: string
  readonly share?: readonly string[]
}

export const WORDS_FLAG = '--words-file <path>'
export const WORDS_HELP = 'read the 24 words from a file, or from fd:N'
export const SHARE_FLAG = '--share <file>'
export const SHARE_HELP = 'a guardian’s share; once for each'

/** For an option that is given several times. */
export const gathered = (one: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  one,
]

/** The secrets that were named, or else the words, as somebody types them. */
export const waysInHand = async (
  output: Output,
  flags: WaysFlags,
  identity: IdentityId,
): Promise<readonly WayInHand[]> => {
  const shares = (flags.share ?? []).map(readShare)
  const ways: WayInHand[] = []
  if (shares.length > 0) {
    ways.push({ way: 'guardians', secret: await combineShares(identity, shares) })
  }
  if (flags.wordsFile !== undefined || shares.length === 0) {
    ways.push({ way: 'words', secret: secretFromWords(await readWords(output, flags)) })
  }
  return ways
}

export const readWords = (
  output: Output,
  { wordsFile }: Pick<WaysFlags, 'wordsFile'>,
  prompt: string = 'the 24 words',
): Promise<string> =>
  readPassphrase({
    prompt,
    ...(wordsFile === undefined ? {} : { file: wordsFile }),
    // The variable for passphrases holds another secret.
    env: {},
    warn: (text) => output.complain(text, 'quiet'),
  })

const SHARE_BYTES_MAX = 8192

const readShare = (path: string): ReturnType<typeof shareFromText> => {
  const text = new TextDecoder().decode(readInputFile(path, SHARE_BYTES_MAX))
  try {
    return shareFromText(text)
  } catch (error) {
    throw isFault(error) ? error.at({ part: path }) : error
  }
}

export type Naming = {
  readonly inHand: readonly WayInHand[]
  readonly fresh: WayInHand
  /** Whether ways that are not in hand are to be dropped. */
  readonly renew: boolean
}

/** Names a new way to recover: in a rotation if it is the first one, else in a recovery by the ways in hand. */
export const nameWay = (ring: Unlocking, before: Identity, of: Naming): Identity => {
  const { engine } = ring
  const used = before.head.recovery ? findWays(engine, before.head, of.inHand) : []
  const recovery = reserveAfter(engine, before.head, {
    used,
    fresh: [of.fresh],
    dropOthers: of.renew,
  })
  const after = rotateIdentity({ ...ring, recovery, by: used.map((one) => one.signer) })
  // Tried before anybody relies on it.
  checkWays(engine, after, [of.fresh])
  return after
}

export const checkWays = (
  engine: Engine,
  { head }: Identity,
  inHand: readonly WayInHand[],
): readonly FoundWay[] => findWays(engine, head, inHand)

export type Directory = { readonly file: DirectoryFile; readonly client: DirectoryClient }

export const openDirectory = (engine: Engine, path: string): Directory => {
  const file = readDirectoryFile(path)
  const client = createDirectoryClient(file.addresses, {
    surroundings: platformSurroundings(),
    verifier: engine,
  })
  return { file, client }
}

/** Hands a log in and says what became of it. */
export const handIn = async (
  output: Output,
  { file, client }: Directory,
  log: readonly SignedKeyEvent[],
): Promise<HandedIn> => {
  output.progress('asking the operators …')
  const handed = await handInKeyLog(client, file.policy, log)
  output.progress()
  const { threshold, operators } = file.policy
  if (handed.is === 'certified') {
    output.line(`Certified by ${threshold} of ${operators.length} operators.`, 'good')
    output.result({ certified: true, events: log.length })
  } else if (handed.is === 'waiting') {
    const { silent } = handed.fetched
    const who = silent.length > 0 ? `: no answer from ${silent.join(', ')}` : ''
    output.line(`Not certified yet${who}. It takes ${threshold} operators.`, 'warn')
    output.result({ certified: false, waitingFor: silent })
  } else {
    const { sequence } = handed.instead.event
    output.line(`Event ${sequence} is taken: the directory saw another one first.`, 'bad')
    output.result({ certified: false, taken: sequence })
  }
  return handed
}

/** The same where a directory was named, with what is to be done when the log is certified. How the command ends. */
export const handInAt = async (
  output: Output,
  { engine, path, log, next }: HandingIn,
): Promise<ExitCode> => {
  const handed = await handIn(output, openDirectory(engine, path), log)
  const isCertified = handed.is === 'certified'
  output.next(isCertified ? next : 'tally id publish')
  return isCertified ? 0 : 2
}

export type HandingIn = {
  readonly engine: Engine
  readonly path: string
  readonly log: readonly SignedKeyEvent[]
  readonly next: string
}

/** The options of a command that makes a way to recover. */
export const withWaysOptions = (command: Command): Command =>
  command
    .option(WORDS_FLAG, WORDS_HELP)
    .option(SHARE_FLAG, SHARE_HELP, gathered)
    .option('--directory <file>', 'hand the log in at this directory')
    .option(PASSPHRASE_FLAG, PASSPHRASE_HELP)

/** Where keys may recover already, those have to be in hand to change it. */
export const checkInHand = (identity: Identity, flags: WaysFlags): boolean => {
  if (!identity.head.recovery) return false
  if (flags.wordsFile !== undefined || (flags.share ?? []).length > 0) return true
  throw usageError(
    `${identity.name} names who may recover it, and only they change that`,
    'add --words-file FILE, or --share FILE for each guardian',
  )
}
