/**
 * Group commit: units that arrive while a batch is being synced wait, and then share the next sync.
 *
 * Promise. Units reach the engine in the order in which they arrived, one batch at a time. What waits is bounded; a unit
 * beyond the bound is refused at once, so that a slow disk is felt by whoever sends, and not by memory.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { STORE_BATCH_BYTES_MAX, STORE_BATCH_UNITS_MAX, STORE_WAITING_MAX } from '../limits.ts'
import { unitBytes } from './bounds.ts'
import { storeError } from './errors.ts'
import type { Outcome, Unit } from './store.ts'

type Waiting = {
  readonly unit: Unit
  readonly resolve: (outcome: Outcome) => void
  readonly reject: (error: unknown) => void
}

export type Queue = {
  readonly add: (unit: Unit) => Promise<Outcome>
  /** Commits what waits, and takes nothing more. */
  readonly close: () => Promise<void>
}

/** `commit` answers each unit of a batch, in order, or raises for all of them. */
export const createQueue = (
  commit: (units: readonly Unit[]) => Promise<readonly Outcome[]>,
): Queue => {
  const waiting: Waiting[] = []
  let running: Promise<void> | undefined
  let closed = false
  const run = async (): Promise<void> => {
    while (waiting.length > 0) {
      // All that comes in one turn of the event loop shares a batch, and with it the syncs: most of it is checked in that turn.
      await nextTurn()
      await settle(takeBatch(waiting), commit)
    }
    running = undefined
  }
  return {
    add: (unit) => {
      if (closed) return Promise.reject(storeError('store/closed', 'the store was closed'))
      if (waiting.length >= STORE_WAITING_MAX)
        return Promise.reject(storeError('store/busy', `${waiting.length} units wait already`))
      return new Promise((resolve, reject) => {
        waiting.push({ unit, resolve, reject })
        running ??= run()
      })
    },
    close: async () => {
      closed = true
      await running
    },
  }
}

const takeBatch = (waiting: Waiting[]): readonly Waiting[] => {
  let size = 0
  let count = 0
  for (const { unit } of waiting) {
    size += unitBytes(unit)
    if (count === STORE_BATCH_UNITS_MAX || (count > 0 && size > STORE_BATCH_BYTES_MAX)) break
    count += 1
  }
  return waiting.splice(0, count)
}

const settle = async (
  batch: readonly Waiting[],
  commit: (units: readonly Unit[]) => Promise<readonly Outcome[]>,
): Promise<void> => {
  try {
    const outcomes = await commit(batch.map(({ unit }) => unit))
    batch.forEach(({ resolve, reject }, at) => {
      const outcome = outcomes[at]
      if (outcome === undefined) reject(storeError('store/stopped', 'the engine left a unit out'))
      else resolve(outcome)
    })
  } catch (error) {
    for (const { reject } of batch) reject(error)
  }
}
