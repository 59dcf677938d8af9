/** `tally show`: says what a machine has come to, or what a file is. */
import { accountFolder, askAccount } from '../account-folder.ts'
import { type AddCommand, examples } from '../command.ts'
import { CODES_FLAG, CODES_HELP, type CodesOption, showCodes } from '../codes.ts'
import { findMachineFolder } from '../machine-folder.ts'
import { withDesk } from '../machine-desk.ts'
import { showDesk, turnText } from '../machine-view.ts'
import { nextStep } from '../next-step.ts'
import { postAgain } from '../outbox.ts'
import { askRelayed, relayedFolder } from '../relayed-folder.ts'
import { askShared, sharedFolder } from '../shared-folder.ts'
import {
  drawPictures,
  MERMAID_FLAG,
  MERMAID_HELP,
  type PictureOptions,
  SVG_FLAG,
  SVG_HELP,
} from '../pictures.ts'
import { readInputFile } from '../input-file.ts'
import { bundleFromState } from '../machine-bundle.ts'
import { fileFromBundle } from '../../verify/bundle.ts'
import { kindOfFile } from '../../verify/file.ts'
import { type ExitCode, type Output, usageError } from '../print.ts'
import { showFile } from '../show-file.ts'

type ShowOptions = CodesOption & PictureOptions & { readonly dir?: string; readonly all?: true }

export const addShow: AddCommand = (program, run) => {
  program
    .command('show')
    .argument('[file]', 'any file of ours, from anybody')
    .option('--dir <folder>', 'the machine (default: the only one here)')
    .option('--all', 'show every step, however many there are')
    .option(CODES_FLAG, CODES_HELP)
    .option(SVG_FLAG, SVG_HELP)
    .option(MERMAID_FLAG, MERMAID_HELP)
    .addHelpText(
      'after',
      examples(
        'tally show',
        'tally show --dir alice-bob',
        'tally show deal.tally',
        'tally show alice.card.tally --qr',
        'tally show bet.tally --svg bet',
        'tally show --mermaid bet',
      ),
    )
    .action((file: string | undefined, options: ShowOptions) =>
      run(async (output): Promise<ExitCode> => {
        const all = options.all === true
        if (file !== undefined) {
          await showCodes(output, [file], options)
          await drawFile(output, file, options)
          return showFile(output, file, { all })
        }
        const folder = accountFolder(options.dir)
        const relayed = folder === undefined ? relayedFolder(options.dir) : undefined
        if (relayed !== undefined) {
          return askRelayed('show', output, { ...options, folder: relayed, all })
        }
        const shared = sharedFolder(options.dir)
        if ((folder ?? shared) !== undefined && asksForPictures(options)) throw NO_ACCOUNTS
        if (folder !== undefined) return askAccount('show', output, { folder, all })
        if (shared !== undefined) return askShared('show', output, { folder: shared, all })
        return withDesk(findMachineFolder(options.dir), async (desk): Promise<ExitCode> => {
          showDesk(output, desk, { all })
          const posted = postAgain(desk)
          output.line()
          const { pending, closed } = desk.state()
          if (!pending && !closed) output.line(`The next step is ${turnText(desk)} to propose.`)
          for (const one of posted)
            output.line(['To hand over: ', { text: one.path, tone: 'strong' }])
          await showCodes(
            output,
            posted.map((one) => one.path),
            options,
          )
          if (asksForPictures(options)) {
            const bundle = fileFromBundle(bundleFromState(desk.state(), desk.engine))
            await drawPictures(output, bundle, options)
          }
          output.result({ files: posted })
          output.next(nextStep(desk, posted))
          return 0
        })
      }),
    )
}

const NO_ACCOUNTS = usageError(
  'what a directory holds is drawn from its bundle',
  'tally bundle -o all.tally, then tally show all.tally --svg all',
)

const asksForPictures = ({ svg, mermaid }: PictureOptions): boolean =>
  svg !== undefined || mermaid !== undefined

const drawFile = async (output: Output, path: string, options: PictureOptions): Promise<void> => {
  if (!asksForPictures(options)) return
  const file = readInputFile(path)
  const kind = kindOfFile(file)
  if (kind !== 'bundle')
    throw usageError(`${path} is a ${kind}, and bundles are drawn`, 'tally bundle makes one')
  await drawPictures(output, file, options)
}
