/** Questions that a person answers at a terminal. */
import { createInterface } from 'node:readline/promises'
import { printable } from './print.ts'

/** Whether somebody is there to answer. */
export const isAttended = (): boolean => process.stdin.isTTY && process.stderr.isTTY

/** Asks for a yes; anything else is a no. On standard error: standard output may be a pipe that somebody reads. */
export const askYesNo = async (question: string): Promise<boolean> => {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  // Closing the terminal, as Ctrl-D does, leaves the question unanswered for good: that is a no.
  const closed = new Promise<string>((resolve) => terminal.once('close', () => resolve('')))
  try {
    const answer = await Promise.race([terminal.question(`${printable(question)} [y/N] `), closed])
    return /^y(?:es)?$/i.test(answer.trim())
  } finally {
    terminal.close()
  }
}

/** Waits until the person has done what is asked. */
export const waitForEnter = async (request: string): Promise<void> => {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const closed = new Promise<string>((resolve) => terminal.once('close', () => resolve('')))
  try {
    await Promise.race([terminal.question(printable(request)), closed])
  } finally {
    terminal.close()
  }
}
