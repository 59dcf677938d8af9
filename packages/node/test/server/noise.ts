/** F10: requests that are good but for some bytes, over raw sockets: headers, bodies and upgrades. The same seed gives the same ones. */
import { connect } from 'node:net'

/** Below a bound. */
export type Below = (bound: number) => number

export const belowFrom = (seed: number): Below => {
  let state = seed
  return (bound) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((state / 2_147_483_648) * bound)
  }
}

const requestsTo = (host: string, token: string): readonly string[] => {
  const head = (line: string, ...more: readonly string[]): string =>
    [line, `Host: ${host}`, `Authorization: Bearer ${token}`, ...more, '', ''].join('\r\n')
  const type = 'Content-Type: application/vnd.tallystick'
  return [
    head('GET /v1/log?from=0&limit=1 HTTP/1.1'),
    head('GET /v1/checkpoint HTTP/1.1', '__proto__: x', 'constructor: y', '__proto__: z'),
    `${head('POST /v1/steps HTTP/1.1', type, 'Content-Length: 8')}\u0001\u0000\u0000\u0000abcd`,
    `${head('POST /v1/charters HTTP/1.1', type, 'Transfer-Encoding: chunked')}4\r\nabcd\r\n0\r\n\r\n`,
    head(
      'GET /v1/follow HTTP/1.1',
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ),
    head('GET /v1/checkpoint HTTP/1.1', 'Upgrade: h2c', 'Connection: Upgrade, HTTP2-Settings'),
    head('HEAD /readyz HTTP/1.1', 'Expect: 100-continue', 'Connection: close'),
  ]
}

/** One request with up to four bytes changed, cut out or doubled. */
const changed = (below: Below, text: string): Buffer => {
  const bytes = Buffer.from(text, 'latin1')
  for (let at = below(5); at > 0; at--) bytes[below(bytes.length)] = below(256)
  const [from, to] = [below(bytes.length), below(bytes.length)]
  const kind = below(8)
  if (kind === 0) return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)])
  return kind === 1 ? bytes.subarray(0, from) : bytes
}

/** Several of them on one connection, which is then dropped, after something was answered or at once. */
export const pourNoise = (
  port: number,
  of: { readonly token: string; readonly below: Below; readonly count: number },
): Promise<void> =>
  new Promise((resolve) => {
    const good = requestsTo(`127.0.0.1:${port}`, of.token)
    const socket = connect(port, '127.0.0.1')
    socket.once('error', () => undefined)
    socket.once('close', () => resolve())
    socket.once('connect', () => {
      const all = Array.from({ length: of.count }, () =>
        changed(of.below, good[of.below(good.length)] ?? ''),
      )
      socket.write(Buffer.concat(all))
      if (of.below(4) === 0) socket.destroy()
      else socket.once('data', () => socket.destroy())
      // Of what is only begun nothing is answered before its time is over.
      socket.setTimeout(20, () => socket.destroy())
    })
  })
