/** Receipts that are waited for: who asks for one a moment too early is answered when it is there. */
export type Waits = {
  /** Resolves when that interaction is settled or the time is over, whichever comes first; false where too many wait already. */
  readonly wait: (hash: string) => Promise<boolean>
  readonly settle: (hash: string) => void
  readonly count: () => number
}

export const createWaits = (options: {
  readonly waitMs: number
  readonly sizeMax: number
}): Waits => {
  const waiting = new Map<string, Set<() => void>>()
  let count = 0
  return {
    wait: (hash) => {
      if (count >= options.sizeMax) return Promise.resolve(false)
      count += 1
      return new Promise((resolve) => {
        const those = waiting.get(hash) ?? new Set()
        waiting.set(hash, those)
        const end = (): void => {
          clearTimeout(timer)
          if (!those.delete(end)) return
          if (those.size === 0) waiting.delete(hash)
          count -= 1
          resolve(true)
        }
        const timer = setTimeout(end, options.waitMs)
        those.add(end)
      })
    },
    settle: (hash) => {
      for (const end of waiting.get(hash) ?? []) end()
    },
    count: () => count,
  }
}
