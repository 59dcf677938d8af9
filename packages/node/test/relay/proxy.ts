/**
 * A relay that misbehaves: it stands before a good one, sees each message in both directions, and does with it what a test says.
 */
import type { AddressInfo } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'
import type { TestRelay } from './test-relay.ts'

export type Message = readonly unknown[]

/** What becomes of a message: the messages that go on in its place, now or when they are handed to `later`. */
export type Misbehaviour = {
  readonly fromRelay?: (message: Message, by: Hands) => readonly Message[]
  readonly fromClient?: (message: Message, by: Hands) => readonly Message[]
  readonly onConnect?: (by: Hands) => void
}

export type Hands = {
  readonly toClient: (message: Message) => void
  readonly toRelay: (message: Message) => void
  /** Ends the connection. */
  readonly hangUp: () => void
  /** Which connection this is, from 0 on. */
  readonly connection: number
}

export type Proxy = { readonly url: string; readonly close: () => Promise<void> }

export const misbehave = async (relay: TestRelay, how: Misbehaviour): Promise<Proxy> => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  let connections = 0
  server.on('connection', (client) => {
    const upstream = new WebSocket(relay.url)
    const waiting: string[] = []
    const hands: Hands = {
      connection: connections++,
      toClient: (message) => client.send(JSON.stringify(message)),
      toRelay: (message) => {
        const text = JSON.stringify(message)
        if (upstream.readyState === WebSocket.OPEN) upstream.send(text)
        else waiting.push(text)
      },
      hangUp: () => client.terminate(),
    }
    upstream.on('open', () => waiting.splice(0).forEach((text) => upstream.send(text)))
    upstream.on('error', () => client.terminate())
    upstream.on('close', () => client.close())
    client.on('close', () => upstream.terminate())
    client.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString('utf8')) as Message
      for (const one of how.fromClient?.(message, hands) ?? [message]) hands.toRelay(one)
    })
    upstream.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString('utf8')) as Message
      for (const one of how.fromRelay?.(message, hands) ?? [message]) hands.toClient(one)
    })
    how.onConnect?.(hands)
  })
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `ws://127.0.0.1:${port}`,
    close: async () => {
      for (const client of server.clients) client.terminate()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
