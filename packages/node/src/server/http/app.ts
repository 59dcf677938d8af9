/**
 * The application: the table of routes behind the rules that hold for each of them, in this order: tier, budget, content type,
 * length of the body, then the route itself.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
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

/** A request and what its path and query say. */
type Exchange = Pick<Asked, 'param' | 'query'> & {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
}

export type App = (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>

export const createApp = (options: AppOptions): App => {
  const find = createFinder(options.routes)
  return async (incoming, outgoing) => {
    const { method = '', url = '' } = incoming
    const [path = '', search = ''] = url.split('?', 2)
    // What is left out of an answer to HEAD is the server's matter.
    const found = find(method === 'HEAD' ? 'GET' : method, path)
    if (!found) {
      sendFault(outgoing, new Fault('request/not-found', 'there is no such address'))
      return
    }
    const param = (name: string): string => found.params.get(name) ?? ''
    const queries = search === '' ? undefined : new URLSearchParams(search)
    const query = (name: string): string | undefined => queries?.get(name) || undefined
    await serve(options, found.route, { incoming, outgoing, param, query })
  }
}

type Found = { readonly route: Route; readonly params: ReadonlyMap<string, string> }

const NO_PARAMS: ReadonlyMap<string, string> = new Map()

/** Which route a path is. Most are of one route word for word; the others are compared part by part. */
const createFinder = (
  routes: readonly Route[],
): ((method: string, path: string) => Found | undefined) => {
  const fixed = new Map<string, Found>()
  const patterns: { readonly route: Route; readonly parts: readonly string[] }[] = []
  for (const route of routes) {
    if (route.path.includes(':')) patterns.push({ route, parts: route.path.split('/') })
    else fixed.set(`${route.method} ${route.path}`, { route, params: NO_PARAMS })
  }
  return (method, path) => {
    const exact = fixed.get(`${method} ${path}`)
    if (exact) return exact
    const parts = path.split('/', PARTS_MAX)
    for (const one of patterns) {
      if (one.route.method !== method || one.parts.length !== parts.length) continue
      const params = paramsOf(one.parts, parts)
      if (params) return { route: one.route, params }
    }
    return undefined
  }
}

/** More than any route has; a path of a thousand slashes is not taken apart. */
const PARTS_MAX = 8

/** What stands in the places of a pattern, if the rest is the same. */
const paramsOf = (
  pattern: readonly string[],
  parts: readonly string[],
): ReadonlyMap<string, string> | undefined => {
  const params = new Map<string, string>()
  for (const [at, wanted] of pattern.entries()) {
    const part = parts[at] ?? ''
    if (wanted.startsWith(':') && part !== '') params.set(wanted.slice(1), part)
    else if (wanted !== part) return undefined
  }
  return params
}

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
