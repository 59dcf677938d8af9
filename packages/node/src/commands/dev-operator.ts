/**
 * One operator of `tally dev` in a process of its own: `dev-operator.ts FLAGS`, what `tally serve directory` is told, as JSON. It
 * is that command without a command line in front of it; built, it is one file, because a process that reads a hundred files
 * starts later. `tally serve directory` goes on from the same folder.
 */
import { createOutput, type ExitCode, reportError } from 'tallystick/shell'
import { stopWithParent } from '../dev/child.ts'
import { toldFrom } from './dev-told.ts'
import type { DirectoryFlags } from './serve-directory-flags.ts'
import { serveDirectory } from './serve-directory.ts'

const main = async (told: string | undefined): Promise<ExitCode> => {
  const output = createOutput({ json: false })
  try {
    const of = toldFrom(told)
    stopWithParent()
    // The rest is as it is by default.
    const flags: DirectoryFlags = {
      data: of('data'),
      port: of('port'),
      suite: of('suite'),
      name: of('name'),
      peersLater: of('peersLater'),
      host: '127.0.0.1',
      init: true,
      unsealed: true,
      auditEvery: '60',
      logLevel: 'warning',
    }
    return await serveDirectory(flags, output)
  } catch (error) {
    return reportError(output, error)
  } finally {
    output.finish()
  }
}

process.exitCode = await main(process.argv[2])
