/**
 * Proving premises: what a party's shell does before the party relies on another machine.
 *
 * Promise. A premise is proven by a file that shows the step it names, run from its machine's beginning, and the value
 * there. The grade is the lowest on the way to any of the steps: `provisional` for a step that only its owner has
 * signed. A step that is contested or lost proves nothing, and neither does a file with anything false in it: who relies
 * on it would carry the false part in its own files from then on (attack: a good proof with poison beside it).
 */
import { Fault, faultFrom, isFault } from '../base/fault.ts'
import type { Premise } from '../kernel/interaction.ts'
import type { ProvenPremise } from '../kernel/logic.ts'
import { type Grade, lowerGrade } from '../kernel/verdict.ts'
import { isReceipted } from '../logic/payment.ts'
import { bundleFromFile, fileFromBundle } from './bundle.ts'
import { hopsOfRests } from './hops.ts'
import { joinBundles } from './join.ts'
import { establishPremises } from './premises.ts'
import { INCOMPLETE_CODES, type Run, type VerifyOptions } from './run.ts'
import { survey } from './verify.ts'

export type Proven = {
  readonly proven: readonly ProvenPremise[]
  readonly grade: Grade
  /** On how many people's word in a row it rests that no quorum vouches for (`hops.ts`). */
  readonly hops: number
}

/** The first thing in a file that is false, leaving apart what is missing and what was signed for twice. */
export const falsehoodIn = (file: Uint8Array, options: VerifyOptions): Fault | undefined => {
  const surveyed = survey(file, options)
  return isFault(surveyed) ? surveyed : falsehood(surveyed.run)
}

const falsehood = ({ faults }: Run): Fault | undefined =>
  faults.find(({ code }) => !INCOMPLETE_CODES.has(code) && code !== 'bundle/contested')

/**
 * Proves premises from one bundle file. Returns the file's first falsehood, `premise/false`, `bundle/missing-fact`,
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
  const untrue = falsehood(run)
  if (untrue) return untrue
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
  const hops = hopsOfRests(surveyed, established.rests)
  return { proven: established.proven, grade, hops }
}

/**
 * Proves premises from several files: those that were `given` for it, and those `held` from before. Each given file
 * must be true by itself, because one that is false in a part may be mended by what it is joined with. Returns what
 * `provePremises` returns.
 */
export const proveFromFiles = (
  files: { readonly given: readonly Uint8Array[]; readonly held?: readonly Uint8Array[] },
  premises: readonly Premise[],
  options: VerifyOptions,
): Proven | Fault => {
  const { given, held = [] } = files
  const all = [...held, ...given]
  const [only] = all
  if (only && all.length === 1) return provePremises(only, premises, options)
  for (const file of given) {
    const untrue = falsehoodIn(file, options)
    if (untrue) return untrue
  }
  const joined = faultFrom(() => fileFromBundle(joinBundles(all.map((one) => bundleFromFile(one)))))
  return isFault(joined) ? joined : provePremises(joined, premises, options)
}

/**
 * A judge of premises for certifiers of a machine that relies on others: why attached files do not show that premises hold and are
 * firm; undefined where they do. Firm is what certifiers vouch for to anybody: what parties alone have signed, they can sign
 * once more. It remembers its answers about a list of files for as long as somebody holds the list.
 *
 * Not promised. That a firm step has no rival: `options` hold what is known of others, and the files what they show.
 */
export const createProver = (
  options: VerifyOptions,
): ((attachments: readonly Uint8Array[], premises: readonly Premise[]) => Fault | undefined) => {
  const answers = new WeakMap<
    readonly Uint8Array[],
    { readonly premises: readonly Premise[]; readonly fault: Fault | undefined }
  >()
  return (attachments, premises) => {
    const known = answers.get(attachments)
    if (known?.premises === premises) return known.fault
    const fault = whyUnproven(options, attachments, premises)
    answers.set(attachments, { premises, fault })
    return fault
  }
}

/** What candidates are judged with, so that their premises are judged by the same models, rules and remembered steps. */
export const withProver = <Options extends VerifyOptions>(
  options: Options,
): Options & { readonly prove: ReturnType<typeof createProver> } => ({
  ...options,
  prove: createProver(options),
})

const whyUnproven = (
  options: VerifyOptions,
  attachments: readonly Uint8Array[],
  premises: readonly Premise[],
): Fault | undefined => {
  if (attachments.length === 0) {
    return new Fault('bundle/missing-fact', 'nothing is attached that shows the premises')
  }
  const found = faultFrom(() => proveFromFiles({ given: attachments }, premises, options))
  if (isFault(found)) return found
  return isReceipted(found.grade)
    ? undefined
    : new Fault('premise/not-firm', `a premise is ${found.grade}, which binds nobody else`)
}
