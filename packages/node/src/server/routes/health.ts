/** Whether the process lives and may be sent work. Neither needs a token, and neither says what runs here. */
import type { Route } from '../route.ts'

const PLAIN = 'text/plain; charset=utf-8'

export const showHealth: Route = {
  method: 'GET',
  path: '/healthz',
  tier: 'open',
  cost: 1,
  what: 'Whether the process answers.',
  answer: 'text `ok`',
  run: async () => ({ is: 'text', text: 'ok\n', type: PLAIN }),
}

export const showReadiness: Route = {
  method: 'GET',
  path: '/readyz',
  tier: 'open',
  cost: 1,
  what: 'Whether the operator takes vows: not while it stops, nor while its store is being checked, full, stopped or in quarantine.',
  answer: 'text `ready`, or 503 and a word why not',
  run: async ({ operator }) => {
    const why = operator.readiness()
    return why === 'ready'
      ? { is: 'text', text: 'ready\n', type: PLAIN }
      : { is: 'text', text: `${why}\n`, type: PLAIN, status: 503 }
  },
}

export const showMetrics: Route = {
  method: 'GET',
  path: '/metrics',
  tier: 'read',
  cost: 50,
  what: 'Metrics of the process in the text form of Prometheus.',
  answer: 'text',
  run: async ({ operator }) => ({
    is: 'text',
    text: await operator.metrics.text(),
    type: operator.metrics.contentType,
  }),
}
