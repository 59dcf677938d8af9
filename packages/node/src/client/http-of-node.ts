/**
 * Requests by Node's own client, over connections that stay open. The runtime's `fetch` costs twice the processor time of a small
 * request, and three times as much to load.
 *
 * Promise. As `HttpRequest` says: a whole answer within its bound, or an error. Nobody is sent elsewhere: an answer that names
 * another place is an answer with that status (attack: to somebody who then has the token). A request that finds its
 * connection closed by the other side before any answer is made once more on a new one; every request may be repeated.
 */
import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import type { HttpAnswer, HttpRequest } from './surroundings.ts'

/** Idle connections to one operator that are kept. */
const SOCKETS_FREE_MAX = 16

type Client = {
  readonly request: (url: string, options: RequestOptions) => ClientRequest
  /** Missing for a connection of its own. */
  readonly agent: Agent | undefined
}

/** Undefined where the platform is not Node. */
export const httpOfNode = (): ((request: HttpRequest) => Promise<HttpAnswer>) | undefined => {
  if (typeof process === 'undefined' || !('getBuiltinModule' in process)) return undefined
  return async (of) => {
    const client = of.url.startsWith('http:')
      ? (plain ??= plainClient())
      : (sealed ??= sealedClient())
    const asked = await ask(client, of)
    const answer = asked === 'stale' ? await ask({ ...client, agent: undefined }, of) : asked
    if (answer === 'stale') throw new Error('the connection was closed without an answer')
    return answer
  }
}

// One of each for the process, whoever asks: connections are shared.
let plain: Client | undefined
let sealed: Client | undefined

const KEEPING = { keepAlive: true, maxFreeSockets: SOCKETS_FREE_MAX }

// Not by an import: that reads all that the module has, and with it loads the other client.
const plainClient = (): Client => {
  const { Agent: Connections, request } = process.getBuiltinModule('node:http')
  return { request, agent: new Connections(KEEPING) }
}

const sealedClient = (): Client => {
  const { Agent: Connections, request } = process.getBuiltinModule('node:https')
  return { request, agent: new Connections(KEEPING) }
}

/** `stale` where a connection that had been used before was closed before anything came. */
const ask = (
  { request, agent }: Client,
  { url, method, headers, body, answerBytesMax, signal }: HttpRequest,
): Promise<HttpAnswer | 'stale'> =>
  new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': `${body.length}` }
    const asked = request(url, {
      method,
      headers: { ...headers, ...length },
      signal,
      ...(agent ? { agent } : { agent: false }),
    })
    let hasBegun = false
    asked.once('response', (response) => {
      hasBegun = true
      read(response, answerBytesMax).then(resolve, (error: unknown) => {
        asked.destroy()
        reject(error)
      })
    })
    asked.on('error', (error) => {
      const isStale = asked.reusedSocket && !hasBegun && !signal.aborted
      if (isStale && 'code' in error && error.code === 'ECONNRESET') resolve('stale')
      else reject(error)
    })
    asked.end(body)
  })

const read = (response: IncomingMessage, bytesMax: number): Promise<HttpAnswer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    response.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > bytesMax) reject(new Error(`an answer of more than ${bytesMax} bytes`))
      else chunks.push(chunk)
    })
    response.once('end', () => {
      const [only] = chunks
      const all = only && chunks.length === 1 ? only : Buffer.concat(chunks, size)
      // A plain array: what is cut from a Buffer shares its memory.
      resolve({ status: response.statusCode ?? 0, body: new Uint8Array(all) })
    })
    response.once('error', reject)
    response.once('aborted', () => reject(new Error('the answer broke off')))
  })
