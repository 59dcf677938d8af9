/**
 * Folders of what was made once and can be made again: the programs of tests, and what Node has compiled.
 *
 * Promise. The newest stay, whatever their age, and of the others all that were used a short while ago: several processes put
 * things there, use them and tidy at the same time, and none takes away what another is using. What others took away first is no failure.
 */
import { readdirSync, rmSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'

export type ShelfRule = {
  /** How many stay in any case, the newest. */
  readonly count: number
  /** Milliseconds for which something is taken to be in use after it was made or used. */
  readonly usedMs: number
}

/** Takes away what is in a folder beyond that. */
export const tidyShelf = (shelf: string, { count, usedMs }: ShelfRule): void => {
  const kept = namesIn(shelf).flatMap((name) => {
    const path = join(shelf, name)
    const found = statSync(path, { throwIfNoEntry: false })
    return found ? [{ path, usedAt: found.mtimeMs }] : []
  })
  kept.sort((a, b) => b.usedAt - a.usedAt)
  for (const { path, usedAt } of kept.slice(count)) {
    if (Date.now() - usedAt > usedMs) rmSync(path, { recursive: true, force: true })
  }
}

/** Says that something is in use. Whether it is there. */
export const useOnShelf = (path: string): boolean => {
  const now = new Date()
  try {
    utimesSync(path, now, now)
    return true
  } catch {
    return false
  }
}

const namesIn = (shelf: string): readonly string[] => {
  try {
    return readdirSync(shelf)
  } catch {
    return []
  }
}
