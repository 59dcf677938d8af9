/** Made-up entries of a log, told apart by a number. */
import { type LogEntry, logEntry } from '../../../src/models/directory/log.ts'
import { anId } from '../../kernel/sample.ts'

export const entryOf = (at: number, changes: Partial<LogEntry> = {}): LogEntry => ({
  machine: anId(`machine ${at % 7}`),
  sequence: BigInt(at),
  parent: anId(`parent ${at}`),
  child: anId(`child ${at}`),
  time: BigInt(1000 + at),
  ...changes,
})

export const entryBytes = (at: number): Uint8Array => logEntry.encode(entryOf(at))
