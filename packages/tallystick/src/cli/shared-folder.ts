/**
 * Machine folders whose machine operators certify now, as far as this package knows them: commands on them hand over to
 * `@tallystick/node`, as for accounts.
 */
import { faultFrom, isFault } from '../base/fault.ts'
import { machineId } from '../kernel/charter.ts'
import { bundleFromFile } from '../verify/bundle.ts'
import { kindOfFile } from '../verify/file.ts'
import { eraOf, isUnderOperators } from './eras.ts'
import { loadExtension, type SharedAsk, type SharedVerb } from './extension.ts'
import { readInputFile } from './input-file.ts'
import {
  findMachineFolder,
  isMachineFolder,
  type MachineFolder,
  machineFoldersHere,
} from './machine-folder.ts'
import type { ExitCode, Output } from './print.ts'

const isShared = (folder: MachineFolder): boolean => {
  const era = eraOf(folder)
  return era !== undefined && isUnderOperators(era)
}

/** The folder that a command is about, if operators certify its machine: the one named, or the only one here. */
export const sharedFolder = (named: string | undefined): string | undefined => {
  if (named !== undefined && !isMachineFolder(named)) return undefined
  const here = named === undefined ? machineFoldersHere() : []
  if (named === undefined && here.length !== 1) return undefined
  const folder = here[0] ?? findMachineFolder(named)
  return isShared(folder) ? folder.path : undefined
}

/** The folder here that bundles are for, if operators certify its machine. */
export const sharedFolderFor = (
  named: string | undefined,
  files: readonly string[],
): string | undefined => {
  if (named !== undefined || files.length === 0) return sharedFolder(named)
  const [first = ''] = files
  const file = readInputFile(first)
  const kind = faultFrom(() => kindOfFile(file))
  const bundle = kind === 'bundle' ? faultFrom(() => bundleFromFile(file)) : undefined
  if (bundle === undefined || isFault(bundle)) return undefined
  const ids = new Set(bundle.charters.map((one) => machineId(one)))
  return machineFoldersHere().find((one) => ids.has(one.id) && isShared(one))?.path
}

/** Has the other package do it. Raises a usage error where that package is not there. */
export const askShared = async (
  verb: SharedVerb,
  output: Output,
  ask: SharedAsk,
): Promise<ExitCode> => (await loadExtension(verb)).shared[verb](output, ask)
