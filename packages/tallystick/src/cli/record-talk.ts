/** What words about records are said of: a machine's folder, and the folders and files beside it. */
import { randomBytes } from 'node:crypto'
import { type Charter, machineId } from '../kernel/charter.ts'
import type { Interaction } from '../kernel/interaction.ts'
import { stepsOf } from '../models/bilateral/state.ts'
import { type Bundle, bundleFromFile } from '../verify/bundle.ts'
import { earlierInteractions } from './chapters.ts'
import { readInputFile } from './input-file.ts'
import { type MachineDesk, openMachineDesk } from './machine-desk.ts'
import { isMachineFolder, readMachineFolder } from './machine-folder.ts'
import { usageError } from './print.ts'
import { type Beside, logicIn, type RecordTalk } from './record-words.ts'

export const recordTalk = (desk: MachineDesk): RecordTalk => ({
  machine: desk.state().machine,
  own: desk.folder.own,
  steps: interactionsOf(desk),
  random: (bytes) => new Uint8Array(randomBytes(bytes)),
  beside,
  file: readInputFile,
})

/** Its steps, in whichever era. */
const interactionsOf = (desk: MachineDesk): readonly Interaction[] => [
  ...earlierInteractions(desk.folder),
  ...stepsOf(desk.state()).map((one) => one.interaction),
]

/** The machine in a folder, or the one of a bundle that keeps records. Raises a usage error where there is none. */
export const beside = (named: string): Beside => {
  if (isMachineFolder(named)) {
    const desk = openMachineDesk(readMachineFolder(named))
    const steps = interactionsOf(desk)
    desk.close()
    if (logicIn(desk.folder.charter) < 0) throw noRecords(named)
    return { charter: desk.folder.charter, steps }
  }
  const bundle = bundleFromFile(readInputFile(named))
  const charter = bundle.charters.find((one) => logicIn(one) >= 0)
  if (!charter) throw noRecords(named)
  return { charter, steps: stepsIn(bundle, charter) }
}

const noRecords = (named: string): Error =>
  usageError(`${named} keeps no records`, 'name a folder or a bundle of a machine that does')

const stepsIn = (bundle: Bundle, of: Charter): readonly Interaction[] => {
  const id = machineId(of)
  return bundle.steps
    .map((one) => one.interaction)
    .filter((one) => one.legs.some((leg) => leg.machine === id && leg.access === 'write'))
}
