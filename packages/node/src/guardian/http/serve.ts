/**
 * The guardian's one port: JSON-RPC over `POST /`, the same over WebSocket, and what an operator of the process looks at.
 *
 * Limits. Headers, bodies and times are bounded by the transport, connections in number, and each connection has a purse from which
 * its calls are paid, so that one of them cannot keep the others waiting for long. `/metrics` is answered to this machine alone.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { isFault } from 'tallystick/base'
import { type Budget, createBudget } from '../../server/budget.ts'
import { readBody } from '../../server/http/body.ts'
import { closeServer, listen, transportOf } from '../../server/http/listening.ts'
import type { GuardianLimits } from '../limits.ts'
import { type Dispatch, errorText } from '../rpc/dispatch.ts'
import { rpcError } from '../rpc/error.ts'
import { createOrigins, type Origins } from './origin.ts'
import { type Purse, serveSockets, type Sockets } from './sockets.ts'

export type HttpOptions = {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** Further values of `Host`, with the port where it is not the usual one. */
  readonly hosts: readonly string[]
  /** Further origins of pages that may call; `*` for any. */
  readonly pages: readonly string[]
  readonly limits: GuardianLimits
  readonly dispatch: Dispatch
  /** A word why no work should be sent here, or `ready`. */
  readonly readiness: () => string
  readonly metrics: () => Promise<{ readonly text: string; readonly type: string }>
  readonly onFailure: (error: unknown, where: string) => void
  readonly onTurnedAway: (why: string) => void
}

export type HttpServer = {
  readonly port: number
  readonly connections: () => number
  readonly sockets: Sockets
  /** Accepts nothing more, waits for what is in work, and closes. */
  readonly close: () => Promise<void>
}

export const serveHttp = async (options: HttpOptions): Promise<HttpServer> => {
  const { limits } = options
  const server = createServer(transportOf(limits))
  const connections = new Set<Socket>()
  server.maxConnections = limits.connections
  server.on('connection', (socket: Socket) => {
    connections.add(socket)
    socket.once('close', () => connections.delete(socket))
  })
  const names = new Set(options.hosts.map((one) => one.toLowerCase()))
  const origins = createOrigins({ hosts: () => names, pages: options.pages })
  const purses = createPurses(limits)
  const handlers = new Set<Promise<void>>()
  const context: Context = {
    options,
    origins,
    purses,
    inWork: new WeakMap(),
    reading: { bytes: 0 },
  }
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const handler = answer(context, request, response).catch((error: unknown) => {
      options.onFailure(error, 'http')
      if (response.headersSent) response.destroy()
      // Without the marks of its origin a page would take the answer for a broken network.
      else send({ response, marks: origins.marks(request) }, 500, PLAIN, FAILED)
    })
    handlers.add(handler)
    void handler.finally(() => handlers.delete(handler))
  })
  const sockets = serveSockets({ ...options, server, origins, purseOf: purses.purseOf })
  const port = await listen(server, options.host, options.port)
  for (const name of ['127.0.0.1', 'localhost', '[::1]']) names.add(`${name}:${port}`)
  return {
    port,
    connections: () => connections.size,
    sockets,
    close: async () => {
      sockets.close()
      const cutAll = (): void => {
        for (const one of connections) one.destroy()
      }
      await closeServer(server, cutAll, limits.stopMs)
      await Promise.race([
        Promise.allSettled(handlers),
        pause(limits.stopMs, undefined, { ref: false }),
      ])
    },
  }
}

type Purses = { readonly purseOf: (socket: Socket) => Purse }

/** One purse for each connection. Who opens more of them to have more pays in connections, which are bounded. */
const createPurses = (limits: GuardianLimits): Purses => {
  const budget: Budget = createBudget({
    units: limits.budget,
    perSecond: limits.budgetPerSecond,
    sizeMax: limits.budgets,
    clock: () => performance.now(),
  })
  const names = new WeakMap<Socket, string>()
  let count = 0
  return {
    purseOf: (socket) => {
      const name = names.get(socket) ?? `connection ${++count}`
      names.set(socket, name)
      return {
        connection: name,
        pay: (units) => budget.take(name, units),
        owe: (units) => budget.fine(name, units),
      }
    },
  }
}

type Context = {
  readonly options: HttpOptions
  readonly origins: Origins
  readonly purses: Purses
  readonly inWork: WeakMap<Socket, number>
  /** Bytes of bodies that are being read or were announced. */
  readonly reading: { bytes: number }
}

const answer = async (
  context: Context,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const { options, origins } = context
  if (!origins.admits(request)) {
    options.onTurnedAway('origin')
    send({ response, marks: [] }, 403, PLAIN, 'not answered from there\n')
    return
  }
  const reply: Reply = { response, marks: origins.marks(request) }
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/'
  if (request.method === 'OPTIONS') send(reply, 204, undefined, '')
  else if (request.method === 'POST' && path === '/') await answerCall(context, request, reply)
  else if (request.method === 'GET') await answerLook(options, request, reply, path)
  else send(reply, 405, PLAIN, 'calls are sent with POST to /\n')
}

const JSON_TYPE = 'application/json'
const PLAIN = 'text/plain; charset=utf-8'
const BARE = ['Cache-Control', 'no-store', 'X-Content-Type-Options', 'nosniff'] as const
const CLOSE = ['Connection', 'close'] as const
const FAILED = 'the guardian failed to answer\n'

/** An answer on its way, with headers that follow from the request: names and values by turns. */
type Reply = { readonly response: ServerResponse; readonly marks: readonly string[] }

const closing = ({ response, marks }: Reply): Reply => ({ response, marks: [...marks, ...CLOSE] })

const answerCall = async (
  { options, purses, inWork, reading }: Context,
  request: IncomingMessage,
  reply: Reply,
): Promise<void> => {
  const { limits } = options
  const { socket } = request
  // Only this type makes a browser ask first whether the page may call (attack: a form on any page posts to this machine).
  if (!/^application\/json(?:;|$)/i.test(request.headers['content-type'] ?? '')) {
    send(reply, 415, PLAIN, 'calls have the content type application/json\n')
    return
  }
  const working = (inWork.get(socket) ?? 0) + 1
  if (working > limits.requestsEach) {
    send(reply, 200, JSON_TYPE, errorText(rpcError('too-many')))
    return
  }
  const announced = sizeOf(request, limits.bodyBytes)
  if (reading.bytes + announced > limits.workBytes) {
    options.onTurnedAway('bytes')
    send(closing(reply), 503, JSON_TYPE, errorText(rpcError('later')))
    return
  }
  inWork.set(socket, working)
  reading.bytes += announced
  try {
    const bytes = await readBody(request, limits.bodyBytes)
    const text = await options.dispatch(bytes, {
      push: undefined,
      subscriptions: new Map(),
      ...purses.purseOf(socket),
    })
    if (text === undefined) send(reply, 204, undefined, '')
    else send(reply, 200, JSON_TYPE, text)
  } catch (error) {
    if (!isFault(error)) throw error
    // Too large, or broken off: what comes after is not read, so the connection ends.
    options.onTurnedAway(error.code)
    send(closing(reply), 413, JSON_TYPE, errorText(rpcError('too-large')))
  } finally {
    inWork.set(socket, (inWork.get(socket) ?? 1) - 1)
    reading.bytes -= announced
  }
}

/** What was announced, or as much as it may be. */
const sizeOf = (request: IncomingMessage, sizeMax: number): number => {
  const announced = Number(request.headers['content-length'] ?? sizeMax)
  return announced >= 0 && announced < sizeMax ? announced : sizeMax
}

const LOOPBACK = /^(?:127\.|::1$|::ffff:127\.)/

const answerLook = async (
  { readiness, metrics }: HttpOptions,
  request: IncomingMessage,
  reply: Reply,
  path: string,
): Promise<void> => {
  const why = readiness()
  switch (path) {
    case '/healthz':
      send(reply, 200, PLAIN, 'ok\n')
      return
    case '/readyz':
      send(reply, why === 'ready' ? 200 : 503, PLAIN, `${why}\n`)
      return
    case '/metrics':
      if (LOOPBACK.test(request.socket.remoteAddress ?? '')) {
        const { text, type } = await metrics()
        send(reply, 200, type, text)
      } else send(reply, 403, PLAIN, 'answered to this machine alone\n')
      return
    default:
      send(reply, 404, PLAIN, 'calls are sent with POST to /\n')
  }
}

/** One text and one list of headers: what is put together in several steps costs each answer more. */
const send = (
  { response, marks }: Reply,
  status: number,
  type: string | undefined,
  text: string,
): void => {
  if (response.destroyed) return
  const headers = [...BARE, ...marks]
  if (type !== undefined) {
    headers.push('Content-Type', type, 'Content-Length', String(Buffer.byteLength(text)))
  }
  response.writeHead(status, headers)
  response.end(text)
}
