/** What tells a process to stop: SIGTERM, and SIGINT, which Ctrl-C sends. */

/** A terminal sends Ctrl-C to everybody in front of it, and whoever started this process may pass it on: both mean one wish. */
const SAME_WISH_MS = 1000
const INTERRUPTED = 130

/** Calls `told` once. Whoever insists later than that ends the process where it stands. */
export const onStopSignal = (told: (signal: NodeJS.Signals) => void): void => {
  let toldAt: number | undefined
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      const now = performance.now()
      if (toldAt !== undefined && now - toldAt > SAME_WISH_MS) process.exit(INTERRUPTED)
      if (toldAt !== undefined) return
      toldAt = now
      told(signal)
    })
  }
}
