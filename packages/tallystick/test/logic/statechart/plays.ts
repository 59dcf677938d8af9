/** Plays of the examples: who sends what in which order, and what has to come of it. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Answer } from '../../../src/logic/statechart/operation.ts'
import type { ValueMap } from '../../../src/logic/expression/value.ts'

export type Play = {
  readonly name: string
  /** What each oracle has answered on its own machine, to the question "outcome". */
  readonly said?: Readonly<Record<string, string>>
  readonly steps: readonly PlayStep[]
  /** Entries of the context at the end. */
  readonly context?: Readonly<Record<string, unknown>>
  /** Kinds of all effects, in order. */
  readonly effects?: readonly string[]
}

export type PlayStep = {
  /** Who sends it; a step that waits sends a tick. */
  readonly by?: string
  readonly send?: string
  /** A text `{sha256:rest}` stands for the hash of machine, sender and rest, with bars between them. */
  readonly data?: Readonly<Record<string, unknown>>
  /** What it quotes of oracles. */
  readonly answers?: readonly Answer[]
  /** Milliseconds that pass before a tick. */
  readonly wait?: number
  /** The value after it, where it is accepted. */
  readonly state?: string
  /** The code with which it is refused. */
  readonly refused?: string
}

export type Example = {
  readonly name: string
  readonly definition: string
  readonly roles: Readonly<Record<string, readonly string[]>>
  readonly plays: readonly Play[]
}

/** What an expression sees of the answers that a step quotes. */
export const answersIn = ({ answers = [] }: PlayStep): ValueMap =>
  answers.reduce<Readonly<Record<string, ValueMap>>>(
    (all, { oracle, question, answer }) => ({
      ...all,
      [oracle]: { ...all[oracle], [question]: answer },
    }),
    {},
  )

const folder = join(import.meta.dirname, '../../../../../examples/statecharts')

/** Every definition under `examples/statecharts`, each with its plays. */
export const EXAMPLES: readonly Example[] = readdirSync(folder)
  .filter((file) => /(?<!\.plays)\.json$/.test(file))
  .map((file) => {
    const name = file.replace('.json', '')
    const text = readFileSync(join(folder, `${name}.plays.json`), 'utf8')
    const { roles, plays } = JSON.parse(text) as Pick<Example, 'roles' | 'plays'>
    return { name, definition: readFileSync(join(folder, file), 'utf8'), roles, plays }
  })
