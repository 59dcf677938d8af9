/** `tally audit`: demands of the operators of an account that they account for what they signed, and compares with others. */
import { existsSync } from 'node:fs'
import {
  accountFolder,
  type AddCommand,
  dirOptionFor,
  examples,
  type ExitCode,
  type Output,
  PUBLIC_FILE,
  readInputFile,
  replaceFile,
  usageError,
} from 'tallystick/command'
import { auditAccount, checkpointFile, heardFrom, tellAudit } from '../account/audit.ts'
import { withOffice } from '../account/office.ts'
import { AUDIT_MS } from '../client/limits.ts'
import type { Heard } from 'tallystick/models'

type Flags = { readonly dir?: string; readonly with?: string; readonly output?: string }

export const addAudit: AddCommand = (program, run) => {
  program
    .command('audit')
    .description('ask the operators of an account to account for what they signed')
    .option('--dir <folder>', 'the account (default: the folder you stand in)')
    .option('--with <file>', 'checkpoints that somebody else has seen: compare them')
    .option('-o, --output <file>', 'write what this account has seen, for somebody else')
    .addHelpText(
      'after',
      examples(
        'tally audit',
        'tally audit -o seen.json                    for somebody at the same directory',
        'tally audit --with seen.json --dir bob',
      ),
    )
    .action((flags: Flags) => run((output) => auditFolder(output, flags)))
}

export const auditFolder = async (output: Output, flags: Flags): Promise<ExitCode> => {
  const folder = accountFolder(flags.dir)
  if (folder === undefined) {
    throw usageError('there is no account here', 'name its folder with --dir')
  }
  const heard = flags.with === undefined ? [] : heardIn(flags.with)
  return withOffice(output, folder, {}, async (office): Promise<ExitCode> => {
    const found = await auditAccount(office, { waitMs: AUDIT_MS, heard })
    if (flags.with !== undefined) {
      const known = heard.filter((one) => found.memory.state.accounts.has(one.operator))
      if (known.length === 0) {
        throw usageError(`${flags.with} is about none of these operators`, ASK_FOR_FILE)
      }
      output.line(`Compared with ${known.length} checkpoints in ${flags.with}.`, 'quiet')
      output.result({ compared: known.length })
    }
    const code = tellAudit(output, found)
    for (const one of found.refusals) output.line(`passed over, ${one}`, 'quiet')
    if (flags.output !== undefined) {
      replaceFile(flags.output, checkpointFile(found), PUBLIC_FILE)
      output.line(['Wrote ', { text: flags.output, tone: 'strong' }, ', nothing secret in it.'])
      output.result({ file: flags.output })
    }
    const [proof] = found.files.values()
    const dir = dirOptionFor(folder)
    output.next(proof === undefined ? `tally watch${dir}` : `tally verify ${proof}`)
    return code
  })
}

const ASK_FOR_FILE = 'whoever has an account at the same directory writes it: tally audit -o FILE'

const heardIn = (path: string): readonly Heard[] => {
  const heard = existsSync(path) ? heardFrom(readInputFile(path)) : []
  if (heard.length === 0) throw usageError(`${path} holds no checkpoints`, ASK_FOR_FILE)
  return heard
}
