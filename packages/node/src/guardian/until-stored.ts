/**
 * Writing to a store that may be full, or away, for a while.
 *
 * Promise. What is to be written is written in the end, once, or raises why not: where the trouble is of a kind that does not pass,
 * and where whoever waits is told to stop. Nothing after it happens before it, so nothing is acknowledged that is not durable.
 *
 * Not promised. That a write which was given up left nothing behind: a store that was away may have it. So a write has to be one
 * that can be made again.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { storeErrorCode } from '../store/errors.ts'

export type Patience = {
  readonly isStopping: () => boolean
  /** Told of each time that it was in vain. */
  readonly onTrouble: (error: unknown) => void
}

/** Milliseconds after which it is tried again, twice as many each time up to the last. */
const FIRST_MS = 50
const LAST_MS = 1000

export const untilStored = async <T>(
  write: () => Promise<T>,
  { isStopping, onTrouble }: Patience,
): Promise<T> => {
  for (let waitMs = FIRST_MS; ; waitMs = Math.min(2 * waitMs, LAST_MS)) {
    try {
      return await write()
    } catch (error) {
      if (!isPassing(error) || isStopping()) throw error
      onTrouble(error)
      await pause(waitMs)
    }
  }
}

/** No room, no connection, or too much to do: later it may work. */
const isPassing = (error: unknown): boolean => PASSING.has(storeErrorCode(error) ?? '')
const PASSING: ReadonlySet<string> = new Set(['store/full', 'store/unreachable', 'store/busy'])
