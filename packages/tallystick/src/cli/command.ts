/** The shape every command has: it adds itself to the program and answers with an exit code. */
import type { Command } from 'commander'
import type { ExitCode, Output } from './print.ts'

export type Action = (output: Output) => ExitCode | Promise<ExitCode>

/** Runs an action with output, error report and exit code in place. */
export type Run = (action: Action) => Promise<void>

/** Adds one command to the program. */
export type AddCommand = (program: Command, run: Run) => void

/** Examples for the end of a command's help. */
export const examples = (...lines: readonly string[]): string =>
  ['', 'Examples:', ...lines.map((one) => `  ${one}`)].join('\n')
