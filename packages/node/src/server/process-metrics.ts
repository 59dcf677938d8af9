/** Metrics that every process of ours has: how late its event loop comes, and its memory. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Registry } from './metrics-text.ts'

const STALL_RESOLUTION_MS = 10

/** Returns what ends the measuring. */
export const watchProcess = (registry: Registry): (() => void) => {
  const stall = monitorEventLoopDelay({ resolution: STALL_RESOLUTION_MS })
  stall.enable()
  registry.gauge(
    {
      name: 'tally_event_loop_stall_seconds',
      help: 'How late the event loop came to a timer since the last look, beyond its resolution.',
    },
    () => {
      const found = [0.5, 0.99, 1].map((quantile): [Readonly<Record<string, string>>, number] => {
        const lateMs = stall.percentile(quantile * 100) / 1e6 - STALL_RESOLUTION_MS
        return [{ quantile: String(quantile) }, Math.max(0, lateMs) / 1000]
      })
      stall.reset()
      return found
    },
  )
  registry.gauge({ name: 'tally_resident_memory_bytes', help: 'Memory of the process.' }, () => [
    [{}, process.memoryUsage.rss()],
  ])
  return () => stall.disable()
}
