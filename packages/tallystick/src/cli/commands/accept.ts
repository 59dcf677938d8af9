/** `tally accept`: takes what the other party sent, shows it, asks, and answers. */
import { acceptInvite } from '../accept-invite.ts'
import { acceptMessages } from '../accept-message.ts'
import { accountFolder, askAccount } from '../account-folder.ts'
import { type AddCommand, examples } from '../command.ts'
import { type DeliveryOption, withDelivery } from '../delivery.ts'
import { folderForMessages, readIncoming } from '../incoming.ts'
import { withDesk } from '../machine-desk.ts'
import {
  keepRisk,
  RISK_ALL_FLAG,
  RISK_ALL_HELP,
  RISK_FLAG,
  RISK_HELP,
  type RiskOption,
} from '../risk.ts'
import { PASSPHRASE_FLAG, PASSPHRASE_HELP } from '../passphrase-option.ts'
import { askRelayed, isRelayedLink } from '../relayed-folder.ts'
import { askShared, sharedFolderFor } from '../shared-folder.ts'
import type { Answering } from '../ask-person.ts'

type AcceptOptions = Answering &
  DeliveryOption &
  RiskOption & {
    readonly dir?: string
    readonly relay: readonly string[]
    readonly as?: string
    readonly bunker?: string
    readonly private?: true
    readonly device?: string
  }

const collect = (one: string, before: readonly string[]): readonly string[] => [...before, one]

export const addAccept: AddCommand = (program, run) => {
  withDelivery(
    program
      .command('accept')
      .argument('[files...]', 'what you were handed; without any, the open question is answered')
      .option('--dir <folder>', 'the machine (default: the one the file is for)')
      .option('--relay <url>', 'with a nostr: link: where to look for it; repeat it', collect, [])
      .option('--as <name>', 'with a link: your identity, if you have several')
      .option('--device <name>', 'with a link: the device that signs')
      .option('--private', 'with a link: the machine is encrypted, and you were sent its keys')
      .option('--bunker <uri>', 'with a link: bunker://…, which has the key and signs')
      .option('--yes', 'agree without being asked')
      .option('--no', 'decline without being asked')
      .option(RISK_FLAG, RISK_HELP)
      .option(RISK_ALL_FLAG, RISK_ALL_HELP)
      .option(PASSPHRASE_FLAG, PASSPHRASE_HELP),
  )
    .addHelpText(
      'after',
      examples(
        'tally accept invite.tally',
        'tally accept 512d04a6-step1-round0-offer.tally',
        'tally accept photo-1.png photo-2.png      QR codes, in any order',
        'tally accept nostr:nevent1…               a machine that custodians hold',
        'tally accept paid.tally --dir bob --risk 20   money that its payer alone has signed, up to 20 of each',
      ),
    )
    .action((files: readonly string[], options: AcceptOptions) =>
      run((output) => {
        if (files.some(isRelayedLink)) return askRelayed('accept', output, { files, ...options })
        const folder = accountFolder(options.dir)
        if (folder !== undefined) return askAccount('accept', output, { folder, files, ...options })
        const shared = sharedFolderFor(options.dir, files)
        if (shared !== undefined) {
          return askShared('accept', output, { folder: shared, files, ...options })
        }
        const { invite, messages } = readIncoming(files)
        if (invite) return acceptInvite(output, invite.file, options)
        const at = folderForMessages(options.dir, messages)
        keepRisk(at.path, options)
        return withDesk(at, (desk) => acceptMessages(output, desk, messages, options))
      }),
    )
}
