/** `tally bundle`: writes a machine's history as one file that anybody can check. */
import { accountFolder, askAccount } from '../account-folder.ts'
import { type AddCommand, examples } from '../command.ts'
import { writeBundle, writeEvidence } from '../machine-bundle.ts'
import { findMachineFolder } from '../machine-folder.ts'
import { withDesk } from '../machine-desk.ts'
import { sizeText } from '../report-view.ts'
import type { ExitCode } from '../print.ts'

type BundleOptions = {
  readonly dir?: string
  readonly output?: string
  readonly evidence?: true
}

export const addBundle: AddCommand = (program, run) => {
  program
    .command('bundle')
    .description('write what was agreed as one file that anybody can check')
    .option('-o, --output <file>', 'where to (default: the machine’s folder and .tally)')
    .option('--evidence', 'only the proof that the other party broke its word')
    .option('--dir <folder>', 'the machine (default: the only one here)')
    .addHelpText('after', examples('tally bundle', 'tally bundle -o deal.tally'))
    .action((options: BundleOptions) =>
      run((output) => {
        const folder = accountFolder(options.dir)
        if (folder !== undefined) return askAccount('bundle', output, { folder, ...options })
        return withDesk(findMachineFolder(options.dir), async (desk): Promise<ExitCode> => {
          const write = options.evidence === true ? writeEvidence : writeBundle
          const { path, bytes, steps } = write(desk, options.output)
          output.line([
            'Wrote ',
            { text: path, tone: 'strong' },
            `, ${sizeText(bytes)}${steps === undefined ? '' : `, ${steps} steps`}`,
          ])
          output.result({ file: path, bytes, steps })
          output.next(`tally verify ${path}`)
          return 0
        })
      }),
    )
}
