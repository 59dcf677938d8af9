/** `tally bundle`: writes a machine's history as one file that anybody can check, whole or cut down for somebody. */
import type { Command } from 'commander'
import { basename, resolve } from 'node:path'
import { bundleFromFile } from '../../verify/bundle.ts'
import { accountFolder, askAccount } from '../account-folder.ts'
import { type AddCommand, examples } from '../command.ts'
import { readInputFile } from '../input-file.ts'
import { wholeBundle } from '../chapters.ts'
import { writeBundle, writeEvidence } from '../machine-bundle.ts'
import { findMachineFolder } from '../machine-folder.ts'
import { withDesk } from '../machine-desk.ts'
import { sizeText } from '../report-view.ts'
import { type ExitCode, type Output, usageError } from '../print.ts'
import { askRelayed, relayedFolder } from '../relayed-folder.ts'
import { askShared, sharedFolder } from '../shared-folder.ts'
import { isScoped, type ScopeOptions, stemOf, writeScoped } from '../scoped-file.ts'

type BundleOptions = ScopeOptions & {
  readonly dir?: string
  readonly output?: string
  readonly evidence?: true
}

/** `price,margin`, or the option given several times. */
const names = (one: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  ...one.split(','),
]

const withScope = (command: Command): Command =>
  command
    .option('--for <word>', 'who it is for: part of the file’s name, and not in the file')
    .option('--hide <fields>', 'leave these values out, e.g. price,margin', names)
    .option('--show <fields>', 'leave all other values out', names)
    .option('--machine <id>', 'only this machine and what it rests on; may be repeated', names)
    .option('--steps <a..b>', 'show these steps; of the others only headers and certificates')

export const addBundle: AddCommand = (program, run) => {
  withScope(
    program
      .command('bundle')
      .argument('[file]', 'a bundle to cut down (default: the machine here)')
      .option('-o, --output <file>', 'where to (default: the machine’s folder and .tally)')
      .option('--evidence', 'only the proof that the other party broke its word')
      .option('--dir <folder>', 'the machine (default: the only one here)'),
  )
    .addHelpText(
      'after',
      examples(
        'tally bundle',
        'tally bundle -o deal.tally',
        'tally bundle lot.tally --for auditor --hide price',
        'tally bundle lot.tally --steps 3..5 -o part.tally',
      ),
    )
    .action((path: string | undefined, options: BundleOptions) =>
      run((output) =>
        path === undefined ? bundleHere(output, options) : cutDown(output, path, options),
      ),
    )
}

const cutDown = (output: Output, path: string, options: BundleOptions): ExitCode => {
  if (options.evidence === true || options.dir !== undefined) {
    throw usageError(
      '--evidence and --dir are about a machine, not a file',
      'leave out one of them',
    )
  }
  if (!isScoped(options)) {
    throw usageError(
      `${path} is a bundle already`,
      'say what to leave out: --hide, --show, --machine, --steps',
    )
  }
  const bundle = bundleFromFile(readInputFile(path))
  return writeScoped(output, { bundle, name: stemOf(path), output: options.output }, options)
}

const bundleHere = (output: Output, options: BundleOptions): Promise<ExitCode> => {
  const folder = accountFolder(options.dir)
  const relayed = folder === undefined ? relayedFolder(options.dir) : undefined
  if (relayed !== undefined && !isScoped(options)) {
    return askRelayed('bundle', output, { folder: relayed, ...options })
  }
  const shared =
    folder === undefined && relayed === undefined ? sharedFolder(options.dir) : undefined
  if ((folder ?? relayed ?? shared) === undefined) return bundleOfDesk(output, options)
  if (!isScoped(options)) {
    return folder === undefined
      ? askShared('bundle', output, { folder: shared ?? '', ...options })
      : askAccount('bundle', output, { folder, ...options })
  }
  throw usageError(
    'a bundle of this folder is written whole first',
    'tally bundle -o whole.tally, then tally bundle whole.tally with the same options',
  )
}

const bundleOfDesk = (output: Output, options: BundleOptions): Promise<ExitCode> =>
  withDesk(findMachineFolder(options.dir), async (desk): Promise<ExitCode> => {
    if (isScoped(options) && options.evidence !== true) {
      const bundle = wholeBundle(desk)
      const name = basename(resolve(desk.folder.path))
      return writeScoped(output, { bundle, name, output: options.output }, options)
    }
    const { path, bytes, steps } =
      options.evidence === true
        ? writeEvidence(desk, options.output)
        : writeBundle(desk, wholeBundle(desk), options.output)
    output.line([
      'Wrote ',
      { text: path, tone: 'strong' },
      `, ${sizeText(bytes)}${steps === undefined ? '' : `, ${steps} ${steps === 1 ? 'step' : 'steps'}`}`,
    ])
    output.result({ file: path, bytes, steps })
    output.next(`tally verify ${path}`)
    return 0
  })
