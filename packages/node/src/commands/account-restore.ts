/** `tally account restore`: an account whose folder is lost, from the directory. */
import { idFromHex } from 'tallystick/base'
import {
  type AddCommand,
  deviceFrom,
  dirOptionFor,
  examples,
  type ExitCode,
  type Output,
  ringFrom,
} from 'tallystick/command'
import { readDirectoryFile } from '../account/directory-file.ts'
import { restoreAccount } from '../account/restore.ts'

type Flags = {
  readonly directory: string
  readonly machine: string
  readonly as?: string
  readonly device?: string
  readonly dir?: string
  readonly quorum?: boolean
}

export const addAccountRestore: AddCommand = (account, run) => {
  account
    .command('restore')
    .description('make the folder of an account again, from what its operators know')
    .requiredOption('--directory <file>', 'who certifies, as its operators handed it out')
    .requiredOption('--machine <id>', 'the account, all 64 digits')
    .option('--as <name>', 'the identity, if you have several')
    .option('--device <name>', 'the device that owns it (default: the first with its key here)')
    .option('--dir <folder>', 'where it is kept (default: the name of the identity)')
    .option('--quorum', 'do not wait for operators beyond a quorum; a step they alone saw is lost')
    .addHelpText(
      'after',
      examples('tally account restore --directory directory.json --machine 51c2… --as alice'),
    )
    .action((flags: Flags) => run((output) => restore(output, flags)))
}

const restore = async (output: Output, flags: Flags): Promise<ExitCode> => {
  const ring = ringFrom(flags.as)
  const device = deviceFrom(ring, flags.device)
  const path = flags.dir ?? ring.name
  output.progress('asking the operators …')
  const restored = await restoreAccount(output, {
    directory: readDirectoryFile(flags.directory),
    machine: idFromHex<'machine'>(flags.machine),
    path,
    identity: ring.name,
    device: device.name,
    key: device.key,
    isQuorumEnough: flags.quorum === true,
  })
  output.progress()
  if (restored.is === 'waiting') {
    const names = restored.names.join(', ')
    output.line(`Not restored: ${names} may know of a step that nobody else has seen.`, 'warn')
    output.line('Nothing was made.')
    output.result({ restored: false, waitingFor: restored.names })
    output.next('the same again when they answer, or with --quorum')
    return 2
  }
  output.line(`The account lies in ${path}, at its step ${restored.steps}.`, 'good')
  output.result({
    restored: true,
    account: restored.folder.id,
    folder: path,
    steps: restored.steps,
  })
  output.next(`tally show${dirOptionFor(path)}`)
  return 0
}
