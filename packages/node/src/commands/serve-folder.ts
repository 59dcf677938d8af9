/** What `tally serve` has in common for everybody whom it runs: the folder with the key, and logs. */
import { configure } from '@logtape/logtape'
import { SUITE_IDS, type SuiteId } from 'tallystick/base'
import { type Output, passphraseOf, usageError } from 'tallystick/shell'
import { createNativeEngine } from 'tallystick/engine-native'
import { createJsonSink, LOG_CATEGORY } from '../server/log.ts'
import {
  createOperatorFolder,
  type OperatorFolder,
  readOperatorFolder,
} from '../server/operator-folder.ts'

export type FolderFlags = {
  readonly name?: string
  readonly suite?: string
  readonly init?: true
  readonly unsealed?: true
  readonly passphraseFile?: string
}

/** Whoever is in the folder, made if that was asked for, and the passphrase of its key. */
export const folderFrom = async (
  flags: FolderFlags,
  folder: string,
  output: Output,
): Promise<{ readonly of: OperatorFolder; readonly passphrase: string | undefined }> => {
  const ask = (name: string, isNew: boolean): Promise<string> =>
    passphraseOf(output, flags, { name, isNew })
  const found = readOperatorFolder(folder)
  if (found) {
    return { of: found, passphrase: found.isSealed ? await ask(found.name, false) : undefined }
  }
  if (flags.init !== true) {
    throw usageError(`there is nobody in ${folder} yet`, 'add --init --name NAME')
  }
  const { name } = flags
  if (name === undefined || !/^[a-z0-9][a-z0-9-]{0,31}$/.test(name)) {
    throw usageError(
      'whoever serves needs a name of 1 to 32 lower-case letters, digits and dashes',
      '--name north',
    )
  }
  // A guardian's is chosen by its command, which brings that suite's hash.
  const suite = flags.suite === 'moi' ? flags.suite : suiteFrom(flags.suite ?? 'quantum')
  const passphrase = flags.unsealed === true ? undefined : await ask(name, true)
  createOperatorFolder(folder, { name, suite, passphrase }, createNativeEngine())
  return { of: { name, suite, isSealed: passphrase !== undefined }, passphrase }
}

const suiteFrom = (text: string): SuiteId => {
  const suite = SUITE_IDS.find((one) => one === text && one !== 'moi')
  if (suite) return suite
  throw usageError(`there is no suite ${text}`, '--suite quantum, classic, nostr or evm')
}

const LEVELS = ['debug', 'info', 'warning', 'error'] as const

/** Lines of JSON on standard error; standard output is for the command's own words. */
export const configureLogs = async (flags: { readonly logLevel: string }): Promise<void> => {
  const lowestLevel = LEVELS.find((one) => one === flags.logLevel)
  if (!lowestLevel) throw usageError(`${flags.logLevel} is no level`, '--log-level info')
  await configure({
    reset: true,
    sinks: { lines: createJsonSink((line) => process.stderr.write(line)) },
    loggers: [
      { category: [...LOG_CATEGORY], sinks: ['lines'], lowestLevel },
      // The library's own remarks about its set-up.
      { category: ['logtape', 'meta'], sinks: ['lines'], lowestLevel: 'warning' },
    ],
  })
}
