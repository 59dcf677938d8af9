/** `--require`: what a user demands of a file, and how the answers end the command. */
import { isFault } from '../base/fault.ts'
import { REQUIREMENTS_MAX } from '../base/limits.ts'
import { type Answer, answerTo } from '../verify/answer.ts'
import type { Report } from '../verify/report.ts'
import {
  REQUIREMENT_FORMS,
  type Requirement,
  requirementFrom,
  requirementText,
} from '../verify/require.ts'
import { labelOf } from '../verify/words.ts'
import { type ExitCode, type Output, type Tone, usageError } from './print.ts'

/** Reads all of them before anything is checked. Raises a usage error that lists what is known. */
export const readRequirements = (texts: readonly string[]): readonly Requirement[] => {
  if (texts.length > REQUIREMENTS_MAX) {
    throw usageError(`${texts.length} requirements`, `at most ${REQUIREMENTS_MAX} at a time`)
  }
  return texts.map((text) => {
    const read = requirementFrom(text)
    if (isFault(read)) throw usageError(read.message, `known are: ${REQUIREMENT_FORMS.join(' · ')}`)
    return read
  })
}

const TONES: Readonly<Record<Answer['is'], Tone>> = { yes: 'good', no: 'bad', open: 'warn' }

/** Shows the answers and returns the worst: 0 all yes, 1 one no, 2 one open. */
export const showAnswers = (
  output: Output,
  report: Report,
  requirements: readonly Requirement[],
): ExitCode => {
  if (requirements.length === 0) return 0
  const answers = requirements.map((one) => ({
    require: requirementText(one),
    ...answerTo(report, one),
  }))
  output.line()
  output.line('Required', 'strong')
  output.table(
    answers.map(({ require, is, says, at }) => {
      const where = at ? `step ${at.sequence} of ${labelOf(report, at.machine)}: ` : ''
      return [require, { text: is, tone: TONES[is] }, `${where}${says}`]
    }),
  )
  output.result({ required: answers })
  if (answers.some(({ is }) => is === 'no')) return 1
  return answers.some(({ is }) => is === 'open') ? 2 : 0
}

/** Of two ways to end, the one that says less: a refusal, then what is missing. */
export const worseOf = (a: ExitCode, b: ExitCode): ExitCode =>
  a === 1 || b === 1 ? 1 : a === 0 ? b : a
