/**
 * One operator of `tally dev` in a process of its own: `dev-operator.ts FLAGS`, what `tally serve directory` is told, as JSON. It
 * is that command without a command line in front of it; built, it is one file, because a process that reads a hundred files
 * starts later. `tally serve directory` goes on from the same folder.
 */
import { createOutput, type ExitCode, reportError } from 'tallystick/shell'
import type { DirectoryFlags } from './serve-directory-flags.ts'
import { serveDirectory } from './serve-directory.ts'

/** What `tally dev` says to each; the rest is as it is by default. */
type Told = Pick<DirectoryFlags, 'data' | 'port' | 'suite' | 'name'>

const main = async (told: string | undefined): Promise<ExitCode> => {
  const output = createOutput({ json: false })
  try {
    const flags: DirectoryFlags = {
      ...toldFrom(told ?? ''),
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

const toldFrom = (text: string): Told => {
  const json: unknown = JSON.parse(text)
  const textOf = (name: keyof Told): string => {
    const found: unknown =
      typeof json === 'object' && json !== null
        ? Object.getOwnPropertyDescriptor(json, name)?.value
        : undefined
    if (typeof found !== 'string') throw new Error(`an operator is told its ${name}`)
    return found
  }
  return {
    data: textOf('data'),
    port: textOf('port'),
    suite: textOf('suite'),
    name: textOf('name'),
  }
}

process.exitCode = await main(process.argv[2])
