/**
 * The HTTP server around an application: limits of the transport, the guard in front of everything, and the peers that
 * requests come from.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { Fault, isFault } from 'tallystick/base'
import type { Budget } from '../budget.ts'
import type { ServerLimits } from '../limits.ts'
import type { Operator } from '../operator.ts'
import type { Route } from '../route.ts'
import { sendFailure, sendFault } from './answer.ts'
import { type AppOptions, createApp } from './app.ts'
import { addressPurse, type Connections, watchConnections } from './connections.ts'
import { closeServer, listen, transportOf } from './listening.ts'
import { createGuard, type Guard } from './guard.ts'
import type { Peer, Token } from './peer.ts'

export type HttpOptions = Pick<AppOptions, 'onFailure' | 'onAnswer'> & {
  /** Told when a request was refused before it was routed. */
  readonly onTurnedAway: (code: string) => void
  readonly operator: Operator
  readonly routes: readonly Route[]
  readonly tokens: readonly Token[]
  readonly budget: Budget
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** Further values of `Host`, with the port where it is not the usual one. */
  readonly hosts: readonly string[]
}

export type HttpServer = {
  readonly server: Server
  readonly connections: Connections
  readonly guard: Guard
  readonly peerFrom: (request: IncomingMessage, token: Token | undefined) => Peer
  readonly port: number
  /** Accepts nothing more, waits for what is in work, and closes. */
  readonly close: () => Promise<void>
}

/** Not by an import: that reads all that the module has, and with it loads a client that an operator may never need. */
const { createServer } = process.getBuiltinModule('node:http')

export const serveHttp = async (options: HttpOptions): Promise<HttpServer> => {
  const { limits } = options.operator
  const server = createServer(transportOf(limits))
  server.maxHeadersCount = limits.headersCount
  const connections = watchConnections(server, limits, options.budget)
  const names = new Set(options.hosts.map((one) => one.toLowerCase()))
  const guard = createGuard({ tokens: options.tokens, hosts: () => names })
  const peers = new WeakMap<IncomingMessage, Peer>()
  const peerFrom = createPeers(options, connections)
  const shown: AppOptions = {
    ...options,
    peerOf: (request) => peers.get(request) ?? peerFrom(request, undefined),
  }
  const app = createApp(shown)
  const open = new Set(options.routes.flatMap((one) => (one.tier === 'open' ? [one.path] : [])))
  const inWork = new Map<string, number>()
  const handlers = new Set<Promise<void>>()
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const handler = app(request, response).catch((error: unknown) => {
      options.onFailure(error, 'listener')
      response.destroy()
    })
    handlers.add(handler)
    void handler.finally(() => handlers.delete(handler))
  }
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    try {
      guard.checkOrigin(request)
      if (open.has(request.url ?? '')) {
        answer(request, response)
        return
      }
      const token = tokenOf(guard, request, options.budget)
      connections.trust(request.socket)
      startWork(inWork, token.name, limits, response)
      peers.set(request, peerFrom(request, token))
      answer(request, response)
    } catch (error) {
      if (isFault(error)) {
        options.onTurnedAway(error.code)
        sendFault(response, error, { close: !request.complete })
      } else {
        options.onFailure(error, 'guard')
        sendFailure(response, 500)
      }
    }
  })
  const port = await listen(server, options.host, options.port)
  for (const name of ['127.0.0.1', 'localhost', '[::1]']) names.add(`${name}:${port}`)
  return {
    server,
    connections,
    guard,
    peerFrom,
    port,
    close: async () => {
      await closeServer(server, connections.closeAll, limits.stopMs)
      // Whoever asked may be gone; what it asked for may still be in the store's hands.
      await Promise.race([
        Promise.allSettled(handlers),
        pause(limits.stopMs, undefined, { ref: false }),
      ])
    },
  }
}

/** A wrong token costs its address, so that guessing is slow. */
const WRONG_TOKEN_COST = 100

const tokenOf = (guard: Guard, request: IncomingMessage, budget: Budget): Token => {
  try {
    return guard.tokenOf(request)
  } catch (error) {
    budget.fine(addressPurse(request.socket.remoteAddress), WRONG_TOKEN_COST)
    throw error
  }
}

const startWork = (
  inWork: Map<string, number>,
  name: string,
  limits: ServerLimits,
  response: ServerResponse,
): void => {
  const count = inWork.get(name) ?? 0
  if (count >= limits.requestsEach) {
    throw new Fault('request/too-many', `${count} requests of this token are in work`)
  }
  inWork.set(name, count + 1)
  response.once('close', () => {
    const left = (inWork.get(name) ?? 1) - 1
    if (left === 0) inWork.delete(name)
    else inWork.set(name, left)
  })
}

const LOOPBACK = /^(?:127\.|::1$|::ffff:127\.)/

const createPeers =
  ({ budget, operator }: HttpOptions, connections: Connections) =>
  (request: IncomingMessage, token: Token | undefined): Peer => {
    const { socket } = request
    const address = addressPurse(socket.remoteAddress)
    const name = token ? `token ${token.name}` : address
    // On this machine, and behind a proxy on it, everybody has one address: there the token alone pays.
    const isShared = token !== undefined && LOOPBACK.test(socket.remoteAddress ?? '')
    return {
      name,
      tier: token?.tier ?? 'open',
      purses: token && !isShared ? [name, address] : [name],
      line: name,
      onBadSignature: () => {
        operator.metrics.badSignature()
        budget.fine(name, operator.limits.badSignatureCost)
        if (connections.blame(socket)) closeSoon(socket)
      },
    }
  }

/** After what is being answered has gone out. */
const closeSoon = (socket: Socket): void => {
  setTimeout(() => socket.destroySoon(), CLOSE_SOON_MS).unref()
}

const CLOSE_SOON_MS = 50
