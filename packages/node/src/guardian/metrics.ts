/**
 * Metrics of a guardian in Prometheus' form. Labels come from closed lists only: methods of the table and reasons for refusals
 * (attack: a label that a stranger chooses makes a new series each time, until memory is full).
 */
import { createRegistry, METRICS_TYPE, type Registry } from '../server/metrics-text.ts'
import { watchProcess } from '../server/process-metrics.ts'

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

export const createGuardianMetrics = (guardian: string): GuardianMetrics => {
  const registry = createRegistry({ guardian })
  const answered = registry.histogram(
    {
      name: 'tally_moi_call_seconds',
      help: 'Time from a call to its answer, by method and outcome.',
    },
    SECONDS,
  )
  const executed = registry.counter({
    name: 'tally_moi_interactions_total',
    help: 'Executed interactions by what became of them.',
  })
  const operations = registry.counter({
    name: 'tally_moi_operations_total',
    help: 'Operations in executed interactions.',
  })()
  const dropped = registry.counter({
    name: 'tally_moi_dropped_total',
    help: 'Interactions that left the pool without a receipt.',
  })()
  const commits = registry.histogram(
    {
      name: 'tally_moi_commit_seconds',
      help: 'Time until a batch of interactions is durable.',
    },
    SECONDS,
  )()
  const batches = registry.histogram(
    {
      name: 'tally_moi_batch_interactions',
      help: 'Interactions that became durable together.',
    },
    [1, 2, 4, 8, 16, 32, 64, 128, 256],
  )()
  // As many as there are methods and reasons.
  const series = new Map<string, ReturnType<typeof answered>>()
  return {
    answered: (method = 'unknown', reason, seconds) => {
      const name = `${method} ${reason}`
      const one = series.get(name) ?? answered({ method, outcome: reason })
      series.set(name, one)
      one.observe(seconds)
    },
    executed: (status, count) => {
      executed({ status }).inc()
      operations.inc(count)
    },
    dropped: () => dropped.inc(),
    committed: (items, seconds) => {
      commits.observe(seconds)
      batches.observe(items)
    },
    watch: (gauges) => watchGauges(registry, gauges),
    text: registry.text,
    contentType: METRICS_TYPE,
    close: watchProcess(registry),
  }
}

const watchGauges = (registry: Registry, gauges: GuardianGauges): void => {
  const gauge = (name: string, help: string, look: () => number): void =>
    registry.gauge({ name, help }, () => [[{}, look()]])
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
