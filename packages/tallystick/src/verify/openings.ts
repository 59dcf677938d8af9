/**
 * Openings: the values of fields that a file shows, each held against the commitment in a step of the same file.
 *
 * Promise. A value is reported for a field only if its salted hash is the one that the step committed to, and the step
 * was run. Every opening in a file opens something, and nothing is opened twice: what stands in a file unused could be
 * taken for shown. Fields that nobody opened are reported as withheld, by name.
 */
import { Fault, isFault } from '../base/fault.ts'
import { type Opening, opening, opens } from '../kernel/field.ts'
import { readPart } from './bundle.ts'
import type { Run } from './run.ts'

/** What tells one field from another in a run. */
export const fieldKey = (
  of: Pick<Opening, 'machine' | 'interaction' | 'record' | 'name'>,
): string => `${of.machine} ${of.interaction} ${of.record} ${of.name}`

/** Checks the openings of a bundle and keeps their values. */
export const checkOpenings = (run: Run, framed: readonly Uint8Array[]): void => {
  for (const [at, one] of framed.entries()) {
    const part = `opening ${at + 1}`
    const read = readPart(opening, one, part)
    const fault = isFault(read) ? read : checkOpening(run, read)
    if (fault) run.faults.push(fault.at({ part: `${part} of the file` }))
  }
}

/** Keeps a value that holds. Returns `opening/no-step`, `opening/no-field`, `opening/wrong-value` or `opening/twice`. */
const checkOpening = (run: Run, of: Opening): Fault | undefined => {
  const place = { machine: of.machine }
  const node = run.byMachine
    .get(of.machine)
    ?.find((one) => one.parent && !one.withheld && one.machine.head.interaction === of.interaction)
  if (!node) {
    // What was refused before it has been told.
    if (run.broken.has(of.machine) || run.uncharted.has(of.machine)) return undefined
    return new Fault('opening/no-step', `no step in the file has "${of.name}"`, place)
  }
  const { suite } = node.machine.terms
  const at = { ...place, step: node.machine.head.sequence }
  const fields = node.told.flatMap((one) => (one.record === of.record ? one.fields : []))
  const field = fields.find((one) => one.name === of.name)
  if (!field) return new Fault('opening/no-field', `the step has no field "${of.name}"`, at)
  if (!opens(suite, of, field)) {
    return new Fault('opening/wrong-value', `"${of.name}" was another value or salt`, at)
  }
  const key = fieldKey(of)
  if (run.opened.has(key)) return new Fault('opening/twice', `"${of.name}" is opened twice`, at)
  run.opened.set(key, of.value)
  return undefined
}
