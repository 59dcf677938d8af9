/**
 * Sockets: the same calls over WebSocket, and what a subscription is told.
 *
 * Limits. A frame has so many bytes and parts, compression is off (attack: a small frame that unpacks to a large one), there are
 * so many sockets, calls in work and subscriptions, and a socket that does not read what it is told, or does not answer a ping, is
 * closed. Nothing is kept for it: a subscription is told what happens while it is there.
 */
import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import type { GuardianLimits } from '../limits.ts'
import { type AskedBy, type Dispatch, errorText } from '../rpc/dispatch.ts'
import { rpcError } from '../rpc/error.ts'
import type { Answer } from '../rpc/method.ts'
import type { Origins } from './origin.ts'

export type Sockets = {
  readonly count: () => number
  /** Says goodbye to all and takes no more. */
  readonly close: () => void
}

/** What a connection pays from. */
export type Purse = Pick<AskedBy, 'connection' | 'pay' | 'owe'>

export type SocketsOptions = {
  readonly server: Server
  readonly origins: Origins
  readonly limits: GuardianLimits
  readonly dispatch: Dispatch
  readonly purseOf: (socket: Socket) => Purse
  readonly onFailure: (error: unknown, where: string) => void
  readonly onTurnedAway: (why: string) => void
}

/** A part of a frame may come in several pieces of the transport. */
const CHUNKS_PER_FRAGMENT = 16
const GOING_AWAY = 1001
const AGAINST_RULES = 1008

export const serveSockets = (options: SocketsOptions): Sockets => {
  const { limits, server, origins } = options
  const acceptor = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: limits.bodyBytes,
    maxFragments: limits.fragments,
    maxBufferedChunks: limits.fragments * CHUNKS_PER_FRAGMENT,
  })
  const sockets = new Set<WebSocket>()
  let isClosed = false
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    const isFull = isClosed || sockets.size >= limits.sockets
    if (isFull || !origins.admits(request)) {
      options.onTurnedAway(isFull ? 'sockets' : 'origin')
      refuseUpgrade(socket, isFull ? 503 : 403)
      return
    }
    acceptor.handleUpgrade(request, socket, head, (accepted) => {
      sockets.add(accepted)
      accepted.once('close', () => sockets.delete(accepted))
      converse(options, accepted, request.socket)
    })
  })
  return {
    count: () => sockets.size,
    close: () => {
      isClosed = true
      for (const one of sockets) one.close(GOING_AWAY, 'the guardian stops')
    },
  }
}

const refuseUpgrade = (socket: Duplex, status: number): void => {
  socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

const converse = (options: SocketsOptions, socket: WebSocket, below: Socket): void => {
  const { limits, dispatch } = options
  const caller: AskedBy = {
    push: (subscription, result) => tell(socket, limits, subscription, result),
    subscriptions: new Map(),
    ...options.purseOf(below),
  }
  let working = 0
  socket.on('message', (data: RawData, isBinary: boolean) => {
    if (isBinary || !Buffer.isBuffer(data)) {
      socket.close(1003, 'frames are text')
      return
    }
    if (working >= limits.requestsEach) {
      sendText(socket, errorText(rpcError('too-many')))
      return
    }
    working += 1
    dispatch(new Uint8Array(data.buffer, data.byteOffset, data.length), caller)
      .then((text) => {
        if (text !== undefined) sendText(socket, text)
      })
      .catch((error: unknown) => options.onFailure(error, 'socket'))
      .finally(() => {
        working -= 1
      })
  })
  const stopWatching = watch(socket, limits)
  // What breaks the limits of the protocol comes here; the library closes the connection.
  socket.on('error', () => undefined)
  socket.once('close', () => {
    stopWatching()
    for (const end of caller.subscriptions.values()) end()
    caller.subscriptions.clear()
  })
}

const sendText = (socket: WebSocket, text: string): void => {
  if (socket.readyState === socket.OPEN) socket.send(text)
}

/** Over the cap nothing is told: the socket is looked at by `watch`, and closed when that lasts. */
const tell = (
  socket: WebSocket,
  limits: GuardianLimits,
  subscription: string,
  result: Answer,
): void => {
  if (socket.bufferedAmount > limits.backlogBytes) {
    socket.close(AGAINST_RULES, 'what was told is not read')
    return
  }
  const params = `{"subscription":${JSON.stringify(subscription)},"result":${textOf(result)}}`
  sendText(socket, `{"jsonrpc":"2.0","method":"moi.subscription","params":${params}}`)
}

/** Of one thing that is told to many sockets the text is made once. */
const texts = new WeakMap<object, string>()

const textOf = (result: Answer): string => {
  if (typeof result !== 'object' || result === null) return JSON.stringify(result)
  const known = texts.get(result)
  if (known !== undefined) return known
  const text = JSON.stringify(result)
  texts.set(result, text)
  return text
}

/** Pings, and ends a socket that does not answer or leaves too much unread for too long. */
const watch = (socket: WebSocket, limits: GuardianLimits): (() => void) => {
  let isThere = true
  let fullSinceMs: number | undefined
  const pinging = setInterval(() => {
    if (!isThere) socket.terminate()
    isThere = false
    socket.ping()
  }, limits.pingMs)
  const looking = setInterval(
    () => {
      if (socket.bufferedAmount <= limits.backlogBytes) fullSinceMs = undefined
      else fullSinceMs ??= performance.now()
      if (fullSinceMs !== undefined && performance.now() - fullSinceMs > limits.slowMs) {
        socket.terminate()
      }
    },
    Math.max(10, limits.slowMs / 4),
  )
  socket.on('pong', () => {
    isThere = true
  })
  return () => {
    clearInterval(pinging)
    clearInterval(looking)
  }
}
