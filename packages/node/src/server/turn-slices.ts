/**
 * Slices of work that many share one turn of the event loop for: so many of them, and the others in the next turn, in the order in which
 * they came. However much is asked for at once, whoever asks for something else waits for a few slices and not for all.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'

/** Resolves when there is a slice for whoever asked. */
export type Slice = () => Promise<void>

export const createTurnSlices = (eachTurn: number): Slice => {
  let taken = 0
  const renew = async (): Promise<void> => {
    await nextTurn()
    taken = 0
  }
  return async () => {
    while (taken >= eachTurn) await nextTurn()
    if (taken === 0) void renew()
    taken += 1
  }
}
