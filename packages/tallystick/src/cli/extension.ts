/**
 * Commands of `@tallystick/node`: the processes that talk to a network or keep a database. They are listed here so that
 * help shows them, and loaded only when one of them is asked for: whoever checks a file waits for none of it.
 */
import type { Command } from 'commander'
import type { Group } from '../bench/cases.ts'
import type { LayOut } from '../picture/layout.ts'
import type { CodesOption } from './codes.ts'
import type { AddCommand, Run } from './command.ts'
import type { PictureOptions } from './pictures.ts'
import { type ExitCode, type Output, usageError } from './print.ts'

/** What a command on an account was told. Each verb looks at what concerns it. */
export type AccountAsk = {
  readonly folder: string
  readonly words?: string
  readonly op?: string
  /** A relationship of two that money is set aside in. */
  readonly into?: string
  readonly files?: readonly string[]
  readonly output?: string
  readonly all?: boolean
  readonly wait?: string
  readonly passphraseFile?: string
  /** Not to wait, after a backup was put back, for operators beyond a quorum. */
  readonly quorum?: boolean
  /** What may be lost by money that is not certified: to one payer, and in all. */
  readonly risk?: string
  readonly riskAll?: string
}

/** What a command on a machine of two was told that operators certify, or are to certify. */
export type SharedAsk = Omit<AccountAsk, 'into' | 'output'> & {
  /** A directory file. */
  readonly directory?: string
  readonly output?: string
  /** With an event: JSON, what oracles have said, and files that show it, as typed. */
  readonly data?: string
  readonly answer?: readonly string[]
  readonly attach?: readonly string[]
  /** Whether what others want is agreed to without a question. */
  readonly yes?: boolean
  readonly no?: boolean
}

/** What a command on a machine that custodians hold, and that relays carry, was told. */
export type RelayedAsk = PictureOptions &
  CodesOption & {
    /** Missing where there is none yet. */
    readonly folder?: string
    /** Where a new one is to lie. */
    readonly dir?: string
    readonly definition?: string
    readonly title?: string
    readonly role?: readonly string[]
    readonly custodian?: readonly string[]
    readonly relay?: readonly string[]
    readonly threshold?: string
    /** Custodians that may lie without harm. */
    readonly faulty?: string
    /** NAME=KEY of those who help out when too many custodians are silent, and how. */
    readonly standIn?: readonly string[]
    readonly standInThreshold?: string
    readonly standInFaulty?: string
    readonly beside?: string
    readonly after?: string
    /** A directory file: who is to go on. */
    readonly directory?: string
    /** To whoever held it before. */
    readonly back?: boolean
    readonly clock?: string
    readonly skew?: string
    readonly as?: string
    /** Told to its members alone. */
    readonly private?: boolean
    /** bunker://… instead of an identity here. */
    readonly bunker?: string
    readonly device?: string
    readonly files?: readonly string[]
    readonly words?: string
    readonly data?: string
    /** ORACLE:QUESTION=ANSWER, quoted by an input. */
    readonly answer?: readonly string[]
    /** Files that show what it quotes. */
    readonly attach?: readonly string[]
    /** NAME=FILE: a machine whose answers may be quoted. */
    readonly oracle?: readonly string[]
    readonly output?: string
    readonly all?: boolean
    readonly wait?: string
    readonly yes?: boolean
    readonly no?: boolean
    readonly passphraseFile?: string
  }

export type RelayedVerb = 'new' | 'accept' | 'propose' | 'resend' | 'show' | 'bundle' | 'handover'

/** `takeover` gathers what the operators sign who are to go on, `back` has them give the machine back. */
export type SharedVerb = 'takeover' | 'back' | Exclude<AccountVerb, 'abort'>

export type AccountVerb = 'propose' | 'show' | 'bundle' | 'accept' | 'resend' | 'abort'

/** What the package hands out at its door `commands`. */
export type Extension = {
  readonly commands: Readonly<Record<string, () => Promise<AddCommand>>>
  /** Commands of this package, for machines that one party owns and a directory certifies. */
  readonly account: Readonly<
    Record<AccountVerb, (output: Output, ask: AccountAsk) => Promise<ExitCode>>
  >
  /** Commands of this package, for machines of two that a directory certifies. */
  readonly shared: Readonly<
    Record<SharedVerb, (output: Output, ask: SharedAsk) => Promise<ExitCode>>
  >
  /** Commands of this package, for machines that custodians hold. */
  readonly relayed: Readonly<
    Record<RelayedVerb, (output: Output, ask: RelayedAsk) => Promise<ExitCode>>
  >
  /** What `tally bench` measures beside its own. */
  readonly benches: readonly Group[]
  /** Where the boxes and lines of a drawn statechart go. */
  readonly layOut: () => Promise<LayOut>
}

const PACKAGE = '@tallystick/node'

/** Name and one line for the help. */
const LISTED: Readonly<Record<string, string>> = {
  account: 'open an account at a directory, or write its card for others',
  audit: 'ask the operators of an account to account for what they signed',
  custodians: 'show who holds a machine on relays, or have others hold it',
  dev: 'start a directory of four operators here, with funded accounts to try',
  operators: 'show who certifies an account or a machine of two, or have others certify it',
  oracle: 'answer questions on a machine of your own, for others to rely on',
  moi: 'talk to a guardian of MOI: accounts, balances, transfers, logics',
  readers: 'show who reads a private machine on relays, let somebody in or put somebody out',
  'relay-check': 'try whether machines can live at a Nostr relay',
  serve: 'run one operator of a directory, or one custodian of machines on relays',
  watch: 'tell what happens in an account, or in a machine on relays, as it happens',
}

/** Commands below one of our own, by both names. */
const LISTED_BELOW: Readonly<Record<string, string>> = {
  'demo bet': 'a bet over relays, oracles, and a custodian who lies',
  'id backup': 'make 24 words that recover your identity, and a file with your keys',
  'id guardians': 'split a way to recover your identity among people you trust',
  'id publish': 'hand your key log in at a directory, so that it is certified',
  'id recover': 'put your identity in place again, with words or guardians’ shares',
}

/**
 * Adds the commands to the program: the one that is asked for with all it has, the others as a line of the help. Raises a
 * usage error if one is asked for and the package is not there.
 */
export const addExtension = async (
  program: Command,
  run: Run,
  typed: readonly string[],
): Promise<void> => {
  const names = [typed[0] ?? '', typed.slice(0, 2).join(' ')]
  const wanted = names.find((one) => Object.hasOwn({ ...LISTED, ...LISTED_BELOW }, one))
  const extension = wanted === undefined ? undefined : await loadExtension(wanted)
  const added = await extension?.commands[wanted ?? '']?.()
  for (const [name, description] of Object.entries({ ...LISTED, ...LISTED_BELOW })) {
    const [first = '', second] = name.split(' ')
    const parent =
      second === undefined ? program : program.commands.find((one) => one.name() === first)
    const add = name === wanted ? added : undefined
    if (add && parent) add(parent, run)
    else parent?.command(second ?? first).description(description)
  }
}

/** What the package hands out, for a command that finds out late that it needs it. */
export const loadExtension = async (wanted: string): Promise<Extension> => {
  const found = await findExtension()
  if (found) return found
  throw usageError(`tally ${wanted} needs the package ${PACKAGE}`, `npm install ${PACKAGE}`)
}

/** As `loadExtension`, for a command that does without where the package is missing. */
export const findExtension = async (): Promise<Extension | undefined> => {
  try {
    // Not a literal: this package is built and used without the other one.
    const specifier = `${PACKAGE}/commands`
    const loaded: unknown = await import(specifier)
    return isExtension(loaded) ? loaded : undefined
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ERR_MODULE_NOT_FOUND') return undefined
    throw error
  }
}

const isExtension = (loaded: unknown): loaded is Extension =>
  typeof loaded === 'object' && loaded !== null && 'commands' in loaded && 'benches' in loaded
