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
  /** Told of each time that it was in vain, and which was the first. */
  readonly onTrouble: (error: unknown, isFirst: boolean) => void
  /** Told once when it had been in vain and is over: written, or given up. */
  readonly onOver?: (isStored: boolean) => void
}

/** Milliseconds after which it is tried again, twice as many each time up to the last. */
const FIRST_MS = 50
const LAST_MS = 1000

export const untilStored = async <T>(
  write: () => Promise<T>,
  { isStopping, onTrouble, onOver }: Patience,
): Promise<T> => {
  let isFirst = true
  const end = (isStored: boolean): void => {
    if (!isFirst) onOver?.(isStored)
  }
  for (let waitMs = FIRST_MS; ; waitMs = Math.min(2 * waitMs, LAST_MS)) {
    try {
      const written = await write()
      end(true)
      return written
    } catch (error) {
      if (!isPassing(error) || isStopping()) {
        end(false)
        throw error
      }
      onTrouble(error, isFirst)
      isFirst = false
      await pause(waitMs)
    }
  }
}

/** No room, no connection, or too much to do: later it may work. */
const isPassing = (error: unknown): boolean => PASSING.has(storeErrorCode(error) ?? '')
const PASSING: ReadonlySet<string> = new Set(['store/full', 'store/unreachable', 'store/busy'])
