/**
 * Once both have signed that operators go on: these are told of the machine, and what they sign begins the era in which they
 * certify it. Either of the two may do it, and both do, each for the own folder. `tally handover` does it where the two certified the
 * machine themselves, `tally operators change` where other operators did.
 */
import { equalBytes } from 'tallystick/base'
import {
  beginEra,
  dirOption,
  type ExitCode,
  type MachineFolder,
  openMachineDesk,
  type Output,
  payWords,
  readMachineFolder,
  type SharedAsk,
  usageError,
  wholeBundle,
} from 'tallystick/command'
import type { Machine } from 'tallystick/kernel'
import { DIRECTORY, directoryPolicy } from 'tallystick/models'
import { createNativeEngine } from 'tallystick/engine-native'
import { type DirectoryFile, readDirectoryFile } from '../account/directory-file.ts'
import { fileOf } from '../account/folder.ts'
import { createDirectoryClient } from '../client/directory.ts'
import { platformSurroundings } from '../client/surroundings.ts'
import { gatherAcceptances, type TakenOver } from '../client/takeover.ts'
import { changesIn } from './changes.ts'
import { waitMsOf } from '../account/wait.ts'

export const takeOverMachine = async (output: Output, ask: SharedAsk): Promise<ExitCode> => {
  const folder = readMachineFolder(ask.folder)
  if (ask.directory === undefined) {
    throw usageError('who the operators are is not said', 'add --directory FILE')
  }
  const directory = readDirectoryFile(ask.directory)
  const desk = openMachineDesk(folder)
  try {
    const { machine } = desk.state()
    checkSame(machine, directory, ask.directory)
    const changes = changesIn(wholeBundle(desk), folder.charter, [machine.headId])
    output.progress('asking the operators to go on …')
    const client = createDirectoryClient(directory.addresses, {
      surroundings: platformSurroundings(),
      verifier: createNativeEngine(),
    })
    const taken = await gatherAcceptances(client, { machine, changes, waitMs: waitMsOf(ask) })
    output.progress()
    const again = `tally handover --directory ${ask.directory}`
    return concludeTakeover(output, folder, { machine, directory, taken, again })
  } finally {
    desk.close()
  }
}

/** The file has to name whom the two have agreed on. */
export const checkSame = ({ terms }: Machine, { policy }: DirectoryFile, path: string): void => {
  const agreed =
    terms.policy.kind === DIRECTORY
      ? directoryPolicy.decode(terms.policy.params).operators
      : undefined
  if (!agreed) throw usageError('the two have not agreed on operators', 'tally show says how it is')
  const other = agreed.find(
    (one) => !policy.operators.some((known) => equalBytes(known.publicKey, one.publicKey)),
  )
  if (!other) return
  throw usageError(
    `${path} does not name ${other.name}, whom you have agreed on`,
    'name the directory file that you proposed',
  )
}

type Concluding = {
  readonly machine: Machine
  readonly directory: DirectoryFile
  readonly taken: TakenOver
  /** What asks them again. */
  readonly again: string
}

export const concludeTakeover = (
  output: Output,
  folder: MachineFolder,
  { machine, directory, taken, again }: Concluding,
): ExitCode => {
  const { accepted, names, why } = taken
  const missing = [...why].map(([name, text]) => ({ name, why: text }))
  const dir = dirOption(folder)
  output.result({ machine: folder.id, step: machine.head.sequence, accepted: names, missing })
  if (!accepted) {
    const late = missing.map((one) => one.name).join(' and ')
    output.line(`Not taken over yet: it waits for ${late}.`, 'warn')
    output.table(missing.map((one) => [one.name, one.why]))
    output.line('Until a quorum has accepted, nobody can take a step.', 'quiet')
    output.next(`${again}${dir}`)
    return 2
  }
  const addresses = fileOf({ operators: directory.addresses })
  beginEra(folder, { start: machine, accepted }, new Map([['directory.json', addresses]]))
  output.line(`${names.join(', ')} have accepted: they certify it from step`, 'good')
  output.line(`${machine.head.sequence + 1n} on, and either of you may take a step alone.`)
  for (const one of missing) output.line(`${one.name} is told later: ${one.why}`, 'warn')
  output.next(`tally propose ${payWords(folder)}${dir}`)
  return 0
}
