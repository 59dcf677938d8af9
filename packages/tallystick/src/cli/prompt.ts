/** Questions that a person answers at a terminal. */
import { createInterface } from 'node:readline/promises'
import { printable } from './print.ts'

/** Whether somebody is there to answer. */
export const isAttended = (): boolean => process.stdin.isTTY && process.stderr.isTTY

/** Asks for a yes; anything else is a no. */
export const askYesNo = async (question: string): Promise<boolean> =>
  YES.test((await answerTo(`${question} [y/N] `)) ?? '')

/** Asks for a yes or a no; anything else, or leaving by Ctrl-C or Ctrl-D, leaves the question open. */
export const askYesNoLater = async (question: string): Promise<boolean | undefined> => {
  const answer = (await answerTo(`${question} [y: yes, n: no, Enter: later] `)) ?? ''
  if (YES.test(answer)) return true
  return NO.test(answer) ? false : undefined
}

/** Waits until the person has done what is asked. */
export const waitForEnter = async (request: string): Promise<void> => {
  await answerTo(request)
}

const YES = /^\s*y(?:es)?\s*$/i
const NO = /^\s*no?\s*$/i

/** On standard error: standard output may be a pipe that somebody reads. Undefined where the terminal was closed. */
const answerTo = async (question: string): Promise<string | undefined> => {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const closed = new Promise<undefined>((resolve) =>
    terminal.once('close', () => resolve(undefined)),
  )
  try {
    const answer = await Promise.race([terminal.question(printable(question)), closed])
    if (answer === undefined) process.stderr.write('\n')
    return answer
  } finally {
    terminal.close()
  }
}
