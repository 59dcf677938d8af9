/** `tally id guardians`: splits a way to recover an identity among people. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { bytesFromUtf8 } from 'tallystick/base'
import {
  type AddCommand,
  createFile,
  createPrivateFolder,
  examples,
  type ExitCode,
  openIdentity,
  type Output,
  passphraseOf,
  type PassphraseOption,
  ringFrom,
  showOwn,
  usageError,
} from 'tallystick/command'
import { type GuardianShare, shareFromText, textFromShare } from 'tallystick/kernel'
import { combineShares, splitSecret } from '../identity/guardians.ts'
import {
  checkInHand,
  checkWays,
  handInAt,
  nameWay,
  waysInHand,
  type WaysFlags,
  withWaysOptions,
} from './id-ways.ts'

type Flags = WaysFlags &
  PassphraseOption & {
    readonly as?: string
    readonly shares: string
    readonly threshold: string
    readonly dir: string
    readonly renew?: boolean
    readonly directory?: string
  }

export const addIdGuardians: AddCommand = (id, run) => {
  withWaysOptions(id.command('guardians'))
    .description('split a way to recover your identity among people you trust')
    .option('--as <name>', 'the identity, if you have several')
    .option('--shares <count>', 'how many guardians', '5')
    .option('--threshold <count>', 'how many of them are enough', '3')
    .option('--dir <folder>', 'where the shares are written', 'guardians')
    .option('--renew', 'ways to recover that you do not name end')
    .addHelpText(
      'after',
      examples(
        'tally id guardians --shares 5 --threshold 3',
        'tally id guardians --words-file fd:3       beside the words that you have',
        'tally id guardians --renew --share a.txt --share b.txt --share c.txt',
      ),
    )
    .action((flags: Flags) => run((output) => guardians(output, flags)))
}

const guardians = async (output: Output, flags: Flags): Promise<ExitCode> => {
  const found = ringFrom(flags.as)
  const before = openIdentity(found)
  const hasWays = checkInHand(before, flags)
  const [shares, threshold] = [countFrom(flags.shares), countFrom(flags.threshold)]
  const secret = new Uint8Array(randomBytes(32))
  const parts = await splitSecret(secret, { identity: before.id, shares, threshold })
  const ring = { ...found, passphrase: await passphraseOf(output, flags, found) }
  const inHand = hasWays ? await waysInHand(output, flags, before.id) : []
  if (hasWays) checkWays(ring.engine, before, inHand)
  // The shares first: a way that is named and that nobody holds would be no way.
  createPrivateFolder(flags.dir)
  const paths = parts.map((one) => writeShare(flags.dir, before.name, one))
  output.progress('making keys …')
  const fresh = { way: 'guardians', secret } as const
  const after = nameWay(ring, before, { inHand, fresh, renew: flags.renew === true })
  const again = parts.slice(0, threshold).map((one) => shareFromText(textFromShare(one)))
  checkWays(ring.engine, after, [
    { way: 'guardians', secret: await combineShares(before.id, again) },
  ])
  output.progress()
  output.line(`${threshold} of ${shares} guardians can recover ${before.name}. Their shares:`)
  output.table(paths.map((path, at) => [`guardian ${at + 1}`, path]))
  output.line('Give each to one person, and delete it here. A share fits a QR code.', 'warn')
  output.result({ shares: paths, threshold })
  if (flags.directory === undefined) {
    output.result(showOwn(output, ring))
    output.next('tally id publish --directory FILE')
    return 0
  }
  return handInAt(output, {
    engine: ring.engine,
    path: flags.directory,
    log: after.log,
    next: `hand out what lies in ${flags.dir}`,
  })
}

const writeShare = (folder: string, name: string, share: GuardianShare): string => {
  const path = join(folder, `${name}-share-${share.position + 1}.txt`)
  createFile(path, bytesFromUtf8(`${textFromShare(share)}\n`))
  return path
}

const countFrom = (typed: string): number => {
  if (/^[0-9]{1,3}$/.test(typed)) return Number(typed)
  throw usageError(`${typed} is no count`, 'tally id guardians --shares 5 --threshold 3')
}
