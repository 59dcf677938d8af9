/** `tally credential`: attributes that an issuer vouches for, shown by their holder one at a time. */
import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { isFault } from '../../base/fault.ts'
import { signerId } from '../../base/signer.ts'
import type { Challenge } from '../../verify/credential.ts'
import {
  checkCredential,
  checkPresentation,
  credential,
  presentation,
  presentationDigest,
  presentationOf,
  status,
  type Status,
} from '../../verify/credential.ts'
import { cardFromFile } from '../../verify/card.ts'
import { bodyFromFile, fileFromBody } from '../../verify/file.ts'
import { STANDARD_MODELS } from '../../verify/standard.ts'
import { createNativeEngine } from '../../engine/native.ts'
import { type AddCommand, examples, type Run } from '../command.ts'
import { showPresented } from '../credential-view.ts'
import { PUBLIC_FILE, replaceFile } from '../durable-file.ts'
import { fileNameFrom } from '../file-name.ts'
import { takeLock } from '../desk/lock.ts'
import { deviceFrom, ringFrom } from '../home.ts'
import { readInputFile } from '../input-file.ts'
import { type Issuer, issue, openIssuer, recordFrom, revoke, statusOf } from '../issuer.ts'
import { openIdentity, openSigner } from '../keystore.ts'
import {
  PASSPHRASE_FLAG,
  PASSPHRASE_HELP,
  type PassphraseOption,
  passphraseOf,
} from '../passphrase-option.ts'
import { type ExitCode, idText, type Output, usageError } from '../print.ts'
import { sizeText } from '../report-view.ts'

type Own = PassphraseOption & { readonly as?: string; readonly device?: string }
type Out = { readonly output?: string }

export const addCredential: AddCommand = (program, run) => {
  const group = program
    .command('credential')
    .addHelpText(
      'after',
      examples(
        'tally credential issue --to bob.card.tally --about "forklift licence" --field class=B',
        'tally credential present bob.credential.tally --show class --audience yard --nonce …',
        'tally credential check bob.presentation.tally --audience yard --nonce …',
        'tally credential revoke 3f0a91c2',
      ),
    )
  addIssue(group, run)
  addPresent(group, run)
  addCheck(group, run)
  addRevoke(group, run)
}

const signing = (command: Command): Command =>
  command
    .option('--as <name>', 'the identity, if you have several')
    .option('--device <name>', 'the device that signs (default: the first with its key here)')
    .option(PASSPHRASE_FLAG, PASSPHRASE_HELP)

const signerOf = async (output: Output, options: Own) => {
  const ring = ringFrom(options.as)
  const device = deviceFrom(ring, options.device)
  const passphrase = await passphraseOf(output, options, ring)
  const signer = openSigner({ ...ring, passphrase, device: device.name })
  const { suite } = openIdentity(ring).head
  return { name: ring.name, engine: ring.engine, signer, suite }
}

/** Does something with the issuer, alone: two steps taken at once would be two children of one parent. */
const withIssuer = async (
  output: Output,
  options: Own & { readonly issuer: string },
  act: (issuer: Issuer) => ExitCode,
): Promise<ExitCode> => {
  const keys = await signerOf(output, options)
  const release = takeLock(`${options.issuer}.lock`)
  try {
    return act(openIssuer(options.issuer, keys))
  } finally {
    release()
  }
}

const attributesFrom = (typed: readonly string[]): ReadonlyMap<string, string> => {
  const found = new Map<string, string>()
  for (const one of typed) {
    const at = one.indexOf('=')
    const name = one.slice(0, at)
    if (at < 1 || found.has(name)) {
      throw usageError(
        `"${one}" is no attribute, or stands there twice`,
        'write --field name=value',
      )
    }
    found.set(name, one.slice(at + 1))
  }
  return found
}

const gathered = (one: string, before: readonly string[]): readonly string[] => [...before, one]

type Issue = Own &
  Out & {
    readonly issuer: string
    readonly to: string
    readonly about: string
    readonly field: readonly string[]
  }

const ISSUER_FLAG = '--issuer <file>'
const ISSUER_HELP = 'the issuer’s machine; begun if it is not there'
const ISSUER_FILE = 'issuer.tally'

const addIssue = (group: Command, run: Run): void => {
  signing(
    group
      .command('issue')
      .description('vouch for attributes of whoever holds a key')
      .requiredOption('--to <card>', 'the holder’s card')
      .requiredOption('--about <words>', 'what it is; public')
      .option('--field <name=value>', 'an attribute; may be repeated', gathered, [])
      .option(ISSUER_FLAG, ISSUER_HELP, ISSUER_FILE)
      .option('-o, --output <file>', 'where to (default: NAME.credential.tally)'),
  ).action((options: Issue) =>
    run((output) =>
      withIssuer(output, options, (issuer) => {
        const card = cardFromFile(readInputFile(options.to), issuer.engine)
        const { about } = options
        const path = options.output ?? `${fileNameFrom(card.card.name)}.credential.tally`
        // Two holders may come to one name, and what stands there may be the only copy of another credential.
        if (options.output === undefined && existsSync(path)) {
          throw usageError(`there is a ${path} already`, 'name another with -o')
        }
        const attributes = attributesFrom(options.field)
        const made = issue(issuer, { card, about, attributes })
        const file = fileFromBody('credential', credential.encode(made))
        // What is in it is the holder's secret.
        replaceFile(path, file)
        output.line(['Wrote ', { text: path, tone: 'strong' }, `, ${sizeText(file.length)}`])
        output.line(`  credential ${idText(made.record)} of issuer ${idText(issuer.machine.id)}`)
        output.line(`  ${options.issuer} keeps its commitments, and none of its values`)
        output.result({ file: path, record: made.record, issuer: issuer.machine.id })
        output.next(`hand ${path} to ${card.card.name}, and to nobody else`)
        return 0
      }),
    ),
  )
}

type Present = Own & Out & Challenge & { readonly show: readonly string[] }

const challenged = (command: Command): Command =>
  command
    .requiredOption('--audience <name>', 'who it is for, as the verifier calls himself')
    .requiredOption('--nonce <text>', 'what the verifier drew for this once')

const addPresent = (group: Command, run: Run): void => {
  challenged(
    signing(
      group
        .command('present')
        .description('show some attributes to somebody, once')
        .argument('<credential>', 'your credential')
        .option(
          '--show <names>',
          'attributes to show, e.g. class,until; may be repeated',
          (one: string, before: readonly string[]) => [...before, ...one.split(',')],
          [],
        )
        .option('-o, --output <file>', 'where to (default: NAME.presentation.tally)'),
    ),
  ).action((path: string, options: Present) =>
    run(async (output): Promise<ExitCode> => {
      const own = credential.decode(bodyFromFile('credential', readInputFile(path)))
      const { name, engine, signer, suite } = await signerOf(output, options)
      const checked = checkCredential(own, { models: STANDARD_MODELS, verifier: engine })
      if (isFault(checked)) throw checked
      if (checked.holder !== signerId(suite, signer.scheme, signer.publicKey)) {
        throw usageError(
          `the credential is for another key than ${name}’s`,
          'name it: --as, --device',
        )
      }
      const { audience, nonce } = options
      const unsigned = presentationOf(own, options.show, { audience, nonce })
      const signature = signer.sign(presentationDigest(unsigned))
      const file = fileFromBody('presentation', presentation.encode({ ...unsigned, signature }))
      const to = options.output ?? `${name}.presentation.tally`
      replaceFile(to, file, PUBLIC_FILE)
      const shown = options.show.length === 0 ? 'no attribute' : options.show.join(', ')
      output.line(['Wrote ', { text: to, tone: 'strong' }, `, ${sizeText(file.length)}`])
      output.line(`  shows ${shown} to ${audience}`)
      output.result({ file: to, shows: options.show, audience })
      output.next(`hand ${to} to ${audience}`)
      return 0
    }),
  )
}

type Check = Challenge & { readonly status: readonly string[]; readonly issuer?: string }

const addCheck = (group: Command, run: Run): void => {
  challenged(
    group
      .command('check')
      .description('check what somebody presents, offline')
      .argument('<presentation>', 'the file')
      .option('--status <file>', 'a newer state of the issuer; may be repeated', gathered, [])
      .option('--issuer <id>', 'the issuer’s machine, by its first 16 digits or more'),
  ).action((path: string, options: Check) =>
    run((output): ExitCode => {
      const of = presentation.decode(bodyFromFile('presentation', readInputFile(path)))
      const statuses = options.status.map((one): Status =>
        status.decode(bodyFromFile('status', readInputFile(one))),
      )
      const { audience, nonce } = options
      const checked = checkPresentation(of, {
        models: STANDARD_MODELS,
        verifier: createNativeEngine(),
        challenge: { audience, nonce },
        statuses,
      })
      if (isFault(checked)) throw checked
      checkIssuer(checked.issuer, options.issuer)
      output.line([{ text: 'valid', tone: 'good' }, `  signed by the holder for ${audience}`])
      showPresented(output, checked, statuses.length)
      output.next('draw another nonce for the next one')
      return 0
    }),
  )
}

/** Fewer digits could be those of a machine that somebody made for it. */
const ISSUER_DIGITS_MIN = 16

const checkIssuer = (found: string, wanted: string | undefined): void => {
  if (wanted === undefined) return
  const digits = wanted.replaceAll(' ', '')
  if (digits.length >= ISSUER_DIGITS_MIN && found.startsWith(digits)) return
  throw usageError(
    `the issuer is machine ${idText(found)}, not "${wanted}"`,
    `give at least ${ISSUER_DIGITS_MIN} digits of the issuer that you know`,
  )
}

type Change = Own & Out & { readonly issuer: string }

const addRevoke = (group: Command, run: Run): void => {
  const tell = (
    name: 'revoke' | 'status',
    description: string,
    make: (issuer: Issuer, record: ReturnType<typeof recordFrom>) => Status,
  ): void => {
    signing(
      group
        .command(name)
        .description(description)
        .argument('<id>', 'the credential, by its first digits')
        .option(ISSUER_FLAG, 'the issuer’s machine', ISSUER_FILE)
        .option('-o, --output <file>', 'where to (default: ID.status.tally)'),
    ).action((typed: string, options: Change) =>
      run((output) =>
        withIssuer(output, options, (issuer) => {
          const record = recordFrom(issuer, typed)
          const made = make(issuer, record)
          const file = fileFromBody('status', status.encode(made))
          const path = options.output ?? `${record.slice(0, 8)}.status.tally`
          replaceFile(path, file, PUBLIC_FILE)
          const { sequence } = made.state.step.transition
          output.line(['Wrote ', { text: path, tone: 'strong' }, `, ${sizeText(file.length)}`])
          output.line(`  credential ${idText(record)} as of step ${sequence}`)
          output.result({ file: path, record, sequence })
          output.next(`tally credential check FILE --status ${path} …`)
          return 0
        }),
      ),
    )
  }
  tell('revoke', 'end a credential for good, and write the state that says so', revoke)
  tell('status', 'write what your newest state says of a credential', statusOf)
}
