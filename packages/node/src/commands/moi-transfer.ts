/** `tally moi transfer`: gives somebody so much of an asset, or registers them with it. */
import { bytesFromHex } from 'tallystick/base'
import { type AddCommand, examples } from 'tallystick/command'
import { KMOI_ASSET, participantOfKey } from 'tallystick/moi'
import { type Act, create, transfer } from '../moi/act.ts'
import { perform } from './moi-perform.ts'
import {
  amountFrom,
  assetFrom,
  assetName,
  calling,
  guardianFrom,
  type GuardianFlags,
  idFrom,
  type KeyFlags,
  signerFrom,
  withKey,
} from './moi-ways.ts'

type Flags = GuardianFlags & KeyFlags & { readonly asset: string }

export const addMoiTransfer: AddCommand = (moi, run) => {
  withKey(moi.command('transfer'))
    .description('give somebody so much of an asset; a public key is registered with it')
    .argument('<to>', 'an account, or the public key of one that does not exist yet')
    .argument('<amount>', 'in units of the asset')
    .option('--asset <id>', 'the asset', 'kmoi')
    .addHelpText(
      'after',
      examples(
        'tally moi transfer 0x0000…0000 250 --dev',
        'tally moi transfer 0x0000…0000 250 --asset 0x1003…0000 --words-file words',
        'tally moi transfer 02ab…cd 50000 --dev             register an account, with KMOI',
      ),
    )
    .action((to: string, amount: string, flags: Flags) =>
      run((output) =>
        calling(output, async () => {
          const act = actFrom(to, amountFrom(amount), flags)
          const signer = await signerFrom(output, flags)
          output.line(`${amount} ${assetName(assetFrom(flags.asset))} to ${to}`)
          return perform(output, { guardian: guardianFrom(flags), signer, act })
        }),
      ),
    )
}

const PUBLIC_KEY = /^(?:0x)?(0[23][0-9a-f]{64})$/i

const actFrom = (to: string, amount: bigint, flags: Flags): Act => {
  const [, key] = PUBLIC_KEY.exec(to) ?? []
  const asset = assetFrom(flags.asset)
  if (key === undefined) return transfer({ asset, to: idFrom(to), amount })
  const publicKey = bytesFromHex(key.toLowerCase())
  const id = participantOfKey(publicKey)
  const born = create({ id, publicKey, amount: asset === KMOI_ASSET ? amount : 1n })
  if (asset === KMOI_ASSET) return born
  const given = transfer({ asset, to: id, amount })
  return {
    operations: [...born.operations, ...given.operations],
    participants: [...born.participants, ...given.participants.filter((one) => one.id !== id)],
  }
}
