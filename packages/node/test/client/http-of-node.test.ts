import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { httpOfNode } from '../../src/client/http-of-node.ts'
import type { HttpRequest } from '../../src/client/surroundings.ts'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

const serve = async (
  answer: (request: IncomingMessage, response: ServerResponse, count: number) => void,
): Promise<{ readonly url: string; readonly sockets: Set<Socket> }> => {
  let count = 0
  const sockets = new Set<Socket>()
  const server = createServer((request, response) => answer(request, response, (count += 1)))
  server.on('connection', (socket) => sockets.add(socket))
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  closers.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  )
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, sockets }
}

const http = httpOfNode()
const ask = (of: Partial<HttpRequest> & { readonly url: string }) => {
  if (!http) throw new Error('this is Node')
  return http({
    method: 'GET',
    headers: { authorization: 'Bearer x' },
    body: undefined,
    answerBytesMax: 1000,
    signal: new AbortController().signal,
    ...of,
  })
}

describe('a request by Node’s own client', () => {
  test('says what it was given and comes back with all of the answer, in plain bytes', async () => {
    const { url } = await serve((request, response) => {
      const parts: Buffer[] = []
      request.on('data', (part: Buffer) => parts.push(part))
      request.on('end', () => {
        response.writeHead(201)
        response.write(`${request.method} ${request.url} ${request.headers.authorization} `)
        setTimeout(() => response.end(Buffer.concat(parts)), 5)
      })
    })
    const { status, body } = await ask({
      url: `${url}/v1/steps?from=1`,
      method: 'POST',
      body: new Uint8Array([65, 66]),
    })
    expect(status).toBe(201)
    expect(Object.getPrototypeOf(body)).toBe(Uint8Array.prototype)
    expect(new TextDecoder().decode(body)).toBe('POST /v1/steps?from=1 Bearer x AB')
  })

  test('reads an answer up to its bound and not one byte beyond', async () => {
    const { url } = await serve(({ url: path }, response) =>
      response.end(Buffer.alloc(path === '/fits' ? 1000 : 1001)),
    )
    expect((await ask({ url: `${url}/fits` })).body.length).toBe(1000)
    await expect(ask({ url: `${url}/more` })).rejects.toThrow('more than 1000 bytes')
  })

  test('is sent nowhere else', async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(302, { location: 'http://127.0.0.1:1/' })
      response.end()
    })
    expect((await ask({ url })).status).toBe(302)
  })

  test('fails where the answer breaks off, and where nobody listens', async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '10' })
      response.write('four')
      setTimeout(() => response.destroy(), 5)
    })
    await expect(ask({ url })).rejects.toThrow()
    await expect(ask({ url: 'http://127.0.0.1:9' })).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  test('ends when it is told to, before the answer and in the middle of it', async () => {
    const { url } = await serve(({ url: path }, response) => {
      if (path === '/begun') response.write('some')
    })
    for (const path of ['/silent', '/begun']) {
      const abort = new AbortController()
      const asked = ask({ url: `${url}${path}`, signal: abort.signal })
      setTimeout(() => abort.abort(), 30)
      await expect(asked).rejects.toThrow()
    }
  })

  test('is made once more where its open connection turns out to be closed, and only then', async () => {
    const counts: number[] = []
    const { url } = await serve((request, response, count) => {
      counts.push(count)
      // The second arrives on the connection of the first, which ends without a word.
      if (count === 2) request.socket.destroy()
      else response.end(`answer ${count}`)
    })
    await ask({ url })
    expect(new TextDecoder().decode((await ask({ url })).body)).toBe('answer 3')
    expect(counts).toEqual([1, 2, 3])
    const other = await serve((request) => request.socket.destroy())
    await expect(ask({ url: other.url })).rejects.toThrow()
  })
})
