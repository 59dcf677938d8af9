/** `tally moi deploy`: puts a logic on the network from its manifest, in JSON, YAML or POLO. */
import { bytesFromHex, isFault } from 'tallystick/base'
import {
  type AddCommand,
  examples,
  type ExitCode,
  type Output,
  readInputFile,
  usageError,
} from 'tallystick/command'
import { type Manifest, poloFromManifest } from 'tallystick/moi'
import { manifestFromFile } from '../guardian/manifest-yaml.ts'
import { deploy } from '../moi/act.ts'
import { calldataFrom } from '../moi/arguments.ts'
import { perform } from './moi-perform.ts'
import {
  calling,
  guardianFrom,
  type GuardianFlags,
  type KeyFlags,
  signerFrom,
  withKey,
} from './moi-ways.ts'

type Flags = GuardianFlags & KeyFlags & { readonly calldata?: string }

const MANIFEST_FILE_BYTES_MAX = 1_048_576

export const addMoiDeploy: AddCommand = (moi, run) => {
  withKey(moi.command('deploy'))
    .description('put a logic on the network')
    .argument('<manifest>', 'its manifest: JSON, YAML or POLO')
    .argument('[callsite]', 'the routine that is run at its deployment')
    .argument('[arguments...]', 'label=value, or the values in the order of the routine')
    .option('--calldata <hex>', 'the arguments as POLO, where they have no other spelling')
    .addHelpText(
      'after',
      examples(
        'tally moi deploy tokenledger.json Seed symbol=MOI supply=1000000 --dev',
        'tally moi deploy flipper.yaml Init --words-file words',
      ),
    )
    .action((file: string, callsite: string | undefined, words: readonly string[], flags: Flags) =>
      run((output) =>
        calling(output, () => deployFile(output, { file, callsite: callsite ?? '', words }, flags)),
      ),
    )
}

const deployFile = async (
  output: Output,
  of: { readonly file: string; readonly callsite: string; readonly words: readonly string[] },
  flags: Flags,
): Promise<ExitCode> => {
  const manifest = manifestIn(of.file)
  const calldata = calldataIn(manifest, of, flags)
  const signer = await signerFrom(output, flags)
  const act = deploy({ manifest: poloFromManifest(manifest), callsite: of.callsite, calldata })
  return perform(output, { guardian: guardianFrom(flags), signer, act })
}

/** A manifest of a file. Raises faults of manifests. */
export const manifestIn = (file: string): Manifest => {
  const read = manifestFromFile(readInputFile(file, MANIFEST_FILE_BYTES_MAX))
  if (isFault(read)) throw read
  return read
}

/** Calldata for a routine, from bytes or from words. Raises a usage error where the manifest has no such routine. */
export const calldataIn = (
  manifest: Manifest,
  of: { readonly callsite: string; readonly words: readonly string[] },
  flags: { readonly calldata?: string },
): Uint8Array => {
  if (flags.calldata !== undefined) {
    if (/^0x(?:[0-9a-f]{2})*$/i.test(flags.calldata))
      return bytesFromHex(flags.calldata.slice(2).toLowerCase())
    throw usageError('calldata is 0x and hexadecimal digits', '--calldata 0x0d0f')
  }
  if (of.callsite === '') return new Uint8Array()
  return calldataFrom(manifest, of.callsite, of.words)
}
