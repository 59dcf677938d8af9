/**
 * Answers: whether a report meets a requirement, and which step breaks it.
 *
 * Promise. An answer is a function of report and requirement. Steps that lost to another one are left out: nothing came
 * of them. A party counts by the keys that signed, each key once, so two names of one key are one party.
 */
import type { MachineId, SignerId } from '../base/brand.ts'
import { type Grade, GRADES } from '../kernel/verdict.ts'
import type { DeedReport, MachineReport, Report, StepReport, Voice } from './report.ts'
import type { Requirement } from './require.ts'

/** `open`: nothing shown breaks it, and what is not shown might. */
export type Answer = {
  readonly is: 'yes' | 'no' | 'open'
  readonly says: string
  /** The step that breaks it, or that would have to be shown. */
  readonly at: { readonly machine: MachineId; readonly sequence: bigint } | undefined
}

export const answerTo = (report: Report, of: Requirement): Answer => {
  switch (of.is) {
    case 'steps':
      return answerSteps(report, of)
    case 'custody':
      return answerCustody(report, of)
    case 'release':
      return answerRelease(report, of)
    case 'field':
      return answerField(report, of)
  }
}

type Placed = { readonly machine: MachineReport; readonly step: StepReport }
type Case<Name extends Requirement['is']> = Extract<Requirement, { is: Name }>

const yes = (says: string): Answer => ({ is: 'yes', says, at: undefined })
const no = (says: string, at?: Placed): Answer => ({ is: 'no', says, at: placeOf(at) })
const open = (says: string, at?: Placed): Answer => ({ is: 'open', says, at: placeOf(at) })

const placeOf = (at: Placed | undefined): Answer['at'] =>
  at && { machine: at.machine.id, sequence: at.step.sequence }

const stepsIn = (report: Report): readonly Placed[] =>
  report.machines.flatMap((machine) =>
    machine.steps.flatMap((step) => (step.standing === 'superseded' ? [] : [{ machine, step }])),
  )

/** Whether the rules were run for a step, so that it is known what it did. */
const wasRun = ({ step }: Placed): boolean =>
  !step.withheld && step.standing !== 'refused' && step.standing !== 'unchecked'

const count = (number: number, one: string, many = `${one}s`): string =>
  `${number} ${number === 1 ? one : many}`

const answerSteps = (report: Report, of: Case<'steps'>): Answer => {
  const steps = stepsIn(report).filter((one) => !of.shownOnly || wasRun(one))
  const broken = steps.find(({ step }) => step.standing !== 'final' && step.standing !== 'vouched')
  if (broken) return no(`a step is ${broken.step.standing}`, broken)
  const { atLeast } = of
  const low = atLeast && steps.find(({ step }) => isBelow(step.grade, atLeast))
  if (low) return no(`a step is ${low.step.grade}`, low)
  const vouched = steps.find(({ step }) => step.standing === 'vouched')
  if (vouched) return open('a step is vouched for, and the rules were not run up to it', vouched)
  return steps.length === 0 ? no('there is no step') : yes(count(steps.length, 'step'))
}

const isBelow = (grade: Grade, than: Grade): boolean => GRADES.indexOf(grade) < GRADES.indexOf(than)

type PlacedDeed<Name extends DeedReport['deed']['is']> = Placed & {
  readonly report: DeedReport
  readonly deed: Extract<DeedReport['deed'], { is: Name }>
}

const custodyIn = (report: Report): readonly PlacedDeed<'custody'>[] =>
  stepsIn(report).flatMap((one) =>
    one.step.deeds.flatMap((found) =>
      found.deed.is === 'custody' ? [{ ...one, report: found, deed: found.deed }] : [],
    ),
  )

const releasesIn = (report: Report): readonly PlacedDeed<'release'>[] =>
  stepsIn(report).flatMap((one) =>
    one.step.deeds.flatMap((found) =>
      found.deed.is === 'release' ? [{ ...one, report: found, deed: found.deed }] : [],
    ),
  )

const answerCustody = (report: Report, of: Case<'custody'>): Answer => {
  const changes = custodyIn(report)
  const hidden = of.shownOnly ? undefined : stepsIn(report).find((one) => !wasRun(one))
  let unseen: Placed | undefined
  for (const one of changes) {
    const agreed = agreedTo(changes, one)
    if (agreed) {
      const parties = partiesOf(agreed, one.deed)
      if (parties < of.parties) return no(shortText(one, parties), one)
    } else if (of.shownOnly || report.machines.some((other) => other.id === one.deed.via)) {
      // Where the other machine is in the file, everything it shows has been looked at.
      if (!hidden) return no('it rests on a machine that shows no such change', one)
      unseen ??= one
    } else unseen ??= one
  }
  if (unseen) return open('what it rests on in another machine is not shown', unseen)
  if (hidden) return open('a step that was not run may hide one', hidden)
  if (changes.length === 0) return no('there is no custody change')
  const published = changes.filter(({ deed }) => deed.via !== undefined).length
  const later = published === 0 ? '' : `, ${published} of them published by another machine`
  return yes(`${count(changes.length - published, 'custody change')}${later}`)
}

const shortText = ({ deed }: PlacedDeed<'custody'>, parties: number): string =>
  `from ${deed.from} to ${deed.to}: ${count(parties, 'party', 'parties')} with keys of its own`

/** Who agreed to a change: in its own step, or in the machine whose agreement it publishes. */
const agreedTo = (
  changes: readonly PlacedDeed<'custody'>[],
  of: PlacedDeed<'custody'>,
): readonly Voice[] | undefined => {
  const { via, from, to } = of.deed
  if (via === undefined) return of.report.agreed
  return changes.find(
    (one) =>
      one.machine.id === via &&
      one.deed.via === undefined &&
      one.report.record === of.report.record &&
      one.deed.from === from &&
      one.deed.to === to,
  )?.report.agreed
}

/** How many parties agreed, none of which shares a key with another: giver and taker first, or it is one at most. */
const partiesOf = (
  agreed: readonly Voice[],
  { from, to }: { readonly from: string; readonly to: string },
): number => {
  const both = countedApart(agreed.filter(({ name }) => name === from || name === to))
  if (both < 2) return both
  return countedApart(ordered(agreed, [from, to]))
}

const ordered = (agreed: readonly Voice[], first: readonly string[]): readonly Voice[] => [
  ...agreed.filter(({ name }) => first.includes(name)),
  ...agreed.filter(({ name }) => !first.includes(name)),
]

/** A party counts if none of the keys that signed for it has counted already. */
const countedApart = (voices: readonly Voice[]): number => {
  const taken = new Set<SignerId>()
  let parties = 0
  for (const { signers } of voices) {
    if (signers.some((one) => taken.has(one))) continue
    parties += 1
    for (const one of signers) taken.add(one)
  }
  return parties
}

const answerRelease = (report: Report, of: Case<'release'>): Answer => {
  const releases = releasesIn(report)
  for (const one of releases) {
    const { atLeast, of: named } = one.deed
    const said = `it asks for ${atLeast} of ${named.length}`
    if (named.length !== of.of || atLeast < of.atLeast) return no(said, one)
    const agreed = one.report.agreed.filter(({ name }) => named.includes(name))
    const parties = countedApart(agreed)
    if (parties < of.atLeast) return no(`${parties} of them with keys of their own`, one)
  }
  const [first] = releases
  if (first) {
    const names = first.report.agreed.map(({ name }) => name)
    return yes(`by ${first.deed.of.filter((name) => names.includes(name)).join(', ')}`)
  }
  const hidden = stepsIn(report).find((one) => !wasRun(one))
  return hidden ? open('a step that was not run may be one', hidden) : no('there is no release')
}

const answerField = (report: Report, of: Case<'field'>): Answer => {
  const found = stepsIn(report).flatMap((one) =>
    one.step.fields.filter(({ name }) => name === of.name).map((field) => ({ ...one, field })),
  )
  const shown = found.filter(({ field }) => field.value !== undefined)
  if (of.how === 'absent' || (of.how === 'withheld' && shown.length > 0)) {
    const [first] = shown
    return first ? no('it is shown', first) : yes('no value of it is in the file')
  }
  if (found.length === 0) {
    const hidden = stepsIn(report).find((one) => !wasRun(one))
    return hidden ? open('a step that was not run may have it', hidden) : no('there is none')
  }
  if (of.how === 'withheld') return yes(`${found.length} withheld`)
  const missing = found.find(({ field }) => field.value === undefined)
  return missing ? no('it is withheld', missing) : yes(`${found.length} shown`)
}
