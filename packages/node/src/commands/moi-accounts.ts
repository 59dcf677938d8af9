/** `tally moi accounts`: the accounts of one's words, and what they have. `tally moi faucet` is beside it. */
import { hexFromBytes } from 'tallystick/base'
import {
  type AddCommand,
  examples,
  type ExitCode,
  type Output,
  PASSPHRASE_FLAG,
  PASSPHRASE_HELP,
  passphraseOf,
  usageError,
} from 'tallystick/command'
import { hexFromMoiId, KMOI_ASSET, type MoiId } from 'tallystick/moi'
import { type Guardian, isCallFailure } from '../moi/call.ts'
import { EXAMPLE_PATH } from '../moi/hd-keys.ts'
import { pathAt } from '../moi/words.ts'
import { quantityFrom } from '../moi/shape.ts'
import { signerOfKeyFile, signerOfWords } from '../moi/signer.ts'
import {
  amountFrom,
  calling,
  guardianFrom,
  type GuardianFlags,
  idFrom,
  type KeyFlags,
  withGuardian,
  wordsFrom,
} from './moi-ways.ts'

type Flags = GuardianFlags &
  Pick<KeyFlags, 'dev' | 'wordsFile' | 'key' | 'passphraseFile'> & {
    readonly path: string
    readonly count: string
    readonly keys?: true
  }

const COUNT_MAX = 100

export const addMoiAccounts: AddCommand = (moi, run) => {
  withGuardian(moi.command('accounts'))
    .description('list the accounts of your words or your key, and what they have')
    .option('--words-file <file>', 'a file with your words (or $MOI_MNEMONIC)')
    .option('--dev', 'the words that everybody knows, of tally serve guardian --dev')
    .option('--path <path>', 'where the first key is derived', EXAMPLE_PATH)
    .option('--count <n>', 'how many accounts', '5')
    .option('--key <file>', 'one of your own key files instead, with a key of secp256k1')
    .option('--keys', 'their public keys in place of what they have; no guardian is asked')
    .option(PASSPHRASE_FLAG, PASSPHRASE_HELP)
    .addHelpText(
      'after',
      examples(
        'tally moi accounts --dev',
        'tally moi accounts --words-file words --count 1 --json',
        'tally moi accounts --words-file words --keys        for a genesis file, or to be registered',
      ),
    )
    .action((flags: Flags) =>
      run((output) => calling(output, () => listAccounts(output, flags, guardianFrom(flags)))),
    )
  withGuardian(moi.command('faucet'))
    .description('ask a guardian that runs for development for KMOI')
    .argument('<who>', 'an account, or the public key of one that does not exist yet')
    .argument('[amount]', 'of KMOI')
    .addHelpText(
      'after',
      examples('tally moi faucet 0x0000…0000 50000', 'tally moi faucet 02ab…cd'),
    )
    .action((who: string, amount: string | undefined, flags: GuardianFlags) =>
      run((output) => calling(output, () => askFaucet(output, { who, amount }, flags))),
    )
}

type Listed = {
  readonly number: number
  readonly path: string | undefined
  readonly id: MoiId
  readonly publicKey: Uint8Array
}

const listAccounts = async (
  output: Output,
  flags: Flags,
  guardian: Guardian,
): Promise<ExitCode> => {
  const accounts = []
  for (const { id, publicKey, ...one } of await ownAccounts(output, flags)) {
    const balance = flags.keys === true ? undefined : await balanceAt(guardian, id)
    accounts.push({ ...one, id: hexFromMoiId(id), publicKey: hexFromBytes(publicKey), balance })
  }
  output.table(
    accounts.map(({ number, id, publicKey, balance }) => [
      String(number),
      id,
      flags.keys === true
        ? publicKey
        : balance === undefined
          ? { text: 'not registered', tone: 'quiet' }
          : { text: `${balance} KMOI`, tone: 'strong' },
    ]),
    0,
  )
  output.result({ accounts })
  return 0
}

/** One of a key file, or so many of the words. */
const ownAccounts = async (output: Output, flags: Flags): Promise<readonly Listed[]> => {
  if (flags.key !== undefined) {
    const passphrase = await passphraseOf(output, flags, { name: flags.key })
    const { id, publicKey } = signerOfKeyFile(flags.key, passphrase)
    return [{ number: 0, path: undefined, id, publicKey }]
  }
  const count = /^[1-9]\d{0,2}$/.test(flags.count) ? Number(flags.count) : 0
  if (count < 1 || count > COUNT_MAX) {
    throw usageError(`${flags.count} accounts cannot be listed`, `--count 1 to ${COUNT_MAX}`)
  }
  const words = wordsFrom(flags)
  return Array.from({ length: count }, (_, number) => {
    const { id, publicKey } = signerOfWords(words, { path: flags.path, number })
    return { number, path: pathAt(flags.path, number), id, publicKey }
  })
}

/** Undefined for an account that nobody has registered. */
const balanceAt = async (guardian: Guardian, id: MoiId): Promise<bigint | undefined> => {
  const options = { tesseract_number: -1 }
  const params = { id: hexFromMoiId(id), asset_id: hexFromMoiId(KMOI_ASSET), options }
  try {
    return quantityFrom(await guardian.call('moi.Balance', params), 'a balance')
  } catch (error) {
    if (isCallFailure(error) && error.message.includes('account not found')) return undefined
    throw error
  }
}

const PUBLIC_KEY = /^(?:0x)?0[23][0-9a-f]{64}$/i

const askFaucet = async (
  output: Output,
  of: { readonly who: string; readonly amount: string | undefined },
  flags: GuardianFlags,
): Promise<ExitCode> => {
  const told = await guardianFrom(flags).call('dev.Faucet', {
    ...(PUBLIC_KEY.test(of.who)
      ? { public_key: `0x${of.who.replace(/^0x/i, '')}` }
      : { id: hexFromMoiId(idFrom(of.who)) }),
    ...(of.amount === undefined ? {} : { amount: `0x${amountFrom(of.amount).toString(16)}` }),
  })
  output.line(`the faucet gives, by interaction ${String(told)}`, 'good')
  output.result({ interaction: told })
  output.next(`tally moi receipt ${String(told)}`)
  return 0
}
