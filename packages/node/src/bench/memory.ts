/**
 * What the log and the map of an operator take of its memory: as they count it themselves, and as the process has grown.
 *
 * Entries have the size and the spread of real ones, since keys are hashes. They are taken in as a start does it.
 */
import { hash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { hashId, TAGS, u32 } from 'tallystick/base'
import { type Figure, figureFrom } from 'tallystick/command'
import { createChildMap, createLog, logEntry, type LogEntry } from 'tallystick/models'

const ENTRIES = 1_000_000

export const benchMemory = async (): Promise<readonly Figure[]> => {
  const before = residentBytes()
  const log = createLog((bytes) => new Uint8Array(hash('sha256', bytes, 'buffer')))
  const map = createChildMap('classic')
  const filling = map.fill(ENTRIES)
  for (let at = 0; at < ENTRIES; at++) {
    const bytes = logEntry.encode(entryOf(at))
    log.append(bytes)
    filling.take(bytes)
    if (at % 4096 === 0) await nextTurn()
  }
  while (filling.build()) await nextTurn()
  if (map.size() !== ENTRIES || log.size() !== ENTRIES) throw new Error('an entry is missing')
  const grown = residentBytes() - before
  const row = (name: string, bytes: number): Figure =>
    figureFrom({ id: 'D9', name, unit: 'bytes', note: `${ENTRIES.toLocaleString('en')} entries` }, [
      bytes,
    ])
  return [
    row('the log', log.memoryBytes()),
    row('the map', map.memoryBytes()),
    row('both, as the process has grown', grown),
  ]
}

const residentBytes = (): number => {
  globalThis.gc?.()
  return process.memoryUsage.rss()
}

/** Each on a machine of its own: no two positions have one parent. */
const entryOf = (at: number): LogEntry => {
  const seed = u32.encode(at)
  return {
    machine: hashId<'machine'>('classic', TAGS.seed, seed),
    sequence: 1n,
    parent: hashId<'transition'>('classic', TAGS.transition, seed),
    child: hashId<'transition'>('classic', TAGS.consent, seed),
    time: BigInt(at),
  }
}
