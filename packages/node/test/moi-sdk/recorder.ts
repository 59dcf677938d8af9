/** Stands where a node would be, keeps what the client sends, and answers so that the client goes on. No node: it computes nothing. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'

export type Sent = {
  readonly method: string
  readonly params: unknown
  readonly id: unknown
  readonly over: 'http' | 'ws'
}

export type Recorder = {
  readonly http: string
  readonly ws: string
  readonly take: () => readonly Sent[]
  readonly answer: (method: string, result: unknown) => void
  readonly push: (subscription: string, result: unknown) => void
  readonly close: () => Promise<void>
}

export const startRecorder = async (): Promise<Recorder> => {
  const sent: Sent[] = []
  const answers = new Map<string, unknown>()
  const reply = (text: string, over: Sent['over']): string => {
    const { method, params, id } = JSON.parse(text) as Sent
    sent.push({ method, params, id: typeof id === 'string' ? '<uuid>' : id, over })
    const result = answers.get(method)
    const body = result === undefined ? { error: { code: -32000, message: 'none' } } : { result }
    return JSON.stringify({ jsonrpc: '2.0', id, ...body })
  }
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      response.setHeader('content-type', 'application/json')
      response.end(reply(Buffer.concat(parts).toString(), 'http'))
    })
  })
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', (socket) => {
    socket.on('message', (text: Buffer) => socket.send(reply(text.toString(), 'ws')))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    http: `http://127.0.0.1:${port}`,
    ws: `ws://127.0.0.1:${port}`,
    take: () => sent.splice(0),
    answer: (method, result) => answers.set(method, result),
    push: (subscription, result) => {
      const params = { subscription, result }
      const text = JSON.stringify({ jsonrpc: '2.0', method: 'moi.subscription', params })
      for (const socket of sockets.clients) socket.send(text)
    },
    close: async () => {
      for (const socket of sockets.clients) socket.terminate()
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
