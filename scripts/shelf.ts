/**
 * Folders of what was made once and can be made again: the programs of tests, and what Node has compiled.
 *
 * Promise. The newest stay, whatever their age, and of the others all that were used a short while ago: several processes put
 * things there, use them and tidy at the same time, and none takes away what another is using. What others took away first is no failure.
 */
import { readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

export type ShelfRule = {
  /** How many stay in any case, the newest. */
  readonly count: number
  /** Milliseconds for which something is taken to be in use after it was made or used. */
  readonly usedMs: number
}

/** Takes away what is in a folder beyond that. */
export const tidyShelf = (shelf: string, { count, usedMs }: ShelfRule): void => {
  const kept = namesIn(shelf).flatMap((name) => {
    // What somebody else is taking away, or was when it was ended.
    if (name.startsWith(GONE)) {
      remove(join(shelf, name))
      return []
    }
    const path = join(shelf, name)
    const found = statSync(path, { throwIfNoEntry: false })
    return found ? [{ path, usedAt: found.mtimeMs }] : []
  })
  kept.sort((a, b) => b.usedAt - a.usedAt)
  for (const { path, usedAt } of kept.slice(count)) {
    if (Date.now() - usedAt > usedMs) takeAway(path)
  }
}

const GONE = '.gone-'

/** Away in one step: a folder that is being emptied looks as if it had just been used. */
const takeAway = (path: string): void => {
  const gone = join(dirname(path), `${GONE}${process.pid}-${basename(path)}`)
  try {
    renameSync(path, gone)
  } catch {
    // Somebody else was first.
    return
  }
  remove(gone)
}

const remove = (path: string): void => rmSync(path, { recursive: true, force: true, maxRetries: 3 })

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
