/**
 * Metrics of a guardian in Prometheus' form. Labels come from closed lists only: methods of the table and reasons for refusals
 * (attack: a label that a stranger chooses makes a new series each time, until memory is full).
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'

/** What is looked up when somebody asks. */
export type GuardianGauges = {
  readonly connections: () => number
  readonly sockets: () => number
  readonly subscriptions: () => number
  readonly filters: () => number
  readonly pending: () => number
  readonly queued: () => number
  readonly interactions: () => number
  readonly accountsReady: () => number
}

export type GuardianMetrics = {
  /** `method` is of the table; undefined for any other. */
  readonly answered: (method: string | undefined, reason: string, seconds: number) => void
  readonly executed: (status: string, operations: number) => void
  readonly dropped: () => void
  /** A batch became durable. */
  readonly committed: (items: number, seconds: number) => void
  readonly watch: (gauges: GuardianGauges) => void
  readonly text: () => Promise<string>
  readonly contentType: string
  readonly close: () => void
}

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]
const STALL_RESOLUTION_MS = 10

export const createGuardianMetrics = (guardian: string): GuardianMetrics => {
  const registry = new Registry()
  registry.setDefaultLabels({ guardian })
  const registers = [registry]
  const answered = new Histogram({
    name: 'tally_moi_call_seconds',
    help: 'Time from a call to its answer, by method and outcome.',
    labelNames: ['method', 'outcome'],
    buckets: SECONDS,
    registers,
  })
  const executed = new Counter({
    name: 'tally_moi_interactions_total',
    help: 'Executed interactions by what became of them.',
    labelNames: ['status'],
    registers,
  })
  const operations = new Counter({
    name: 'tally_moi_operations_total',
    help: 'Operations in executed interactions.',
    registers,
  })
  const dropped = new Counter({
    name: 'tally_moi_dropped_total',
    help: 'Interactions that left the pool without a receipt.',
    registers,
  })
  const commits = new Histogram({
    name: 'tally_moi_commit_seconds',
    help: 'Time until a batch of interactions is durable.',
    buckets: SECONDS,
    registers,
  })
  const batches = new Histogram({
    name: 'tally_moi_batch_interactions',
    help: 'Interactions that became durable together.',
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
    registers,
  })
  const stall = monitorEventLoopDelay({ resolution: STALL_RESOLUTION_MS })
  stall.enable()
  watchProcess(registry, stall)
  // As many as there are methods and reasons.
  const children = new Map<string, Histogram.Internal<'method' | 'outcome'>>()
  return {
    answered: (method = 'unknown', reason, seconds) => {
      const name = `${method} ${reason}`
      const child = children.get(name) ?? answered.labels({ method, outcome: reason })
      children.set(name, child)
      child.observe(seconds)
    },
    executed: (status, count) => {
      executed.inc({ status })
      operations.inc(count)
    },
    dropped: () => dropped.inc(),
    committed: (items, seconds) => {
      commits.observe(seconds)
      batches.observe(items)
    },
    watch: (gauges) => watchGauges(registry, gauges),
    text: () => registry.metrics(),
    contentType: registry.contentType,
    close: () => {
      stall.disable()
      registry.clear()
    },
  }
}

const watchProcess = (
  registry: Registry,
  stall: ReturnType<typeof monitorEventLoopDelay>,
): void => {
  const registers = [registry]
  const stalls: Gauge<'quantile'> = new Gauge({
    name: 'tally_event_loop_stall_seconds',
    help: 'How late the event loop came to a timer since the last look, beyond its resolution.',
    labelNames: ['quantile'],
    registers,
    collect: () => {
      for (const quantile of [0.5, 0.99, 1]) {
        const lateMs = stall.percentile(quantile * 100) / 1e6 - STALL_RESOLUTION_MS
        stalls.set({ quantile: String(quantile) }, Math.max(0, lateMs) / 1000)
      }
      stall.reset()
    },
  })
  const memory: Gauge = new Gauge({
    name: 'tally_resident_memory_bytes',
    help: 'Memory of the process.',
    registers,
    collect: () => memory.set(process.memoryUsage.rss()),
  })
}

const watchGauges = (registry: Registry, gauges: GuardianGauges): void => {
  const registers = [registry]
  const gauge = (name: string, help: string, look: () => number): void => {
    const made: Gauge = new Gauge({ name, help, registers, collect: () => made.set(look()) })
  }
  gauge('tally_connections', 'Open connections.', gauges.connections)
  gauge('tally_moi_sockets', 'Open WebSockets.', gauges.sockets)
  gauge(
    'tally_moi_subscriptions',
    'Subscriptions and filters that are told news.',
    gauges.subscriptions,
  )
  gauge('tally_moi_filters', 'Filters that are kept.', gauges.filters)
  gauge('tally_moi_pool_pending', 'Interactions in the pool whose turn comes.', gauges.pending)
  gauge('tally_moi_pool_queued', 'Interactions in the pool behind a gap.', gauges.queued)
  gauge('tally_moi_lattice_entries', 'Interactions in the journal.', gauges.interactions)
  gauge('tally_moi_accounts_ready', 'Accounts whose state is in memory.', gauges.accountsReady)
}
