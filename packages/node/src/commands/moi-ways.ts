/** What the commands of `tally moi` share: which guardian, whose key, and how amounts and identifiers are typed. */
import { isFault } from 'tallystick/base'
import {
  type AddCommand,
  type ExitCode,
  type Output,
  PASSPHRASE_FLAG,
  PASSPHRASE_HELP,
  passphraseOf,
  type PassphraseOption,
  readPrivateFile,
  usageError,
} from 'tallystick/command'
import { hexFromMoiId, KMOI_ASSET, type MoiId, moiIdFromHex } from 'tallystick/moi'
import { createGuardian, type Guardian, isCallFailure } from '../moi/call.ts'
import { DEV_WORDS, EXAMPLE_PATH } from '../moi/hd-keys.ts'
import { type MoiSigner, signerOfKeyFile, signerOfWords } from '../moi/signer.ts'

type Command = Parameters<AddCommand>[0]

export type GuardianFlags = { readonly url?: string }

export type KeyFlags = PassphraseOption & {
  readonly wordsFile?: string
  readonly dev?: true
  readonly key?: string
  readonly path: string
  readonly number?: string
  readonly account?: string
  readonly keyId: string
}

const WORDS_BYTES_MAX = 4096
const URL_VARIABLE = 'MOI_URL'
const WORDS_VARIABLE = 'MOI_MNEMONIC'
const URL_DEFAULT = 'http://127.0.0.1:1600'

export const withGuardian = (command: Command): Command =>
  command.option('--url <url>', `the guardian (default: $${URL_VARIABLE}, or ${URL_DEFAULT})`)

/** Options that say with which key to sign. */
export const withKey = (command: Command): Command =>
  withGuardian(command)
    .option(
      '--words-file <file>',
      `a file with the words that your key comes from (or $${WORDS_VARIABLE})`,
    )
    .option('--dev', 'the words that everybody knows, of tally serve guardian --dev')
    .option('--path <path>', 'where the key is derived', EXAMPLE_PATH)
    .option('-n, --number <n>', 'which account of those words: the last number of the path')
    .option('--key <file>', 'one of your own key files instead, with a key of secp256k1')
    .option('--account <id>', 'whose key it is, where the account is not named by it')
    .option('--key-id <n>', 'the number of the key in its account', '0')
    .option(PASSPHRASE_FLAG, PASSPHRASE_HELP)

export const guardianFrom = (flags: GuardianFlags): Guardian => {
  const text = flags.url ?? process.env[URL_VARIABLE] ?? URL_DEFAULT
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url && /^https?:$/.test(url.protocol)) return createGuardian(url.href)
  throw usageError(`${text} is no address of a guardian`, `--url ${URL_DEFAULT}`)
}

export const signerFrom = async (output: Output, flags: KeyFlags): Promise<MoiSigner> => {
  const keyId = wholeFrom(flags.keyId, '--key-id')
  const account = flags.account === undefined ? {} : { account: idFrom(flags.account) }
  if (flags.key !== undefined) {
    const passphrase = await passphraseOf(output, flags, { name: flags.key })
    return signerOfKeyFile(flags.key, passphrase, { keyId, ...account })
  }
  const number = flags.number === undefined ? {} : { number: wholeFrom(flags.number, '--number') }
  return signerOfWords(wordsFrom(flags), { path: flags.path, ...number }, { keyId, ...account })
}

export const wordsFrom = (flags: Pick<KeyFlags, 'dev' | 'wordsFile'>): string => {
  if (flags.dev === true) return DEV_WORDS
  if (flags.wordsFile !== undefined) {
    return new TextDecoder().decode(readPrivateFile(flags.wordsFile, WORDS_BYTES_MAX))
  }
  const words = process.env[WORDS_VARIABLE]
  if (words !== undefined && words.trim() !== '') return words
  throw usageError(
    'no key was named',
    `--words-file, --key, --dev, or the words in ${WORDS_VARIABLE}`,
  )
}

const NUMBER_MAX = 0x7fff_ffff

const wholeFrom = (text: string, flag: string): number => {
  const number = /^(?:0|[1-9]\d{0,9})$/.test(text) ? Number(text) : Number.NaN
  if (number <= NUMBER_MAX) return number
  throw usageError(`${text} is no number`, `${flag} 0`)
}

/** An identifier as it was typed. Raises a usage error. */
export const idFrom = (text: string): MoiId => {
  const id = moiIdFromHex(text)
  if (!isFault(id)) return id
  throw usageError(`${text} is no identifier of MOI: ${id.message}`, '0x and 64 digits')
}

/** `kmoi` stands for the asset that fuel is paid in. */
export const assetFrom = (text: string): MoiId =>
  text.toLowerCase() === 'kmoi' ? KMOI_ASSET : idFrom(text)

export const assetName = (asset: MoiId): string =>
  asset === KMOI_ASSET ? 'KMOI' : hexFromMoiId(asset)

export const amountText = (amount: bigint, asset: MoiId): string =>
  `${amount} ${asset === KMOI_ASSET ? 'KMOI' : `of ${hexFromMoiId(asset)}`}`

export const amountFrom = (text: string): bigint => {
  const plain = text.replaceAll('_', '')
  if (/^[1-9]\d{0,77}$/.test(plain)) return BigInt(plain)
  throw usageError(`${text} is no amount`, 'a whole number above 0')
}

const START_ONE =
  'start one with tally serve guardian --dev, or tally dev --guardian; or name another with --url'

/** Runs a command that calls a guardian: what went wrong there is told, and is no fault of the command line. */
export const calling = async (
  output: Output,
  action: () => Promise<ExitCode>,
): Promise<ExitCode> => {
  try {
    return await action()
  } catch (error) {
    if (!isCallFailure(error)) throw error
    output.progress()
    output.complain(
      error.failure === 'refused' ? `the guardian refuses: ${error.message}` : error.message,
      'bad',
    )
    const fix = error.failure === 'unreachable' ? START_ONE : undefined
    if (fix !== undefined) output.complain(`fix: ${fix}`)
    output.result({
      error: error.failure,
      message: error.message,
      ...(fix === undefined ? {} : { fix }),
      ...(error.code === undefined ? {} : { code: error.code }),
      ...(error.reason === undefined ? {} : { reason: error.reason }),
    })
    // An answer that is missing may come another time.
    return error.failure === 'unreachable' ? 2 : 1
  }
}
