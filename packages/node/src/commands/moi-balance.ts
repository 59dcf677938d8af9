/** `tally moi balance`: how much of an asset an account has, and the proof that the guardians vouch for it. */
import { isFault } from 'tallystick/base'
import {
  type AddCommand,
  createFile,
  examples,
  type ExitCode,
  type Output,
  PUBLIC_FILE,
} from 'tallystick/command'
import { createNativeEngine } from 'tallystick/engine-native'
import {
  amountRecord,
  balancePath,
  checkNetworkState,
  type CheckedState,
  hexFromMoiId,
  type MoiId,
  networkState,
} from 'tallystick/moi'
import { bodyFromFile } from 'tallystick/verify'
import type { Guardian } from '../moi/call.ts'
import { hexFrom, quantityFrom } from '../moi/shape.ts'
import {
  amountText,
  assetFrom,
  calling,
  guardianFrom,
  type GuardianFlags,
  idFrom,
  withGuardian,
} from './moi-ways.ts'

type Flags = GuardianFlags & { readonly proof?: true; readonly out?: string }

type Asked = { readonly id: MoiId; readonly asset: MoiId }

export const addMoiBalance: AddCommand = (moi, run) => {
  withGuardian(moi.command('balance'))
    .description('tell how much of an asset an account has')
    .argument('<id>', 'the account')
    .argument('[asset]', 'the asset', 'kmoi')
    .option('--proof', 'check a proof against the newest tesseract of the account')
    .option('-o, --out <file>', 'with --proof: keep it, for tally verify')
    .addHelpText(
      'after',
      examples(
        'tally moi balance 0x0000…0000',
        'tally moi balance 0x0000…0000 0x1003…0000 --proof -o balance.tally',
        'tally verify balance.tally                  offline, by whoever has the file',
      ),
    )
    .action((id: string, asset: string, flags: Flags) =>
      run((output) =>
        calling(output, () => {
          const asked = { id: idFrom(id), asset: assetFrom(asset) }
          const guardian = guardianFrom(flags)
          return flags.proof === true || flags.out !== undefined
            ? tellProven(output, guardian, asked, flags.out)
            : tellBalance(output, guardian, asked)
        }),
      ),
    )
}

const tellBalance = async (
  output: Output,
  guardian: Guardian,
  { id, asset }: Asked,
): Promise<ExitCode> => {
  const options = { tesseract_number: -1 }
  const params = { id: hexFromMoiId(id), asset_id: hexFromMoiId(asset), options }
  const balance = quantityFrom(await guardian.call('moi.Balance', params), 'a balance')
  output.line([{ text: amountText(balance, asset), tone: 'strong' }])
  output.line('the guardian says so; --proof checks it', 'quiet')
  output.result({ account: hexFromMoiId(id), asset: hexFromMoiId(asset), balance })
  return 0
}

const tellProven = async (
  output: Output,
  guardian: Guardian,
  { id, asset }: Asked,
  path: string | undefined,
): Promise<ExitCode> => {
  const params = { id: hexFromMoiId(id), asset_id: hexFromMoiId(asset) }
  const file = hexFrom(await guardian.call('moi.NetworkState', params), 'a proof')
  const { balance, checked } = provenIn(file, { id, asset })
  output.line([{ text: amountText(balance, asset), tone: 'strong' }])
  output.table([
    ['proven at', `height ${checked.height} of the account`],
    ['tesseract', `0x${checked.tesseract}`],
    ['sealed by', checked.finality.vouchers.join(', ')],
  ])
  output.line('Compare the guardians with those that you know: the proof names its own.', 'quiet')
  output.result({
    account: hexFromMoiId(id),
    asset: hexFromMoiId(asset),
    balance,
    height: checked.height,
    tesseract: `0x${checked.tesseract}`,
    vouchers: checked.finality.vouchers,
    ...(path === undefined ? {} : { file: path }),
  })
  if (path !== undefined) {
    createFile(path, file, PUBLIC_FILE)
    output.next(`tally verify ${path}`)
  }
  return 0
}

/** What the file proves of this balance. Raises what is wrong with it. */
const provenIn = (
  file: Uint8Array,
  { id, asset }: Asked,
): { readonly balance: bigint; readonly checked: CheckedState } => {
  const of = networkState.decode(bodyFromFile('network-state', file))
  const checked = checkNetworkState(of, createNativeEngine())
  if (isFault(checked)) throw checked
  const path = balancePath(asset, 0n).join('/')
  const found = checked.values.find((one) => one.path.join('/') === path)
  if (of.account !== id || found === undefined) {
    throw new Error('the guardian proves something else than what it was asked for')
  }
  const balance = found.value === undefined ? 0n : amountRecord.decode(found.value)
  return { balance, checked }
}
