/** Whose step a step of a file is, as far as the file's own charters say: for faults that are no party's alone. */
import { faultFrom, isFault } from '../base/fault.ts'
import { charter, machineId, proposerAt, type Terms } from '../kernel/charter.ts'
import { partsFromFile, readPart } from '../verify/bundle.ts'

/** The name of the party whose turn a step was; undefined where that cannot be said. */
export type StepOwner = (machine: string, step: bigint) => string | undefined

/** Terms that were changed later are not looked at: what is said here is for finding one's way, and judges nothing. */
export const stepOwnerIn = (file: Uint8Array): StepOwner => {
  const terms = new Map<string, Terms>()
  const parts = faultFrom(() => partsFromFile(file))
  if (!isFault(parts)) {
    for (const framed of parts.charters) {
      const read = readPart(charter, framed, 'charter')
      if (!isFault(read)) terms.set(machineId(read), read.terms)
    }
  }
  return (machine, step) => {
    // A damaged step may name a machine that is nowhere in the file; with a single one there it is clear which was meant.
    const found = terms.get(machine) ?? (terms.size === 1 ? [...terms.values()][0] : undefined)
    if (!found || step < 1n) return undefined
    const party = proposerAt(found, step)
    return party === 'anyone' ? undefined : found.participants[party]?.name
  }
}
