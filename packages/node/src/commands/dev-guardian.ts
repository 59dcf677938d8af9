/**
 * The guardian of `tally dev` in a process of its own: `dev-guardian.ts FLAGS`, where it works and listens, as JSON. It is
 * `tally serve guardian --dev --json`, which goes on from the same folder, without a command line in front of it.
 */
import { createOutput, type ExitCode, reportError } from 'tallystick/shell'
import { stopWithParent } from '../dev/child.ts'
import { toldFrom } from './dev-told.ts'
import { serveGuardian } from './serve-guardian.ts'

const main = async (told: string | undefined): Promise<ExitCode> => {
  const output = createOutput({ json: true })
  try {
    const of = toldFrom(told)
    stopWithParent()
    const where = { data: of('data'), port: of('port'), host: '127.0.0.1' }
    return await serveGuardian({ ...where, dev: true, logLevel: 'warning' }, output)
  } catch (error) {
    return reportError(output, error)
  } finally {
    output.finish()
  }
}

process.exitCode = await main(process.argv[2])
