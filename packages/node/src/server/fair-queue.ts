/**
 * A queue of work that many share: so many run at once, the others wait in a line of their own each, and the lines are served
 * in turn.
 *
 * Promise. Whoever sends a flood waits behind itself: somebody else's work goes next after one of each. What waits is bounded,
 * in all and for each line; work beyond that is refused at once and not started.
 */
export type FairQueue = {
  /** The work's result, or undefined where the queue is full. Rejects as the work does. */
  readonly run: <T>(line: string, work: () => Promise<T>) => Promise<T | undefined>
  readonly waiting: () => number
}

export const createFairQueue = (options: {
  readonly running: number
  readonly waiting: number
  readonly waitingEach: number
}): FairQueue => {
  // Lines in the order in which they are served; each has at least one that waits.
  const lines = new Map<string, (() => void)[]>()
  let running = 0
  let waiting = 0
  const startNext = (): void => {
    const next = lines.entries().next()
    if (next.done === true) return
    const [name, line] = next.value
    const start = line.shift()
    // To the end of the round, or out where nothing waits any more.
    lines.delete(name)
    if (line.length > 0) lines.set(name, line)
    waiting--
    start?.()
  }
  const runNow = async <T>(work: () => Promise<T>): Promise<T> => {
    running++
    try {
      return await work()
    } finally {
      running--
      if (running < options.running) startNext()
    }
  }
  return {
    run: (name, work) => {
      if (running < options.running) return runNow(work)
      const line = lines.get(name) ?? []
      if (waiting >= options.waiting || line.length >= options.waitingEach) {
        return Promise.resolve(undefined)
      }
      waiting++
      return new Promise((resolve, reject) => {
        line.push(() => {
          runNow(work).then(resolve, reject)
        })
        lines.set(name, line)
      })
    },
    waiting: () => waiting,
  }
}
