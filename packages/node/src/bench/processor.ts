/** Processor time that processes of a measurement have taken, and asking another process of ours for numbers. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

/** Seconds: of all threads of a process, and of its main thread alone. */
export type Spent = { readonly all: number; readonly main: number }

export const secondsOf = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1e6

export const spentHere = (): Spent => ({
  all: secondsOf(process.cpuUsage()),
  main: secondsOf(process.threadCpuUsage()),
})

/** What several have taken together between two looks at each. */
export const spentBetween = (before: readonly Spent[], after: readonly Spent[]): Spent => ({
  all: sumOf(after, 'all') - sumOf(before, 'all'),
  main: sumOf(after, 'main') - sumOf(before, 'main'),
})

const sumOf = (of: readonly Spent[], what: keyof Spent): number =>
  of.reduce((sum, one) => sum + one[what], 0)

/** What a program of ours answers to a message. Raises an error where it ends instead. */
export const askProcess = async (child: ChildProcess, message: number): Promise<unknown> => {
  const ended = once(child, 'exit').then(() => {
    throw new Error('a process of the measurement ended early')
  })
  const answered = once(child, 'message').then(([answer]: readonly unknown[]) => answer)
  child.send(message)
  return Promise.race([answered, ended])
}

/** A number that an answer names. */
export const numberIn = (answer: unknown, name: string): number => {
  const value = memberOf(answer, name)
  if (typeof value === 'number') return value
  throw new Error(`a process of the measurement did not say its ${name}`)
}

/** The numbers of a list that it names. */
export const numbersIn = (answer: unknown, name: string): readonly number[] => {
  const value = memberOf(answer, name)
  if (Array.isArray(value)) return value.map(Number)
  throw new Error(`a process of the measurement did not say its ${name}`)
}

export const spentIn = (answer: unknown): Spent => ({
  all: numberIn(answer, 'all'),
  main: numberIn(answer, 'main'),
})

const memberOf = (answer: unknown, name: string): unknown =>
  typeof answer === 'object' && answer !== null
    ? Object.getOwnPropertyDescriptor(answer, name)?.value
    : undefined
