/**
 * Metrics of an operator in Prometheus' form. Labels come from closed lists only: routes of the table, statuses, kinds of
 * answers (attack: a label that a stranger chooses makes a new series each time, until memory is full).
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Answer, Charge } from 'tallystick/models'
import type { AuditedOperator } from '../client/audit.ts'
import type { Route } from './route.ts'

/** What is looked up when somebody asks. */
export type Gauges = {
  readonly connections: () => number
  readonly strangers: () => number
  readonly followers: () => number
  readonly checksWaiting: () => number
  readonly logSize: () => Promise<number>
}

export type Metrics = {
  readonly answered: (route: Route, status: number, seconds: number) => void
  readonly stepAnswered: (is: Answer['is']) => void
  readonly badSignature: () => void
  readonly convicted: (kind: Charge['kind']) => void
  /** How the other operators were found. */
  readonly audited: (states: readonly Pick<AuditedOperator, 'is'>[]) => void
  readonly committed: (seconds: number) => void
  /** Tells where to look up what the process holds. */
  readonly watch: (gauges: Gauges) => void
  readonly text: () => Promise<string>
  readonly contentType: string
  readonly close: () => void
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]

export const createMetrics = (operator: string): Metrics => {
  const registry = new Registry()
  registry.setDefaultLabels({ operator })
  const registers = [registry]
  const answeredSeconds = new Histogram({
    name: 'tally_request_seconds',
    help: 'Time from the headers of a request to the end of its answer.',
    labelNames: ['route', 'status'],
    buckets: SECONDS,
    registers,
  })
  // As many as there are routes and statuses.
  const children = new Map<string, Histogram.Internal<'route' | 'status'>>()
  const steps = new Counter({
    name: 'tally_steps_total',
    help: 'Submitted steps by answer: receipt, taken, refused.',
    labelNames: ['answer'],
    registers,
  })
  // Looking a child up by its labels costs more than counting.
  const answered: Readonly<Record<Answer['is'], { readonly inc: () => void }>> = {
    receipt: steps.labels('receipt'),
    taken: steps.labels('taken'),
    refused: steps.labels('refused'),
  }
  const bad = new Counter({
    name: 'tally_bad_signatures_total',
    help: 'Signatures that were checked, or known, and not good.',
    registers,
  })
  const commits = new Histogram({
    name: 'tally_vow_commit_seconds',
    help: 'Time until a vow is durable, waiting for a shared sync included.',
    buckets: SECONDS,
    registers,
  })
  const stall = monitorEventLoopDelay({ resolution: STALL_RESOLUTION_MS })
  stall.enable()
  watchProcess(registry, stall)
  return {
    answered: (route, status, seconds) => {
      // Looking a child up by its labels costs more than counting.
      const name = `${route.method} ${route.path} ${status}`
      const child =
        children.get(name) ?? answeredSeconds.labels({ route: route.path, status: String(status) })
      children.set(name, child)
      child.observe(seconds)
    },
    stepAnswered: (is) => answered[is].inc(),
    badSignature: () => bad.inc(),
    ...verdictsOf(registry),
    committed: (seconds) => commits.observe(seconds),
    watch: (gauges) => watchGauges(registry, gauges),
    text: () => registry.metrics(),
    contentType: registry.contentType,
    close: () => {
      stall.disable()
      registry.clear()
    },
  }
}

/** What was found about keys and other operators. */
const verdictsOf = (registry: Registry): Pick<Metrics, 'convicted' | 'audited'> => {
  const registers = [registry]
  const convictions = new Counter({
    name: 'tally_convictions_total',
    help: 'Evidence that was kept since the start, by its kind.',
    labelNames: ['kind'],
    registers,
  })
  const peers = new Gauge({
    name: 'tally_peers',
    help: 'Other operators by how the last audit found them.',
    labelNames: ['state'],
    registers,
  })
  return {
    convicted: (kind) => convictions.inc({ kind }),
    audited: (states) => {
      for (const state of PEER_STATES) {
        peers.set({ state }, states.filter(({ is }) => is === state).length)
      }
    },
  }
}

const PEER_STATES: readonly AuditedOperator['is'][] = [
  'consistent',
  'new',
  'behind',
  'silent',
  'withholding',
  'two-stories',
]

const STALL_RESOLUTION_MS = 10

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

const watchGauges = (registry: Registry, gauges: Gauges): void => {
  const registers = [registry]
  const gauge = (name: string, help: string, look: () => number): void => {
    const made: Gauge = new Gauge({ name, help, registers, collect: () => made.set(look()) })
  }
  gauge('tally_connections', 'Open connections.', gauges.connections)
  gauge('tally_strangers', 'Open connections that have shown no token.', gauges.strangers)
  gauge('tally_followers', 'Open sockets that follow.', gauges.followers)
  gauge('tally_signature_checks_waiting', 'Signatures in line.', gauges.checksWaiting)
  const size: Gauge = new Gauge({
    name: 'tally_vows',
    help: 'Vows in the journal.',
    registers,
    collect: async () => size.set(await gauges.logSize()),
  })
}
