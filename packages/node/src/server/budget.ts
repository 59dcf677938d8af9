/**
 * Budgets: how much work somebody may cause. Each has a purse of units that fills again with time.
 *
 * Promise. However many keys are asked for, `sizeMax` purses are kept; the one not used for longest goes first. A forgotten
 * purse is a full one, so whoever wants a fresh purse by filling the table has to pay for every purse that it fills.
 */
import { setBounded } from './bounded-map.ts'

export type Budget = {
  /** Takes units out of a purse; false, and nothing taken, where it has too few. */
  readonly take: (key: string, units: number) => boolean
  /** Takes them whatever there is: a purse in debt has to fill before it pays again. */
  readonly fine: (key: string, units: number) => void
  /** Milliseconds until the purse could pay. */
  readonly waitMs: (key: string, units: number) => number
  readonly size: () => number
}

type Purse = { units: number; at: number }

export const createBudget = (options: {
  readonly units: number
  readonly perSecond: number
  readonly sizeMax: number
  /** Milliseconds; only differences matter. */
  readonly clock: () => number
}): Budget => {
  const purses = new Map<string, Purse>()
  const purseOf = (key: string): Purse => {
    const now = options.clock()
    const known = purses.get(key)
    const filled = known ? ((now - known.at) * options.perSecond) / 1000 : options.units
    const units = Math.min(options.units, (known?.units ?? 0) + filled)
    const purse = known ?? { units, at: now }
    purse.units = units
    purse.at = now
    setBounded(purses, key, purse, options.sizeMax)
    return purse
  }
  return {
    take: (key, units) => {
      const purse = purseOf(key)
      if (purse.units < units) return false
      purse.units -= units
      return true
    },
    fine: (key, units) => {
      const purse = purseOf(key)
      // Bounded, so that one bad minute does not shut somebody out for a day.
      purse.units = Math.max(purse.units - units, -options.units)
    },
    waitMs: (key, units) => {
      const missing = units - purseOf(key).units
      return missing <= 0 ? 0 : Math.ceil((missing * 1000) / options.perSecond)
    },
    size: () => purses.size,
  }
}
