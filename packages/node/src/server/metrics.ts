/**
 * Metrics of an operator in Prometheus' form. Labels come from closed lists only: routes of the table, statuses, kinds of
 * answers (attack: a label that a stranger chooses makes a new series each time, until memory is full).
 */
import type { Answer, Charge } from 'tallystick/models'
import type { AuditedOperator } from '../client/audit.ts'
import { createRegistry, METRICS_TYPE, type Registry } from './metrics-text.ts'
import { watchProcess } from './process-metrics.ts'
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
  const registry = createRegistry({ operator })
  const answered = registry.histogram(
    {
      name: 'tally_request_seconds',
      help: 'Time from the headers of a request to the end of its answer.',
    },
    SECONDS,
  )
  // As many as there are routes and statuses.
  const answeredBy = new Map<string, ReturnType<typeof answered>>()
  const steps = registry.counter({
    name: 'tally_steps_total',
    help: 'Submitted steps by answer: receipt, taken, refused.',
  })
  const stepsBy: Readonly<Record<Answer['is'], ReturnType<typeof steps>>> = {
    receipt: steps({ answer: 'receipt' }),
    taken: steps({ answer: 'taken' }),
    refused: steps({ answer: 'refused' }),
  }
  const bad = registry.counter({
    name: 'tally_bad_signatures_total',
    help: 'Signatures that were checked, or known, and not good.',
  })()
  const commits = registry.histogram(
    {
      name: 'tally_vow_commit_seconds',
      help: 'Time until a vow is durable, waiting for a shared sync included.',
    },
    SECONDS,
  )()
  const close = watchProcess(registry)
  return {
    answered: (route, status, seconds) => {
      const name = `${route.method} ${route.path} ${status}`
      const series = answeredBy.get(name) ?? answered({ route: route.path, status: String(status) })
      answeredBy.set(name, series)
      series.observe(seconds)
    },
    stepAnswered: (is) => stepsBy[is].inc(),
    badSignature: bad.inc,
    ...verdictsOf(registry),
    committed: commits.observe,
    watch: (gauges) => watchGauges(registry, gauges),
    text: registry.text,
    contentType: METRICS_TYPE,
    close,
  }
}

/** What was found about keys and other operators. */
const verdictsOf = (registry: Registry): Pick<Metrics, 'convicted' | 'audited'> => {
  const convictions = registry.counter({
    name: 'tally_convictions_total',
    help: 'Evidence that was kept since the start, by its kind.',
  })
  let found: readonly (readonly [Readonly<Record<string, string>>, number])[] = []
  registry.gauge(
    { name: 'tally_peers', help: 'Other operators by how the last audit found them.' },
    () => found,
  )
  return {
    convicted: (kind) => convictions({ kind }).inc(),
    audited: (states) => {
      found = PEER_STATES.map((state) => [
        { state },
        states.filter(({ is }) => is === state).length,
      ])
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

const watchGauges = (registry: Registry, gauges: Gauges): void => {
  const gauge = (name: string, help: string, look: () => number | Promise<number>): void =>
    registry.gauge({ name, help }, async () => [[{}, await look()]])
  gauge('tally_connections', 'Open connections.', gauges.connections)
  gauge('tally_strangers', 'Open connections that have shown no token.', gauges.strangers)
  gauge('tally_followers', 'Open sockets that follow.', gauges.followers)
  gauge('tally_signature_checks_waiting', 'Signatures in line.', gauges.checksWaiting)
  gauge('tally_vows', 'Vows in the journal.', gauges.logSize)
}
