/**
 * What an operator logs: one line of JSON for each event, with a name and a few fields.
 *
 * Promise. A line is one line: every control, direction and invisible character of a value is escaped (attack: a name that
 * forges the next line, or moves the cursor of whoever reads the log). Values are cut at a length. Of one kind of event so
 * many lines are written in a second; the rest is counted and told with the next one (attack: filling the disk with refusals).
 * Nothing that is logged comes from a header, a body or a key; the fields are chosen where the event happens.
 */
import { getLogger, type LogRecord, type Sink } from '@logtape/logtape'

export type LogLevel = 'debug' | 'info' | 'warning' | 'error'
export type LogFields = Readonly<Record<string, string | number | bigint | boolean | undefined>>
export type OperatorLogger = (level: LogLevel, event: string, fields?: LogFields) => void

export const LOG_CATEGORY = ['tallystick', 'operator'] as const
const VALUE_CHARACTERS_MAX = 512

/** Logs through the library's own set-up; where nobody set one up, nothing is written. */
export const createOperatorLogger = (options: {
  readonly operator: string
  readonly linesPerSecond: number
  readonly clockMs: () => number
}): OperatorLogger => {
  const logger = getLogger([...LOG_CATEGORY])
  const counts = new Map<string, { second: number; count: number; left: number }>()
  return (level, event, fields = {}) => {
    const second = Math.floor(options.clockMs() / 1000)
    // Names of events are literals of this program, so there are few.
    const known = counts.get(event) ?? { second, count: 0, left: 0 }
    counts.set(event, known)
    if (known.second !== second) {
      known.second = second
      known.count = 0
    }
    known.count++
    if (known.count > options.linesPerSecond) {
      known.left++
      return
    }
    const more = known.left > 0 ? { leftOut: known.left } : {}
    known.left = 0
    logger[level](event, { operator: options.operator, ...fields, ...more })
  }
}

/** Writes records as lines of JSON. */
export const createJsonSink =
  (write: (line: string) => void): Sink =>
  (record) =>
    write(lineFromRecord(record))

/** One record as one line. */
export const lineFromRecord = (record: LogRecord): string => {
  const fields: Record<string, unknown> = {
    time: new Date(record.timestamp).toISOString(),
    level: record.level,
    event: typeof record.rawMessage === 'string' ? record.rawMessage : record.rawMessage.join(''),
  }
  for (const [name, value] of Object.entries(record.properties)) {
    if (!Object.hasOwn(fields, name)) fields[name] = plainValue(value)
  }
  return `${escaped(JSON.stringify(fields))}\n`
}

const plainValue = (value: unknown): unknown => {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'number' || typeof value === 'boolean') return value
  if (typeof value !== 'string') return undefined
  return value.length > VALUE_CHARACTERS_MAX ? `${value.slice(0, VALUE_CHARACTERS_MAX)}…` : value
}

/** What JSON leaves as it is and a terminal does not, each unit of it by its number. */
const escaped = (json: string): string =>
  json.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) =>
    Array.from(
      { length: character.length },
      (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
    ).join(''),
  )
