/**
 * `tally serve backup`: a copy of the store of an operator, a custodian or a guardian, while its process runs or not.
 *
 * Promise. The copy is one moment of the store; it was opened, checked and synced before it has its name (`store/sqlite-backup.ts`).
 *
 * Not promised. That it is all there is to keep: the key lies in a file of its own, and the guard is not to be copied at all.
 */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type ExitCode, type Output, usageError } from 'tallystick/shell'
import { STORE_FILE } from '../store/sqlite.ts'
import { backUp } from '../store/sqlite-backup.ts'

export type BackupFlags = { readonly data: string; readonly output: string }

export const backUpStore = async (flags: BackupFlags, output: Output): Promise<ExitCode> => {
  const from = join(resolve(flags.data), STORE_FILE)
  const to = resolve(flags.output)
  if (!existsSync(from)) {
    throw usageError(
      `there is no store in ${flags.data}`,
      'the folder that was named with --data; what lies in PostgreSQL is copied by pg_dump',
    )
  }
  if (existsSync(to)) throw usageError(`${flags.output} is there already`, 'choose another name')
  output.progress('copying …')
  await backUp(from, to)
  output.progress()
  output.line([
    { text: flags.output, tone: 'strong' },
    ' is a copy of the store as it was just now',
  ])
  output.line(
    'The key is not in it. Keep a copy of that elsewhere, and of the guard none.',
    'quiet',
  )
  output.result({ backup: to })
  return 0
}
