/**
 * Requirements: what somebody demands of a file, in words that a person can read aloud (`docs/spec/require.md`).
 *
 * Promise. The language is small and total: a text is one of the forms below or refused as a whole, and every requirement
 * has an answer for every report. It is strict: *yes* is said only where the report shows it. What is withheld, or was not
 * run, may hide what would break a requirement; the answer is then *open*, and names the step.
 *
 * | form | met when |
 * |---|---|
 * | every step: final | every step is final, and there is one |
 * | every step: at least GRADE | the same, and no grade is lower |
 * | every custody change: N parties | giver, taker and so many in all have agreed, each with keys of its own |
 * | release: K of N | every release names N, and at least K of them have agreed, each with keys of its own |
 * | field NAME: shown | the file opens every field of that name, and there is one |
 * | field NAME: withheld | the file opens no field of that name, and there is one |
 * | no field NAME | the file opens no field of that name |
 *
 * `every shown …` leaves out steps that are withheld or were not run.
 *
 * Not promised. That the parties are different people: keys are told apart, and one person can have two.
 */
import { Fault } from '../base/fault.ts'
import { PARTICIPANTS_MAX, REQUIREMENT_CHARACTERS_MAX } from '../base/limits.ts'
import { type Grade, GRADES } from '../kernel/verdict.ts'

export type Requirement =
  | { readonly is: 'steps'; readonly shownOnly: boolean; readonly atLeast: Grade | undefined }
  | { readonly is: 'custody'; readonly shownOnly: boolean; readonly parties: number }
  | { readonly is: 'release'; readonly atLeast: number; readonly of: number }
  | { readonly is: 'field'; readonly name: string; readonly how: 'shown' | 'withheld' | 'absent' }

/** What is understood, for whoever typed something else. */
export const REQUIREMENT_FORMS: readonly string[] = [
  'every step: final',
  `every step: at least ${GRADES.join('|')}`,
  'every custody change: N parties',
  'every shown step: … and every shown custody change: …',
  'release: K of N',
  'field NAME: shown',
  'field NAME: withheld',
  'no field NAME',
]

/** Reads one requirement. Returns `require/unknown-words`. */
export const requirementFrom = (text: string): Requirement | Fault => {
  if (text.length > REQUIREMENT_CHARACTERS_MAX) return unknown(`${text.slice(0, 32)}…`)
  const words = text
    .replaceAll(':', ' : ')
    .split(' ')
    .filter((one) => one !== '')
  const said = words.join(' ')
  for (const form of FORMS) {
    const found = form.reads.exec(said)
    const read = found && form.as(found)
    if (read) return read
  }
  return unknown(said)
}

const unknown = (said: string): Fault =>
  new Fault('require/unknown-words', `"${said}" is no requirement that is known`)

type Form = {
  readonly reads: RegExp
  readonly as: (found: RegExpExecArray) => Requirement | undefined
}

/** No form starts as another ends, and none has a choice within a repetition, so each is read in one go. */
const FORMS: readonly Form[] = [
  {
    reads: /^every (shown )?step : final$/,
    as: ([, shown]) => ({ is: 'steps', shownOnly: shown !== undefined, atLeast: undefined }),
  },
  {
    reads: /^every (shown )?step : at least ([a-z]{1,16})$/,
    as: ([, shown, word]) => {
      const atLeast = GRADES.find((one) => one === word)
      return atLeast && { is: 'steps', shownOnly: shown !== undefined, atLeast }
    },
  },
  {
    reads: /^every (shown )?custody change : ([1-9][0-9]?) part(?:y|ies)$/,
    as: ([, shown, count]) => {
      const parties = Number(count)
      if (parties > PARTICIPANTS_MAX) return undefined
      return { is: 'custody', shownOnly: shown !== undefined, parties }
    },
  },
  {
    reads: /^release : ([1-9][0-9]?) of ([1-9][0-9]?)$/,
    as: ([, some, all]) => {
      const [atLeast, of] = [Number(some), Number(all)]
      return atLeast <= of && of <= PARTICIPANTS_MAX ? { is: 'release', atLeast, of } : undefined
    },
  },
  {
    reads: /^field ([a-z][a-z0-9-]{0,31}) : (shown|withheld)$/,
    as: ([, name = '', how]) => ({
      is: 'field',
      name,
      how: how === 'shown' ? 'shown' : 'withheld',
    }),
  },
  {
    reads: /^no field ([a-z][a-z0-9-]{0,31})$/,
    as: ([, name = '']) => ({ is: 'field', name, how: 'absent' }),
  },
]

/** The requirement in its one spelling. */
export const requirementText = (of: Requirement): string => {
  switch (of.is) {
    case 'steps': {
      const demand = of.atLeast === undefined ? 'final' : `at least ${of.atLeast}`
      return `every ${of.shownOnly ? 'shown ' : ''}step: ${demand}`
    }
    case 'custody': {
      const count = of.parties === 1 ? '1 party' : `${of.parties} parties`
      return `every ${of.shownOnly ? 'shown ' : ''}custody change: ${count}`
    }
    case 'release':
      return `release: ${of.atLeast} of ${of.of}`
    case 'field':
      return of.how === 'absent' ? `no field ${of.name}` : `field ${of.name}: ${of.how}`
  }
}
