/**
 * The application: the table of routes behind the rules that hold for each of them, in this order: tier, budget, content type,
 * length of the body, then the route itself.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { type Context, Hono } from 'hono'
import { Fault, isFault } from 'tallystick/base'
import type { Budget } from '../budget.ts'
import type { Operator } from '../operator.ts'
import type { Asked, Route } from '../route.ts'
import { traced } from '../trace.ts'
import { CONTENT_TYPE, isForLater, sendFailure, sendFault, sendReply } from './answer.ts'
import { readBody } from './body.ts'
import { allows, type Peer } from './peer.ts'

export type AppOptions = {
  readonly operator: Operator
  readonly routes: readonly Route[]
  readonly budget: Budget
  readonly peerOf: (request: IncomingMessage) => Peer
  readonly onFailure: (error: unknown, route: string) => void
  /** Told when a request has been answered. */
  readonly onAnswer: (route: Route, status: number, startedMs: number) => void
}

type Ctx = Context<{ Bindings: HttpBindings }>

/** A request and what its path and query say. */
type Exchange = Pick<Asked, 'param' | 'query'> & {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
}

/**
 * Answers requests without the router whose path is one of the table as it stands there, or ends in one id, and has no query: for
 * these, what the router makes of a request costs as much as the answer. Undefined for any other request. The same rules
 * hold, and in the same order.
 */
export const createShortWay = (
  options: AppOptions,
): ((incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void> | undefined) => {
  const fixed = new Map<string, Route>(
    options.routes.flatMap((route) =>
      route.path.includes(':') ? [] : [[`${route.method} ${route.path}`, route] as const],
    ),
  )
  const routes = new Map(
    options.routes.flatMap((route) => {
      const [, start] = /^([a-z0-9/]+\/):id$/.exec(route.path) ?? []
      return start === undefined || route.method !== 'GET' ? [] : [[start, route] as const]
    }),
  )
  return (incoming, outgoing) => {
    const { method = '', url = '' } = incoming
    const exact = fixed.get(`${method} ${url}`)
    if (exact) return serve(options, exact, { incoming, outgoing, ...NOTHING_NAMED })
    if (incoming.method !== 'GET' || url.charCodeAt(url.length - ID_DIGITS - 1) !== SLASH) {
      return undefined
    }
    const route = routes.get(url.slice(0, -ID_DIGITS))
    const id = url.slice(-ID_DIGITS)
    if (!route || !/^[0-9a-f]+$/.test(id)) return undefined
    const param = (name: string): string => (name === 'id' ? id : '')
    return serve(options, route, { incoming, outgoing, param, query: () => undefined })
  }
}

const NOTHING_NAMED: Pick<Asked, 'param' | 'query'> = { param: () => '', query: () => undefined }

/** An id as text. */
const ID_DIGITS = 64
const SLASH = 47

export const createApp = (options: AppOptions): Hono<{ Bindings: HttpBindings }> => {
  const app = new Hono<{ Bindings: HttpBindings }>()
  for (const route of options.routes) {
    app.on(route.method, route.path, async (context) => {
      await serve(options, route, exchangeOf(context))
      return RESPONSE_ALREADY_SENT
    })
  }
  app.notFound((context) => {
    const fault = new Fault('request/not-found', 'there is no such address')
    sendFault(outgoingOf(context), fault)
    return RESPONSE_ALREADY_SENT
  })
  return app
}

const outgoingOf = (context: Ctx): ServerResponse => context.env.outgoing

const exchangeOf = (context: Ctx): Exchange => ({
  incoming: context.env.incoming,
  outgoing: context.env.outgoing,
  param: (name) => context.req.param(name) ?? '',
  query: (name) => context.req.query(name) || undefined,
})

const serve = async (options: AppOptions, route: Route, exchange: Exchange): Promise<void> => {
  const { incoming, outgoing, param, query } = exchange
  const startedMs = performance.now()
  try {
    const peer = options.peerOf(incoming)
    pay(options, route, peer)
    const body = route.body ? await bodyOf(options, route, incoming) : EMPTY
    // For what came, not for what was announced. It has come already, so it is owed.
    const units = Math.ceil(((route.costPerKb ?? 0) * body.length) / 1024)
    if (units > 0) for (const purse of peer.purses) options.budget.fine(purse, units)
    const asked: Asked = {
      operator: options.operator,
      peer,
      param,
      query,
      body,
    }
    sendReply(outgoing, await traced(route.path, {}, () => route.run(asked)))
  } catch (error) {
    await refuse(options, route, outgoing, error)
  }
  options.onAnswer(route, outgoing.statusCode, startedMs)
}

const EMPTY = new Uint8Array(0)

/** Whether the peer may ask this at all, and has units left. */
const pay = ({ budget }: AppOptions, route: Route, peer: Peer): void => {
  if (!allows(peer.tier, route.tier)) {
    throw new Fault('request/wrong-tier', `this token does not allow to ${route.tier}`)
  }
  for (const purse of peer.purses) {
    if (!budget.take(purse, route.cost)) {
      const waitMs = budget.waitMs(purse, route.cost)
      throw Object.assign(new Fault('request/too-many', 'more than this token may ask'), { waitMs })
    }
  }
}

const bodyOf = async (
  { operator }: AppOptions,
  route: Route,
  incoming: IncomingMessage,
): Promise<Uint8Array> => {
  const type = incoming.headers['content-type']
  if (type !== CONTENT_TYPE) {
    throw new Fault('request/wrong-type', `the content type has to be ${CONTENT_TYPE}`)
  }
  return readBody(incoming, route.body?.bytesMax ?? operator.limits.bodyBytes)
}

/**
 * Who has spent too much waits for the answer too, so that asking again at once gains nothing: each of its connections asks once
 * a second. It waits in its own places (`requestsEach`), and in nobody else's.
 */
const SPENT_MS = 1000

const refuse = async (
  options: AppOptions,
  route: Route,
  outgoing: ServerResponse,
  error: unknown,
): Promise<void> => {
  if (isFault(error)) {
    const waitMs = 'waitMs' in error && typeof error.waitMs === 'number' ? error.waitMs : undefined
    // Not the time until the purse could pay: many connections that each wait a moment are a flood again.
    if (waitMs !== undefined) await pause(SPENT_MS)
    const retryMs = error.code === 'request/overloaded' ? 1000 : waitMs
    // What is left of a body that was not read would be taken for the next request.
    const close = error.code === 'request/too-large' || error.code === 'request/cut-off'
    sendFault(outgoing, error, { ...(retryMs === undefined ? {} : { retryMs }), close })
    return
  }
  options.onFailure(error, `${route.method} ${route.path}`)
  sendFailure(outgoing, isForLater(error) ? 503 : 500)
}
