/**
 * What commands say and how they end.
 *
 * A terminal gets colour, a pipe gets plain text, `--json` gets one JSON object and nothing else on standard output.
 * Text from files and other parties is stripped of control characters before it is shown (attack: a name that moves the
 * cursor and rewrites the line above it).
 */
import { styleText } from 'node:util'
import { type Fault, isFault } from '../base/fault.ts'

/** 0 valid or done, 1 invalid, 2 incomplete, 3 wrong usage. */
export type ExitCode = 0 | 1 | 2 | 3

export type Tone = 'plain' | 'good' | 'bad' | 'warn' | 'quiet' | 'strong'

export type Output = {
  readonly json: boolean
  /** A line for people. Silent under `--json`. */
  readonly line: (text?: string, tone?: Tone) => void
  /** The last line: what to do next. */
  readonly next: (command: string) => void
  /** Progress on standard error, and only on a terminal. */
  readonly progress: (text: string) => void
  /** The result for programs; printed at the end under `--json`. */
  readonly result: (value: Readonly<Record<string, unknown>>) => void
  readonly finish: () => void
}

/** A wrong use of the command line: not a fault of any party, and nothing was done. */
export type UsageError = Error & { readonly usage: true; readonly fix: string }

export const usageError = (message: string, fix: string): UsageError =>
  Object.assign(new Error(message), { usage: true as const, fix })

const isUsageError = (error: unknown): error is UsageError =>
  error instanceof Error && 'usage' in error && error.usage === true

export const createOutput = (options: { readonly json: boolean }): Output => {
  let result: Readonly<Record<string, unknown>> = {}
  const write = (text: string): void => {
    if (!options.json) process.stdout.write(`${text}\n`)
  }
  return {
    json: options.json,
    line: (text = '', tone = 'plain') => write(toned(printable(text), tone)),
    next: (command) => {
      write('')
      write(`${toned('next:', 'quiet')} ${toned(printable(command), 'strong')}`)
      result = { ...result, next: command }
    },
    progress: (text) => {
      if (!options.json && process.stderr.isTTY)
        process.stderr.write(`\r\u001b[K${printable(text)}`)
    },
    result: (value) => {
      result = { ...result, ...value }
    },
    finish: () => {
      if (options.json) process.stdout.write(`${jsonText(result)}\n`)
    },
  }
}

/** Shows an error and says how the command ends. */
export const reportError = (output: Output, error: unknown): ExitCode => {
  if (isFault(error)) {
    showFault(output, error)
    return 1
  }
  if (isUsageError(error)) {
    output.line(error.message, 'bad')
    output.line(`fix: ${error.fix}`)
    output.result({ error: 'usage', message: error.message, fix: error.fix })
    return 3
  }
  const message = error instanceof Error ? error.message : String(error)
  output.line(message, 'bad')
  output.result({ error: 'failed', message })
  return 1
}

const showFault = (output: Output, fault: Fault): void => {
  const { machine, step, party, part } = fault.place
  output.line(`refused: ${fault.message}`, 'bad')
  if (step !== undefined) output.line(`   step: ${String(step)}`)
  if (party !== undefined) output.line(`  party: ${party}`)
  if (part !== undefined) output.line(`   part: ${part}`)
  if (machine !== undefined) output.line(`machine: ${machine.slice(0, 16)}…`)
  output.line(`   code: ${fault.code}  (${fault.docs})`, 'quiet')
  output.result({
    error: fault.code,
    message: fault.message,
    ...fault.place,
    docs: fault.docs,
  })
}

/** Text with every control and direction character made visible. */
export const printable = (text: string): string =>
  text.replace(
    /[\p{Cc}\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

/** JSON with bigints as decimal strings and bytes as hexadecimal. */
export const jsonText = (value: unknown): string =>
  JSON.stringify(
    value,
    (_, member: unknown) => {
      if (typeof member === 'bigint') return member.toString()
      if (member instanceof Uint8Array) return Buffer.from(member).toString('hex')
      return member
    },
    2,
  )

const STYLES = { good: 'green', bad: 'red', warn: 'yellow', quiet: 'dim', strong: 'bold' } as const

const toned = (text: string, tone: Tone): string =>
  tone === 'plain' ? text : styleText(STYLES[tone], text, { stream: process.stdout })
