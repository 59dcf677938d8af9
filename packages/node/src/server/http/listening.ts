/** What every server of ours has in common: how long it waits for a request, where it listens, and how it ends. */
import type { Server, ServerOptions } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Bytes of all headers, and milliseconds. */
export type TransportLimits = {
  readonly headerBytes: number
  readonly headersMs: number
  readonly requestMs: number
  readonly idleMs: number
}

export const transportOf = (limits: TransportLimits): ServerOptions => ({
  maxHeaderSize: limits.headerBytes,
  headersTimeout: limits.headersMs,
  requestTimeout: limits.requestMs,
  keepAliveTimeout: limits.idleMs,
  // How often the two times above are looked at; less than either, so that they are kept.
  connectionsCheckingInterval: Math.max(10, Math.min(1000, Math.floor(limits.headersMs / 4))),
  noDelay: true,
})

/** The port where it listens; 0 takes a free one. */
export const listen = (server: Server, host: string, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      const address: AddressInfo | string | null = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })

const IDLE_LOOK_MS = 50

/** Accepts nothing more, and resolves when all connections have gone; those that are left after a time are cut by `cutAll`. */
export const closeServer = (server: Server, cutAll: () => void, stopMs: number): Promise<void> =>
  new Promise((resolve) => {
    const late = setTimeout(cutAll, stopMs)
    // What was in work when it was told to stop is kept alive for more afterwards: it is looked for again.
    const idle = setInterval(() => server.closeIdleConnections(), IDLE_LOOK_MS)
    server.close(() => {
      clearTimeout(late)
      clearInterval(idle)
      resolve()
    })
    server.closeIdleConnections()
  })
