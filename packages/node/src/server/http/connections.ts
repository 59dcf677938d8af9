/**
 * Connections: how many there are, who has shown a token, and who has misbehaved.
 *
 * Promise. Connections that have not shown a token are bounded by themselves: one too many, and the oldest of them is closed.
 * So however many sockets somebody opens and leaves open, whoever has a token gets in, because it shows the token with its
 * first request and is then no stranger any more.
 */
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Budget } from '../budget.ts'
import type { ServerLimits } from '../limits.ts'

export type Connections = {
  /** The connection has shown a good token. */
  readonly trust: (socket: Socket) => void
  /** Counts a bad signature; true where it was one too many and the connection has to be closed. */
  readonly blame: (socket: Socket) => boolean
  readonly count: () => number
  readonly strangers: () => number
  /** Closes what is left. */
  readonly closeAll: () => void
}

/** Units of an address's purse for one connection. */
const CONNECTION_COST = 1

export const addressPurse = (address: string | undefined): string => `address ${address ?? ''}`

export const watchConnections = (
  server: Server,
  limits: ServerLimits,
  budget: Budget,
): Connections => {
  const all = new Set<Socket>()
  // In the order in which they came.
  const strangers = new Set<Socket>()
  const blames = new WeakMap<Socket, number>()
  server.maxConnections = limits.connections
  server.on('connection', (socket: Socket) => {
    if (!budget.take(addressPurse(socket.remoteAddress), CONNECTION_COST)) {
      socket.destroy()
      return
    }
    all.add(socket)
    strangers.add(socket)
    socket.once('close', () => {
      all.delete(socket)
      strangers.delete(socket)
    })
    const [oldest] = strangers
    if (strangers.size > limits.strangers) oldest?.destroy()
  })
  return {
    trust: (socket) => {
      strangers.delete(socket)
    },
    blame: (socket) => {
      const count = (blames.get(socket) ?? 0) + 1
      blames.set(socket, count)
      return count >= limits.badSignatures
    },
    count: () => all.size,
    strangers: () => strangers.size,
    closeAll: () => {
      for (const socket of all) socket.destroy()
    },
  }
}
