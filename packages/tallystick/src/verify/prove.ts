/**
 * Proving premises: what a party's shell does before the party relies on another machine.
 *
 * Promise. A premise is proven by a file that shows the step it names, run from its machine's beginning, and the value
 * there. The grade is the lowest on the way to any of the steps: `provisional` for a step that only its owner has
 * signed. A step that is contested or lost proves nothing.
 */
import { Fault, isFault } from '../base/fault.ts'
import type { Premise } from '../kernel/interaction.ts'
import type { ProvenPremise } from '../kernel/logic.ts'
import { type Grade, lowerGrade } from '../kernel/verdict.ts'
import { establishPremises } from './premises.ts'
import type { VerifyOptions } from './run.ts'
import { survey } from './verify.ts'

export type Proven = { readonly proven: readonly ProvenPremise[]; readonly grade: Grade }

/**
 * Proves premises from one bundle file. Returns the file's first fault, `premise/false`, `bundle/missing-fact`,
 * `bundle/missing-step` or `premise/contested`.
 */
export const provePremises = (
  file: Uint8Array,
  premises: readonly Premise[],
  options: VerifyOptions,
): Proven | Fault => {
  const surveyed = survey(file, options)
  if (isFault(surveyed)) return surveyed
  const { run, settlement } = surveyed
  const established = establishPremises(run, premises)
  if (isFault(established)) return run.faults[0] ?? established
  let grade: Grade = 'proven'
  for (const rest of established.rests) {
    if (rest.is === 'remembered') {
      grade = lowerGrade(grade, rest.head.grade)
      continue
    }
    const settled = settlement.get(rest.node.machine.headId)
    if (!settled || settled.standing === 'contested' || settled.standing === 'superseded') {
      const { id, head } = rest.node.machine
      const place = { machine: id, step: head.sequence }
      return new Fault('premise/contested', 'a second step was signed for at this place', place)
    }
    const isFirm = settled.standing === 'final'
    grade = lowerGrade(grade, isFirm ? settled.grade : lowerGrade(settled.grade, 'provisional'))
  }
  return { proven: established.proven, grade }
}
