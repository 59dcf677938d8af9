/** The port: whom it answers, and each limit of the transport reached. Times are short here. */
import { connect } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { serveHttp } from '../../../src/guardian/http/serve.ts'
import { GUARDIAN_LIMITS } from '../../../src/guardian/limits.ts'
import { at } from '../look.ts'
import { openGuardian, post } from '../town.ts'

const CALL = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'net.Version', params: [null] })
const JSON_TYPE = { 'content-type': 'application/json' }

const statusOf = async (url: string, more: RequestInit): Promise<number> =>
  (await post(url, CALL, more)).status

/** What comes back for anything at all that is written. */
const raw = (url: string, text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    let heard = ''
    socket.on('data', (data) => {
      heard += data.toString('latin1')
    })
    socket.once('error', reject)
    socket.once('close', () => resolve(heard))
    socket.write(text)
  })

describe('A page', () => {
  test('of this machine may call, and is told so when it asks first', async () => {
    const { url } = await openGuardian()
    const origin = 'http://localhost:3000'
    const asked = await fetch(url, { method: 'OPTIONS', headers: { origin } })
    expect(asked.status).toBe(204)
    expect(asked.headers.get('access-control-allow-origin')).toBe(origin)
    expect(asked.headers.get('access-control-allow-headers')).toContain('content-type')
    const called = await post(url, CALL, { headers: { ...JSON_TYPE, origin } })
    expect(called.status).toBe(200)
    expect(called.headers.get('access-control-allow-origin')).toBe(origin)
  })

  test('may read that the guardian failed, whatever nobody had expected', async () => {
    const failures: unknown[] = []
    const server = await serveHttp({
      host: '127.0.0.1',
      port: 0,
      hosts: [],
      pages: [],
      limits: GUARDIAN_LIMITS,
      dispatch: () => Promise.reject(new Error('a mistake')),
      readiness: () => 'ready',
      metrics: () => Promise.resolve({ text: '', type: 'text/plain' }),
      onFailure: (error) => failures.push(error),
      onTurnedAway: () => undefined,
    })
    onTestFinished(() => server.close())
    const origin = 'http://localhost:3000'
    const failed = await post(`http://127.0.0.1:${server.port}`, CALL, {
      headers: { ...JSON_TYPE, origin },
    })
    expect(failed.status).toBe(500)
    expect(failed.headers.get('access-control-allow-origin')).toBe(origin)
    expect(failures).toEqual([new Error('a mistake')])
  })

  test('from elsewhere is refused, and the same call without a page is not', async () => {
    const { url } = await openGuardian()
    const headers = { ...JSON_TYPE, origin: 'https://evil.example' }
    expect(await statusOf(url, { headers })).toBe(403)
    expect(await statusOf(url, { headers: JSON_TYPE })).toBe(200)
  })

  test('under a name that is not ours is refused', async () => {
    const { url } = await openGuardian()
    const ask = (host: string): string =>
      `POST / HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nContent-Length: ${CALL.length}\r\nConnection: close\r\n\r\n${CALL}`
    const { host } = new URL(url)
    expect(await raw(url, ask('rebound.example'))).toContain('403')
    expect(await raw(url, ask(host))).toContain('200')
  })
})

describe('A request', () => {
  test('of another content type is refused, which is what keeps forms of pages away', async () => {
    const { url } = await openGuardian()
    expect(await statusOf(url, { headers: { 'content-type': 'text/plain' } })).toBe(415)
    expect(
      await statusOf(url, { headers: { 'content-type': 'application/json; charset=utf-8' } }),
    ).toBe(200)
  })

  test('is read up to the last byte that is allowed', async () => {
    const { url } = await openGuardian({ limits: { bodyBytes: 1000 } })
    const padded = (size: number): string => CALL + ' '.repeat(size - CALL.length)
    expect((await post(url, padded(1000))).status).toBe(200)
    const refused = await post(url, padded(1001))
    expect(refused.status).toBe(413)
    expect(at(await refused.json(), 'error.data.reason')).toBe('too-large')
  })

  test('is refused when its connection has spent what it may', async () => {
    const { url } = await openGuardian({ limits: { budget: 3, budgetPerSecond: 0.001 } })
    const one = `POST / HTTP/1.1\r\nHost: ${new URL(url).host}\r\nContent-Type: application/json\r\nContent-Length: ${CALL.length}\r\n`
    const four = `${one}\r\n${CALL}`.repeat(3) + `${one}Connection: close\r\n\r\n${CALL}`
    const heard = await raw(url, four)
    expect(heard.split('moi/1')).toHaveLength(4)
    expect(heard.split('too many requests')).toHaveLength(2)
    // Another connection has a purse of its own.
    expect(await raw(url, `${one}Connection: close\r\n\r\n${CALL}`)).toContain('moi/1')
  })

  test('that takes too long to arrive is cut off', async () => {
    const { url } = await openGuardian({ limits: { headersMs: 100, requestMs: 200 } })
    const begun = performance.now()
    const heard = await raw(url, 'POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n')
    expect(heard).toContain('408')
    expect(performance.now() - begun).toBeLessThan(5000)
  })

  test('with too many headers is refused', async () => {
    const { url } = await openGuardian()
    const filler = 'x'.repeat(GUARDIAN_LIMITS.headerBytes)
    expect(await raw(url, `POST / HTTP/1.1\r\nX: ${filler}\r\n\r\n`)).toContain('431')
  })

  test('is looked at without a body where somebody only looks', async () => {
    const { url } = await openGuardian()
    await post(url, CALL)
    expect(await (await fetch(`${url}/healthz`)).text()).toBe('ok\n')
    expect(await (await fetch(`${url}/readyz`)).text()).toBe('ready\n')
    const text = await (await fetch(`${url}/metrics`)).text()
    expect(text).toMatch(/tally_moi_call_seconds_count\{[^}]*method="net.Version"[^}]*\} 1/)
    expect((await fetch(`${url}/nothing`)).status).toBe(404)
    expect((await fetch(url, { method: 'PUT', body: 'x' })).status).toBe(405)
  })
})
