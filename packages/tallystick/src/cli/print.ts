/**
 * What commands say and how they end.
 *
 * A terminal gets colour, a pipe gets plain text, `--json` gets one JSON object and nothing else on standard output.
 * Errors go to standard error. Text from files and other parties is stripped of control characters before it is shown
 * (attack: a name that moves the cursor and rewrites the line above it).
 */
import { styleText } from 'node:util'
import { type Fault, isFault } from '../base/fault.ts'
import { fixOf } from './fix.ts'

/** 0 valid or done, 1 invalid, 2 incomplete, 3 wrong usage. */
export type ExitCode = 0 | 1 | 2 | 3

export type Tone = 'plain' | 'good' | 'bad' | 'warn' | 'quiet' | 'strong'

/** A piece of a line. */
export type Span = string | { readonly text: string; readonly tone: Tone }

export type Output = {
  readonly json: boolean
  /** A line for people. Silent under `--json`. */
  readonly line: (text?: Span | readonly Span[], tone?: Tone) => void
  /** Lines whose cells stand below each other, two blanks apart. */
  readonly table: (rows: readonly (readonly Span[])[], indent?: number) => void
  /** A text for people, broken between words where the terminal ends. */
  readonly paragraph: (text: string, indent?: number, tone?: Tone) => void
  /** The last line: what to do next. */
  readonly next: (command: string) => void
  /** Progress on standard error, and only on a terminal. Nothing to wipe it away. */
  readonly progress: (text?: string) => void
  /** The result for programs; printed at the end under `--json`. */
  readonly result: (value: Readonly<Record<string, unknown>>) => void
  /** A line on standard error. */
  readonly complain: (text: Span | readonly Span[], tone?: Tone) => void
  /** For a command that goes on running: the result is printed now, and not at the end. */
  readonly resultNow: () => void
  /** One thing of many that happen while a command goes on: a line of JSON of its own under `--json`, and then no result. */
  readonly event: (value: Readonly<Record<string, unknown>>) => void
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
  let hasProgress = false
  let isPrinted = false
  const printResult = (): void => {
    wipe()
    if (options.json && !isPrinted) process.stdout.write(`${jsonText(result)}\n`)
  }
  const wipe = (): void => {
    if (hasProgress) process.stderr.write('\r\u001b[K')
    hasProgress = false
  }
  const say = (stream: Stream, text: Span | readonly Span[], tone: Tone): void => {
    wipe()
    if (!options.json) stream.write(`${painted(stream, spansOf(text), tone)}\n`)
  }
  return {
    json: options.json,
    line: (text = '', tone = 'plain') => say(process.stdout, text, tone),
    table: (rows, indent = 2) => {
      for (const cells of aligned(rows)) {
        for (const line of hanging([' '.repeat(indent), ...cells], screenWidth())) {
          say(process.stdout, line, 'plain')
        }
      }
    },
    paragraph: (text, indent = 0, tone = 'plain') => {
      for (const line of broken(text, paragraphWidth() - indent)) {
        say(process.stdout, [' '.repeat(indent), line], tone)
      }
    },
    next: (command) => {
      say(process.stdout, '', 'plain')
      say(
        process.stdout,
        [
          { text: 'next:', tone: 'quiet' },
          { text: ` ${command}`, tone: 'strong' },
        ],
        'plain',
      )
      result = { ...result, next: command }
    },
    progress: (text) => {
      wipe()
      if (text === undefined || options.json || !process.stderr.isTTY) return
      process.stderr.write(printable(text))
      hasProgress = true
    },
    result: (value) => {
      result = { ...result, ...value }
    },
    complain: (text, tone = 'plain') => say(process.stderr, text, tone),
    resultNow: () => {
      printResult()
      isPrinted = true
    },
    event: (value) => {
      if (!options.json) return
      process.stdout.write(`${jsonText(value, 0)}\n`)
      isPrinted = true
    },
    finish: printResult,
  }
}

/** Shows an error and says how the command ends. */
export const reportError = (output: Output, error: unknown): ExitCode => {
  if (isFault(error)) {
    showFault(output, error)
    return 1
  }
  const usage = isUsageError(error) ? error : usageFromPlatform(error)
  if (usage) {
    output.complain(usage.message, 'bad')
    output.complain(`fix: ${usage.fix}`)
    output.result({ error: 'usage', message: usage.message, fix: usage.fix })
    return 3
  }
  const message = error instanceof Error ? error.message : String(error)
  output.complain(message, 'bad')
  output.result({ error: 'failed', message })
  return 1
}

const showFault = (output: Output, fault: Fault): void => {
  const { machine, step, party, part } = fault.place
  const fix = fixOf(fault.code, fault.message)
  output.complain(`refused: ${fault.message}`, 'bad')
  if (step !== undefined) output.complain(`   step: ${String(step)}`)
  if (party !== undefined) output.complain(`  party: ${party}`)
  if (part !== undefined) output.complain(`   part: ${part}`)
  if (machine !== undefined) output.complain(`machine: ${idText(machine)}`)
  output.complain(`    fix: ${fix}`)
  output.complain(`   code: ${fault.code}  (${fault.docs})`, 'quiet')
  output.result({
    error: fault.code,
    message: fault.message,
    ...fault.place,
    fix,
    docs: fault.docs,
  })
}

/** A file that is not there, or may not be touched, is a matter of what was typed. */
const usageFromPlatform = (error: unknown): UsageError | undefined => {
  if (!(error instanceof Error) || !('code' in error) || !('path' in error)) return undefined
  // Where a file was to take a name that another has, `path` is the temporary one.
  const path = String('dest' in error ? error.dest : error.path)
  switch (error.code) {
    case 'ENOENT':
      return usageError(`there is no ${path}`, 'check the name')
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return usageError(`${path} may not be opened that way`, 'check its owner and its mode')
    case 'EISDIR':
    case 'ENOTDIR':
      return usageError(
        `${path} is a folder where a file belongs, or the reverse`,
        'check the name',
      )
    case 'EEXIST':
      return usageError(`${path} exists`, 'choose another name, or move it away')
    default:
      return undefined
  }
}

/** Text with every control, direction and invisible character made visible (attack: a name that looks like another). */
export const printable = (text: string): string =>
  text.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u034f\u115f\u1160\u3164\uffa0]/gu,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  )

/** An id as people compare it: its first `digits` digits in groups of four. */
export const idText = (id: string, digits = 16): string =>
  (id.slice(0, digits).match(/.{1,4}/g) ?? []).join(' ')

/** JSON with bigints as decimal strings and bytes as hexadecimal. */
export const jsonText = (value: unknown, indent = 2): string =>
  JSON.stringify(
    value,
    (_, member: unknown) => {
      if (typeof member === 'bigint') return member.toString()
      if (member instanceof Uint8Array) return Buffer.from(member).toString('hex')
      return member
    },
    indent,
  )

/** A cell wider than this stands out of its column instead of pushing all others to the right. */
const COLUMN_MAX = 56

/** Cells of equal width for each column; the last cell of a line is left as it is. */
const aligned = (rows: readonly (readonly Span[])[]): readonly (readonly Span[])[] => {
  const widths: number[] = []
  for (const row of rows) {
    for (const [at, cell] of row.slice(0, -1).entries()) {
      const width = widthOf(cell)
      if (width <= COLUMN_MAX) widths[at] = Math.max(widths[at] ?? 0, width)
    }
  }
  return rows.map((row) =>
    row.flatMap((cell, at) =>
      at === row.length - 1
        ? [cell]
        : [cell, ' '.repeat(Math.max(0, (widths[at] ?? 0) - widthOf(cell)) + 2)],
    ),
  )
}

const PARAGRAPH_MAX = 100

/** A pipe gets whole lines: whoever reads them breaks them. */
const screenWidth = (): number => (process.stdout.isTTY ? process.stdout.columns : Infinity)

const paragraphWidth = (): number =>
  process.stdout.isTTY ? Math.min(process.stdout.columns, PARAGRAPH_MAX) : Infinity

/** Narrower than this, a last cell is left to the terminal to break. */
const HANGING_MIN = 24

/** A line whose last cell, if it does not fit, goes on below itself. */
const hanging = (cells: readonly Span[], width: number): readonly (readonly Span[])[] => {
  const before = cells.slice(0, -1)
  const last = cells.at(-1) ?? ''
  const start = before.reduce((sum, one) => sum + widthOf(one), 0)
  if (start + widthOf(last) <= width || width - start < HANGING_MIN) return [cells]
  const [text, tone] = typeof last === 'string' ? [last, 'plain' as const] : [last.text, last.tone]
  return broken(text, width - start).map((line, at) => [
    ...(at === 0 ? before : [' '.repeat(start)]),
    { text: line, tone },
  ])
}

const broken = (text: string, width: number): readonly string[] => {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && widthOf(line) + 1 + widthOf(word) > width) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line]
}

const widthOf = (cell: Span): number =>
  Array.from(printable(typeof cell === 'string' ? cell : cell.text)).length

type Stream = typeof process.stdout | typeof process.stderr

const spansOf = (text: Span | readonly Span[]): readonly Span[] =>
  typeof text === 'string' || 'text' in text ? [text] : text

const painted = (stream: Stream, spans: readonly Span[], tone: Tone): string =>
  spans
    .map((span) =>
      typeof span === 'string'
        ? toned(stream, span, tone)
        : toned(stream, span.text, span.tone === 'plain' ? tone : span.tone),
    )
    .join('')
    .trimEnd()

const STYLES = { good: 'green', bad: 'red', warn: 'yellow', quiet: 'dim', strong: 'bold' } as const

const toned = (stream: Stream, text: string, tone: Tone): string =>
  tone === 'plain' || text.trim() === ''
    ? printable(text)
    : styleText(STYLES[tone], printable(text), { stream })
