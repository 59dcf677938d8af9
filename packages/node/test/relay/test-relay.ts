/**
 * A relay for tests: the engine and validator of `@nostr-relay`, a third party's, over a socket on loopback, with events in memory. It
 * obeys deletion requests, keeps one event of a replaceable kind (of one second the lower id), and gives `clamp` events at most.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import common from '@nostr-relay/common'
import core from '@nostr-relay/core'
import validation from '@nostr-relay/validator'
import type { NostrEvent } from 'nostr-tools/core'
import { matchFilter } from 'nostr-tools/filter'
import { WebSocketServer } from 'ws'

type Event = common.Event
type Filter = common.Filter

export type TestRelay = {
  readonly url: string
  /** What it has, by id. */
  readonly events: Map<string, Event>
  /** Ends all connections, and takes new ones. */
  readonly drop: () => void
  readonly close: () => Promise<void>
}

export type TestRelayOptions = {
  readonly clamp?: number
  /** Its document about itself; none without. */
  readonly info?: object
  readonly port?: number
}

const placeOf = (event: Event): string | undefined => {
  const { kind, pubkey } = event
  if (kind >= 30_000 && kind < 40_000) {
    return `${kind}:${pubkey}:${event.tags.find(([name]) => name === 'd')?.[1] ?? ''}`
  }
  if (kind === 0 || kind === 3 || (kind >= 10_000 && kind < 20_000)) return `${kind}:${pubkey}`
  return undefined
}

class MemoryRepository extends common.EventRepository {
  readonly events: Map<string, Event> = new Map()
  readonly clamp: number

  constructor(clamp: number) {
    super()
    this.clamp = clamp
  }

  isSearchSupported(): boolean {
    return false
  }

  upsert(event: Event): { isDuplicate: boolean } {
    if (this.events.has(event.id)) return { isDuplicate: true }
    const place = placeOf(event)
    if (place !== undefined) {
      for (const other of this.events.values()) {
        if (placeOf(other) !== place) continue
        const isNewer =
          event.created_at > other.created_at ||
          (event.created_at === other.created_at && event.id < other.id)
        if (!isNewer) return { isDuplicate: true }
        this.events.delete(other.id)
      }
    }
    this.events.set(event.id, event)
    return { isDuplicate: false }
  }

  find(filter: Filter): Event[] {
    const { limit = this.clamp } = filter
    return [...this.events.values()]
      .filter((event) =>
        matchFilter(filter as Parameters<typeof matchFilter>[0], event as NostrEvent),
      )
      .sort((a, b) => b.created_at - a.created_at || (a.id < b.id ? -1 : 1))
      .slice(0, Math.min(limit, this.clamp))
  }

  override deleteByDeletionRequest(event: Event): Promise<void> {
    for (const [name, id = ''] of event.tags) {
      if (name === 'e' && this.events.get(id)?.pubkey === event.pubkey) this.events.delete(id)
    }
    return Promise.resolve()
  }

  destroy(): Promise<void> {
    return Promise.resolve()
  }
}

const silent = (): void => undefined
const logger = {
  debug: silent,
  info: silent,
  warn: silent,
  error: silent,
  setLogLevel: silent,
} as unknown as common.Logger

export const startTestRelay = async (options: TestRelayOptions = {}): Promise<TestRelay> => {
  const repository = new MemoryRepository(options.clamp ?? 500)
  const relay = new core.NostrRelay(repository, { logger, filterResultCacheTtl: 0 })
  const validator = new validation.Validator()
  const http = createServer((_, response) => {
    response.writeHead(options.info ? 200 : 404, { 'content-type': 'application/nostr+json' })
    response.end(JSON.stringify(options.info ?? {}))
  })
  const sockets = new WebSocketServer({ server: http })
  sockets.on('connection', (socket) => {
    relay.handleConnection(socket, '127.0.0.1')
    socket.on('close', () => relay.handleDisconnect(socket))
    socket.on('message', (data: Buffer) => {
      void validator
        .validateIncomingMessage(data)
        .then(async (message) => relay.handleMessage(socket, message))
        .catch((error: unknown) => socket.send(JSON.stringify(['NOTICE', String(error)])))
    })
  })
  await new Promise<void>((resolve) => http.listen(options.port ?? 0, '127.0.0.1', resolve))
  const { port } = http.address() as AddressInfo
  const drop = (): void => {
    for (const socket of sockets.clients) socket.terminate()
  }
  return {
    url: `ws://127.0.0.1:${port}`,
    events: repository.events,
    drop,
    close: async () => {
      drop()
      sockets.close()
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
      await relay.destroy()
    },
  }
}
