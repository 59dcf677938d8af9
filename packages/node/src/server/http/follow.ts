/**
 * The socket on which an operator tells news: `GET /v1/follow` with an upgrade, behind the same guard as everything else.
 *
 * Limits. A frame has so many bytes and so many parts, compression is off (attack: a small frame that unpacks to a large
 * one), there are so many sockets, and one that does not read what it is told, or does not answer a ping, is closed.
 */
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { Fault, isFault } from 'tallystick/base'
import type { RawData, WebSocket, WebSocketServer } from 'ws'
import type { Budget } from '../budget.ts'
import { createFollowSession, type Wire } from '../follow-session.ts'
import type { ServerLimits } from '../limits.ts'
import type { Operator } from '../operator.ts'
import { createTurnSlices, type Slice } from '../turn-slices.ts'
import { statusOf } from './answer.ts'
import type { Connections } from './connections.ts'
import type { Guard } from './guard.ts'
import { allows, type Peer, type Token } from './peer.ts'

export const FOLLOW_PATH = '/v1/follow'

export type Followers = {
  readonly count: () => number
  /** Says goodbye to all and takes no more. */
  readonly close: () => void
}

export type FollowOptions = {
  readonly operator: Operator
  readonly server: Server
  readonly guard: Guard
  readonly connections: Connections
  readonly budget: Budget
  readonly peerFrom: (request: IncomingMessage, token: Token | undefined) => Peer
}

export const serveFollowers = (options: FollowOptions): Followers => {
  const { limits } = options.operator
  // Loaded when somebody follows: a start has nobody yet.
  let acceptor: Promise<WebSocketServer> | undefined
  const sockets = new Set<WebSocket>()
  // One for all sockets: each of them has its turn, and all together take no longer than that.
  const slice = createTurnSlices(PAGES_EACH_TURN)
  let waiting = 0
  let isClosed = false
  options.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    const take = async (): Promise<void> => {
      const peer = admit(options, request, isClosed ? Infinity : sockets.size + waiting)
      waiting += 1
      try {
        const ready = await (acceptor ??= createAcceptor(limits))
        if (isClosed) throw new Fault('request/overloaded', 'the operator stops')
        ready.handleUpgrade(request, socket, head, (accepted) => {
          sockets.add(accepted)
          accepted.once('close', () => sockets.delete(accepted))
          follow({ ...options, slice }, accepted, peer)
        })
      } finally {
        waiting -= 1
      }
    }
    take().catch((error: unknown) =>
      refuseUpgrade(socket, isFault(error) ? statusOf(error.code) : 500),
    )
  })
  return {
    count: () => sockets.size,
    close: () => {
      isClosed = true
      for (const one of sockets) one.close(GOING_AWAY, 'the operator stops')
    },
  }
}

const createAcceptor = async (limits: ServerLimits): Promise<WebSocketServer> => {
  const library = await import('ws')
  return new library.WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: limits.frameBytes,
    maxFragments: limits.fragments,
    maxBufferedChunks: limits.fragments * CHUNKS_PER_FRAGMENT,
  })
}

const GOING_AWAY = 1001
/** A part of a frame may come in several pieces of the transport. */
const CHUNKS_PER_FRAGMENT = 16
const FOLLOW_COST = 50

/** The guard, the path and what is left. Raises why not. */
const admit = (options: FollowOptions, request: IncomingMessage, count: number): Peer => {
  const { guard, operator, budget } = options
  guard.checkOrigin(request)
  if (request.url !== FOLLOW_PATH) throw new Fault('request/not-found', 'no such address')
  const token = guard.tokenOf(request)
  options.connections.trust(request.socket)
  const peer = options.peerFrom(request, token)
  if (!allows(peer.tier, 'read')) throw new Fault('request/wrong-tier', 'not with this token')
  const isPaid = peer.purses.every((purse) => budget.take(purse, FOLLOW_COST))
  if (!isPaid || count >= operator.limits.followers) {
    throw new Fault('request/too-many', 'too many follow already')
  }
  return peer
}

const refuseUpgrade = (socket: Duplex, status: number): void => {
  socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

const follow = (
  options: FollowOptions & { readonly slice: Slice },
  socket: WebSocket,
  peer: Peer,
): void => {
  const { operator, budget, slice } = options
  const { limits } = operator
  const wire: Wire = {
    ready: async () => {
      const isReady = await drained(socket, limits.backlogBytes, limits.slowMs)
      // A page is read and sent in one turn, and there may be thousands of them.
      if (isReady) await slice()
      return isReady
    },
    send: (frame) => {
      if (socket.readyState === socket.OPEN) socket.send(frame, { binary: true })
    },
    pay: (units) => peer.purses.every((purse) => budget.take(purse, units)),
    close: (code, why) => socket.close(code, why),
  }
  const session = createFollowSession(operator, wire)
  const stopLooking = every(limits.followPollMs, session.look)
  let isThere = true
  const stopPinging = every(limits.pingMs, () => {
    if (!isThere) socket.terminate()
    isThere = false
    socket.ping()
  })
  socket.on('pong', () => {
    isThere = true
  })
  socket.on('message', (data: RawData, isBinary: boolean) => {
    if (!isBinary || !Buffer.isBuffer(data)) socket.close(1003, 'frames are binary')
    else session.hear(new Uint8Array(data.buffer, data.byteOffset, data.length))
  })
  // What breaks the limits of the protocol comes here; the library closes the connection.
  socket.on('error', () => undefined)
  socket.once('close', () => {
    stopLooking()
    stopPinging()
    session.end()
  })
}

const every = (ms: number, work: () => void): (() => void) => {
  if (ms === 0) return () => undefined
  const timer = setInterval(work, ms)
  return () => clearInterval(timer)
}

const DRAIN_LOOK_MS = 20
/** Pages of 16 steps or items, a millisecond or so each. */
const PAGES_EACH_TURN = 2

/** Waits until less than the cap waits to go out; closes the connection where that takes too long. */
const drained = async (socket: WebSocket, bytesMax: number, slowMs: number): Promise<boolean> => {
  const deadlineMs = performance.now() + slowMs
  while (socket.readyState === socket.OPEN && socket.bufferedAmount > bytesMax) {
    if (performance.now() > deadlineMs) {
      socket.terminate()
      return false
    }
    await new Promise((resolve) => {
      setTimeout(resolve, DRAIN_LOOK_MS)
    })
  }
  return socket.readyState === socket.OPEN
}
