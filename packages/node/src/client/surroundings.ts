/**
 * What a client gets from its surroundings: the network, time and random bytes, as values. A browser and Node both have
 * everything that `platformSurroundings` uses; tests hand in networks that lose, repeat, delay and cut answers.
 */

import { concatBytes } from 'tallystick/base'
import { httpOfNode } from './http-of-node.ts'

/** The part of an answer that a client looks at. */
export type HttpAnswer = {
  readonly status: number
  readonly body: Uint8Array
}

export type HttpRequest = {
  readonly url: string
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | undefined
  /** Bytes of an answer that are read; a longer one is an error. */
  readonly answerBytesMax: number
  readonly signal: AbortSignal
}

/** An open socket. `onEnd` is called once, whoever closed it. */
export type Socket = { readonly send: (frame: Uint8Array) => void; readonly close: () => void }

export type SocketHandlers = {
  readonly onOpen: (socket: Socket) => void
  readonly onFrame: (frame: Uint8Array) => void
  readonly onEnd: (why: string) => void
}

export type Surroundings = {
  /** Rejects where there is no whole answer. */
  readonly http: (request: HttpRequest) => Promise<HttpAnswer>
  readonly openSocket: (url: string, token: string, handlers: SocketHandlers) => Socket
  /** Calls back once after a time; what is returned takes the call back. */
  readonly after: (ms: number, run: () => void) => () => void
  /** Milliseconds since 1970. */
  readonly now: () => bigint
  /** 32 fresh random bytes. */
  readonly random: () => Uint8Array
}

export const platformSurroundings = (): Surroundings => ({
  http: httpOfNode() ?? httpByFetch,
  openSocket: socketOfPlatform,
  after: (ms, run) => {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
  now: () => BigInt(Date.now()),
  random: () => crypto.getRandomValues(new Uint8Array(32)),
})

const httpByFetch = async (request: HttpRequest): Promise<HttpAnswer> => {
  const { url, method, headers, body, signal, answerBytesMax } = request
  const answer = await fetch(url, {
    method,
    headers,
    signal,
    // An operator has no reason to send its clients elsewhere (attack: to somebody who then has the token).
    redirect: 'error',
    ...(body === undefined ? {} : { body: new Uint8Array(body) }),
  })
  return { status: answer.status, body: await bodyOf(answer, answerBytesMax) }
}

/** Reads a body up to a bound, whatever length it says to have. */
const bodyOf = async (answer: Response, bytesMax: number): Promise<Uint8Array> => {
  const parts: Uint8Array[] = []
  let size = 0
  const reader = answer.body?.getReader()
  for (;;) {
    const read = await reader?.read()
    if (!read || read.done) break
    const part: unknown = read.value
    if (!(part instanceof Uint8Array)) break
    size += part.length
    if (size > bytesMax) throw new Error(`an answer of more than ${bytesMax} bytes`)
    parts.push(Uint8Array.from(part))
  }
  return concatBytes(...parts)
}

/** Node lets a socket say who asks in a header, as every other request does. A browser does not: it needs a way of its own. */
const socketOfPlatform = (url: string, token: string, handlers: SocketHandlers): Socket => {
  const web = new WebSocket(url, { headers: { authorization: `Bearer ${token}` } })
  web.binaryType = 'arraybuffer'
  const socket: Socket = {
    send: (frame) => web.send(new Uint8Array(frame)),
    close: () => web.close(),
  }
  web.addEventListener('open', () => handlers.onOpen(socket))
  web.addEventListener('message', (event) => {
    const data: unknown = event.data
    if (data instanceof ArrayBuffer) handlers.onFrame(new Uint8Array(data))
  })
  web.addEventListener('close', ({ code }) => handlers.onEnd(`closed with ${code}`), { once: true })
  return socket
}
