/** Each limit of the transport, reached. Times are short here; the defaults stand in `server/limits.ts`. */
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { signerId } from 'tallystick/base'
import { charter as charterCodec, machineId } from 'tallystick/kernel'
import { submissions } from 'tallystick/models'
import { DEFAULT_LIMITS } from '../../src/server/limits.ts'
import { createToken, type RunningOperator } from '../../src/server/start-operator.ts'
import {
  ask,
  charterFor,
  CONTENT_TYPE,
  openAt,
  ownerPair,
  refusalOf,
  startTest,
  stepsOf,
  submitAt,
} from './town.ts'

const running: RunningOperator[] = []
const raws: Socket[] = []
const start = async (...args: Parameters<typeof startTest>): Promise<RunningOperator> => {
  const one = await startTest(...args)
  running.push(one)
  return one
}
afterEach(async () => {
  for (const one of raws.splice(0)) one.destroy()
  await Promise.all(running.splice(0).map((one) => one.close()))
})

const portOf = (of: RunningOperator): number => Number(new URL(of.url).port)

type Raw = { readonly socket: Socket; readonly text: () => string; readonly ended: Promise<string> }

/** A connection on which anything can be written. */
const rawTo = (of: RunningOperator, text = ''): Promise<Raw> =>
  new Promise((resolve, reject) => {
    const socket = connect(portOf(of), '127.0.0.1')
    raws.push(socket)
    let heard = ''
    socket.on('data', (data) => {
      heard += data.toString('latin1')
    })
    const ended = new Promise<string>((settle) => {
      socket.once('close', () => settle(heard))
    })
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.on('error', () => undefined)
      if (text !== '') socket.write(text)
      resolve({ socket, text: () => heard, ended })
    })
  })

const headOf = (of: RunningOperator, path: string, more: readonly string[] = []): string =>
  [
    `${more.some((one) => one.startsWith('Content')) ? 'POST' : 'GET'} ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${portOf(of)}`,
    `Authorization: Bearer ${of.token}`,
    ...more,
    '',
    '',
  ].join('\r\n')

const isWell = async (of: RunningOperator): Promise<void> => {
  expect((await ask(of, '/v1/checkpoint')).status).toBe(200)
}

const metric = async (of: RunningOperator, name: string): Promise<number> => {
  const text = await (await ask(of, '/metrics')).text()
  return Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${name}{`))
      ?.split('} ')[1] ?? NaN,
  )
}

describe('L1: who is answered', () => {
  test('nobody without a token, on this machine too, and no token that is almost right', async () => {
    const one = await start()
    const { token } = one
    for (const wrong of ['', token.slice(1), `${token}0`, token.toUpperCase(), 'x'.repeat(300)]) {
      expect(await refusalOf(await ask({ ...one, token: wrong }, '/v1/checkpoint'))).toEqual([
        401,
        'request/no-token',
      ])
    }
    await isWell(one)
  })

  test('no request under a name that is not ours, and none from a web page', async () => {
    const one = await start({ hosts: ['operator.example'] })
    const asked = (host: string): Promise<string> =>
      rawTo(one, headOf(one, '/v1/checkpoint').replace(/Host: .*\r\n/, host)).then(
        async ({ text }) => {
          await expect.poll(text).toContain('HTTP/1.1')
          return text().slice(9, 12)
        },
      )
    expect(await asked('Host: evil.example\r\n')).toBe('403')
    expect(await asked(`Host: evil.example:${portOf(one)}\r\n`)).toBe('403')
    expect(await asked('Host: 127.0.0.1:1\r\n')).toBe('403')
    expect(await asked('')).toBe('400')
    expect(await asked('Host: operator.example\r\n')).toBe('200')
    expect(await asked(`Host: LOCALHOST:${portOf(one)}\r\n`)).toBe('200')
    const response = await ask(one, '/v1/checkpoint', { headers: { origin: 'http://x.example' } })
    expect(await refusalOf(response)).toEqual([403, 'request/foreign-origin'])
    // Nor is any page told that it may ask.
    const preflight = await ask(one, '/v1/steps', { method: 'OPTIONS' })
    expect(preflight.status).toBe(404)
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull()
  })

  test('nobody who sends another content type, as a form of a page would', async () => {
    const one = await start()
    for (const type of ['text/plain', 'application/json', `${CONTENT_TYPE}; charset=utf-8`]) {
      const response = await ask(one, '/v1/steps', { body: 'x', headers: { 'content-type': type } })
      expect(await refusalOf(response)).toEqual([415, 'request/wrong-type'])
    }
  })

  test('a token that may only read hands over nothing', async () => {
    const reader = createToken('reader', 'read')
    const one = await start({ tokens: [createToken('main'), reader] })
    const reading = { ...one, token: reader.token }
    await isWell(reading)
    const charter = charterFor([one.card])
    const response = await ask(reading, '/v1/charters', { body: charterCodec.encode(charter) })
    expect(await refusalOf(response)).toEqual([403, 'request/wrong-tier'])
  })

  test('health needs no token and says nothing about what runs', async () => {
    const one = await start()
    for (const path of ['/healthz', '/readyz']) {
      const response = await fetch(`${one.url}${path}`)
      expect(response.status).toBe(200)
      expect(await response.text()).toMatch(/^(?:ok|ready)\n$/)
      for (const [name] of response.headers) expect(name).not.toMatch(/server|powered|version/)
    }
    expect((await fetch(`${one.url}/metrics`)).status).toBe(401)
  })
})

describe('F3: slow requests', () => {
  test('are cut when their headers, or their bodies, take too long', async () => {
    const one = await start({ limits: { headersMs: 200, requestMs: 400 } })
    const headers = await rawTo(one, 'GET /v1/checkpoint HTTP/1.1\r\nHost: 127')
    expect(await headers.ended).toContain('408')
    const body = await rawTo(
      one,
      headOf(one, '/v1/steps', [`Content-Type: ${CONTENT_TYPE}`, 'Content-Length: 100']) + 'abc',
    )
    expect(await body.ended).toContain('408')
    await isWell(one)
  })

  test('of strangers cost an honest client nothing, however many they are', async () => {
    const one = await start({ limits: { strangers: 64, connections: 2048, headersMs: 30_000 } })
    const slow = await Promise.all(
      Array.from({ length: 1000 }, () => rawTo(one, 'GET / HTTP/1.1\r\nHost: ')),
    )
    const took: number[] = []
    for (let at = 0; at < 100; at++) {
      const startMs = performance.now()
      await isWell(one)
      took.push(performance.now() - startMs)
    }
    took.sort((a, b) => a - b)
    expect(took[98]).toBeLessThan(500)
    const open = slow.filter(({ socket }) => !socket.destroyed).length
    expect(open).toBeLessThanOrEqual(64)
  })
})

describe('F4: bodies', () => {
  test('that announce too much are refused before they are sent', async () => {
    const one = await start({ limits: { bodyBytes: 1000 } })
    const length = ['Content-Length: 1001', `Content-Type: ${CONTENT_TYPE}`]
    const announced = await rawTo(one, headOf(one, '/v1/steps', length))
    expect(await announced.ended).toMatch(/^HTTP\/1.1 413 [^]*request\/too-large/)
  })

  test('without an end are cut at the limit', async () => {
    const one = await start({ limits: { bodyBytes: 100_000 } })
    const endless = await rawTo(
      one,
      headOf(one, '/v1/steps', ['Transfer-Encoding: chunked', `Content-Type: ${CONTENT_TYPE}`]),
    )
    let sent = 0
    const pour = setInterval(() => {
      sent += 10_000
      endless.socket.write(`2710\r\n${'x'.repeat(10_000)}\r\n`)
    }, 1)
    expect(await endless.ended).toContain('413')
    clearInterval(pour)
    expect(sent).toBeLessThan(10_000_000)
    await isWell(one)
  })

  test('as large as the limit are read', async () => {
    const one = await start({ limits: { bodyBytes: 1000 } })
    const response = await ask(one, '/v1/steps', { body: new Uint8Array(1000).fill(255) })
    // Read, and then not understood.
    expect(await refusalOf(response)).toEqual([400, 'codec/too-long'])
  })

  test('of one step have a limit of their own', async () => {
    const one = await start({ limits: { interactionBytes: 1500 } })
    const charter = charterFor([one.card])
    await openAt(one, charter)
    const [small] = stepsOf(charter, 1)
    if (!small) throw new Error('there is a step')
    const padded = { ...small, proposal: new Uint8Array(1500) }
    const answers = await submitAt(one, [padded, small])
    expect(answers).toMatchObject([{ code: 'request/too-large' }, { is: 'receipt' }])
  })

  test('the defaults are those of the specification', () => {
    expect(DEFAULT_LIMITS.bodyBytes).toBe(1_048_576)
    expect(DEFAULT_LIMITS.interactionBytes).toBe(131_072)
    expect(DEFAULT_LIMITS.headersMs).toBe(10_000)
    expect(DEFAULT_LIMITS.requestMs).toBe(30_000)
  })
})

describe('F5, F14: what costs much', () => {
  test('F5: a list of more steps than allowed is refused as a whole', async () => {
    const one = await start()
    const charter = charterFor([one.card])
    const [step] = stepsOf(charter, 1)
    if (!step) throw new Error('there is a step')
    const body = submissions.encode(Array.from({ length: 64 }, () => step))
    const more = new Uint8Array(body.length + (body.length - 4) / 64)
    more.set(body)
    more.set(body.subarray(4, 4 + (body.length - 4) / 64), body.length)
    more[0] = 65
    expect(await refusalOf(await ask(one, '/v1/steps', { body: more }))).toEqual([
      400,
      'codec/too-long',
    ])
    expect((await ask(one, '/v1/steps', { body })).status).toBe(200)
  })

  test('F14: is paid by the token, which waits when its purse is empty, and nobody else does', async () => {
    const [poor, rich] = [createToken('poor'), createToken('rich')]
    const one = await start({ tokens: [rich, poor], limits: { budget: 200, budgetPerSecond: 100 } })
    const asked = async (): Promise<number> =>
      (await ask({ ...one, token: poor.token }, '/v1/log')).status
    expect(await asked()).toBe(200)
    expect(await asked()).toBe(200)
    expect(await asked()).toBe(200)
    const refused = await ask({ ...one, token: poor.token }, '/v1/log')
    expect(await refusalOf(refused)).toEqual([429, 'request/too-many'])
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    expect((await ask(one, '/v1/log')).status).toBe(200)
    await expect.poll(asked, { timeout: 3000, interval: 100 }).toBe(200)
  })

  test('F14: long answers end where they are long enough, and go on when asked', async () => {
    const one = await start({ limits: { answerBytes: 2000 } })
    const charter = charterFor([one.card])
    await openAt(one, charter)
    await submitAt(one, stepsOf(charter, 8))
    const response = await ask(one, `/v1/machines/${machineId(charter)}/steps`)
    const { length } = new Uint8Array(await response.arrayBuffer())
    expect(length).toBeGreaterThan(500)
    expect(length).toBeLessThan(3000)
  })

  test('has only so many requests of one token in work', async () => {
    const one = await start({ limits: { requestsEach: 3 } })
    const waiting = ['Content-Length: 10', `Content-Type: ${CONTENT_TYPE}`]
    for (let at = 0; at < 3; at++) await rawTo(one, headOf(one, '/v1/steps', waiting))
    await expect
      .poll(async () => (await ask(one, '/v1/checkpoint')).status, { timeout: 2000 })
      .toBe(429)
    raws[0]?.destroy()
    await expect
      .poll(async () => (await ask(one, '/v1/checkpoint')).status, { timeout: 2000 })
      .toBe(200)
  })
})

describe('F8, F9: connections', () => {
  test('F8: there are at most so many, and room again when one goes', async () => {
    const one = await start({ limits: { connections: 5, strangers: 100 } })
    const held = await Promise.all(Array.from({ length: 5 }, () => rawTo(one)))
    const sixth = await rawTo(one, headOf(one, '/healthz'))
    expect(await sixth.ended).toBe('')
    held[0]?.socket.destroy()
    await expect
      .poll(async () => {
        const next = await rawTo(one, headOf(one, '/healthz', ['Connection: close']))
        return (await next.ended).slice(0, 12)
      })
      .toBe('HTTP/1.1 200')
  })

  test('F8: of one address come at most so many in a time', async () => {
    const one = await start({ limits: { budget: 20, budgetPerSecond: 1 } })
    const all = await Promise.all(Array.from({ length: 30 }, () => rawTo(one)))
    await expect.poll(() => all.filter(({ socket }) => socket.destroyed).length).toBeGreaterThan(8)
  })

  test('F9: a stranger never takes the place of somebody who has shown a token', async () => {
    const one = await start({ limits: { strangers: 3 } })
    const known = await rawTo(one, headOf(one, '/v1/checkpoint'))
    await expect.poll(known.text).toContain('200 OK')
    const strangers: Raw[] = []
    for (let at = 0; at < 10; at++) strangers.push(await rawTo(one))
    await expect
      .poll(() => strangers.map(({ socket }) => socket.destroyed))
      .toEqual([true, true, true, true, true, true, true, false, false, false])
    known.socket.write(headOf(one, '/healthz'))
    await expect.poll(() => known.text().match(/200 OK/g)?.length).toBe(2)
  })
})

describe('F10: headers', () => {
  test('that are too long are refused, and as long as they may be are read', async () => {
    const one = await start({ limits: { headerBytes: 2000 } })
    const filled = (bytes: number): string =>
      headOf(one, '/v1/checkpoint', [`X: ${'x'.repeat(bytes)}`])
    const long = await rawTo(one, filled(2000))
    expect(await long.ended).toContain('431')
    const short = await rawTo(one, filled(1000))
    await expect.poll(short.text, { timeout: 5000 }).toContain('200 OK')
  })

  test('more than so many are refused', async () => {
    const one = await start({ limits: { headersCount: 8 } })
    const behind = (count: number): string =>
      [
        'GET /v1/checkpoint HTTP/1.1',
        `Host: 127.0.0.1:${portOf(one)}`,
        ...Array.from({ length: count }, (_, at) => `X-${at}: y`),
        `Authorization: Bearer ${one.token}`,
        '',
        '',
      ].join('\r\n')
    const few = await rawTo(one, behind(6))
    await expect.poll(few.text, { timeout: 5000 }).toContain('200 OK')
    const many = await rawTo(one, behind(7))
    expect(await many.ended).toContain('431')
  })
})

describe('a connection that rests', () => {
  test('is closed after its time, and not before', async () => {
    const one = await start({ limits: { idleMs: 1500 } })
    const { socket, text, ended } = await rawTo(one, headOf(one, '/v1/checkpoint'))
    await expect.poll(text, { timeout: 5000 }).toContain('200 OK')
    socket.write(headOf(one, '/v1/checkpoint'))
    await expect.poll(() => text().match(/200 OK/g)?.length, { timeout: 5000 }).toBe(2)
    expect(await ended).toContain('200 OK')
    await isWell(one)
  })
})

describe('F10: odd requests', () => {
  test('bring nobody down', async () => {
    const one = await start()
    const host = `Host: 127.0.0.1:${portOf(one)}`
    const odd = [
      `GET /v1/checkpoint HTTP/1.1\r\n${host}\r\n__proto__: x\r\nconstructor: y\r\n\r\n`,
      `GET /v1/checkpoint HTTP/1.1\r\n${host}\r\n${host}\r\n\r\n`,
      `GET /v1/checkpoint HTTP/1.1\r\n${host}\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n`,
      `CONNECT example:80 HTTP/1.1\r\n${host}\r\n\r\n`,
      `GET http://evil.example/v1/checkpoint HTTP/1.1\r\n${host}\r\n\r\n`,
      `GET //evil.example/ HTTP/1.1\r\n${host}\r\nAuthorization: Bearer ${one.token}\r\n\r\n`,
      `GET /v1/machines/%00 HTTP/1.1\r\n${host}\r\nAuthorization: Bearer ${one.token}\r\n\r\n`,
      `GET /v1/machines/%zz HTTP/1.1\r\n${host}\r\nAuthorization: Bearer ${one.token}\r\n\r\n`,
      `GET /v1/machines/../token HTTP/1.1\r\n${host}\r\nAuthorization: Bearer ${one.token}\r\n\r\n`,
      `POST /v1/steps HTTP/1.1\r\n${host}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      `GET /v1/checkpoint HTTP/1.1\r\n${host}\r\nExpect: 200-maybe\r\n\r\n`,
      `GET /v1/checkpoint HTTP/1.1\r\n${host}\r\n${'X: y\r\n'.repeat(3000)}\r\n`,
      `GET /v1/checkpoint HTTP/1.1\r\nHost: [::1\r\n\r\n`,
      `TRACE /v1/checkpoint HTTP/1.1\r\n${host}\r\nAuthorization: Bearer ${one.token}\r\n\r\n`,
      '\u0016\u0003\u0001\u0002\u0000\u0001',
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    ]
    for (const text of odd) {
      const { socket, text: heard } = await rawTo(one, text)
      await expect.poll(() => heard().length > 0 || socket.destroyed, { timeout: 2000 }).toBe(true)
      expect([text, heard().slice(0, 12)]).not.toEqual([text, 'HTTP/1.1 200'])
      expect(heard()).not.toMatch(/node_modules|file:|at .*\.ts/)
      socket.destroy()
    }
    await isWell(one)
  })
})

describe('E1, E4, E7, E14: what cannot be read', () => {
  test('E7: every beginning of a good body is refused, and every byte flipped is', async () => {
    const one = await start()
    const charter = charterFor([one.card])
    await openAt(one, charter)
    const body = submissions.encode(stepsOf(charter, 1))
    const prefixes = Array.from({ length: 40 }, (_, at) => Math.floor((at * body.length) / 40))
    for (const size of prefixes) {
      const response = await ask(one, '/v1/steps', { body: body.subarray(0, size) })
      expect([size, (await refusalOf(response))[0]]).toEqual([size, 400])
    }
    const before = await metric(one, 'tally_vows')
    for (let at = 4; at < body.length; at += 7) {
      const flipped = body.slice()
      flipped[at] = (flipped[at] ?? 0) ^ 1
      const response = await ask(one, '/v1/steps', { body: flipped })
      const bytes = Buffer.from(await response.arrayBuffer()).toString('latin1')
      expect(bytes.includes('"code":"') || bytes.includes('/')).toBe(true)
    }
    expect(await metric(one, 'tally_vows')).toBe(before)
  })

  test('E1, E4, E14: JSON, deep or twice named, is no body at all, and a path is an id or nothing', async () => {
    const one = await start()
    for (const body of ['{"a":1,"a":2}', '['.repeat(100_000), 'null', '[]', '""']) {
      for (const path of ['/v1/charters', '/v1/steps', '/v1/certificates', '/v1/evidence']) {
        expect((await ask(one, path, { body })).status).toBe(400)
      }
    }
    const wrong = [
      '__proto__',
      'constructor',
      '1',
      'A'.repeat(64),
      `${'0'.repeat(63)}g`,
      '0'.repeat(65),
    ]
    for (const id of wrong) {
      for (const path of [`/v1/machines/${id}`, `/v1/inbox/${id}`, `/v1/evidence/${id}`]) {
        expect([path, (await refusalOf(await ask(one, path)))[1]]).toEqual([path, 'id/malformed'])
      }
    }
    for (const query of [
      'from=-1',
      'from=0x1',
      'from=1e3',
      'limit=1.5',
      'from=00',
      `from=${'9'.repeat(30)}`,
    ]) {
      expect(await refusalOf(await ask(one, `/v1/log?${query}`))).toEqual([
        400,
        'request/bad-query',
      ])
    }
  })
})

describe('F2, F15: bad signatures', () => {
  test('F2: are checked once, cost their token, and after so many of them the connection is closed', async () => {
    const one = await start({ limits: { badSignatures: 5, budget: 20_000, budgetPerSecond: 1 } })
    const charter = charterFor([one.card])
    await openAt(one, charter)
    const [step] = stepsOf(charter, 1)
    if (!step) throw new Error('there is a step')
    const forged = { ...step, proposal: new Uint8Array(64).fill(9) }
    let checks = 0
    const { checks: real } = one.operator
    expect(real.failures()).toBe(0)
    const body = Buffer.from(submissions.encode([forged]))
    const raw = await rawTo(one)
    const send = (): boolean =>
      raw.socket.write(
        Buffer.concat([
          Buffer.from(
            headOf(one, '/v1/steps', [
              `Content-Length: ${body.length}`,
              `Content-Type: ${CONTENT_TYPE}`,
            ]),
          ),
          body,
        ]),
      )
    while (!raw.socket.destroyed && checks < 20) {
      const before = raw.text().length
      send()
      checks++
      await expect.poll(() => raw.text().length > before || raw.socket.destroyed).toBe(true)
      await new Promise((resolve) => setTimeout(resolve, 60))
    }
    expect(checks).toBeLessThan(8)
    expect(real.failures()).toBe(1)
    expect(await metric(one, 'tally_bad_signatures_total')).toBeGreaterThanOrEqual(5)
  })

  test('F15: that came first do not have the good one refused', async () => {
    const one = await start()
    const charter = charterFor([one.card])
    await openAt(one, charter)
    const [step] = stepsOf(charter, 1)
    if (!step) throw new Error('there is a step')
    const [bad] = await submitAt(one, [{ ...step, proposal: new Uint8Array(64).fill(9) }])
    expect(bad).toMatchObject({ code: 'operator/not-the-owner' })
    const [good] = await submitAt(one, [step])
    expect(good).toMatchObject({ is: 'receipt' })
  })

  test('F15: nor is a machine forgotten because its charter came late', async () => {
    const one = await start()
    const charter = charterFor([one.card])
    const steps = stepsOf(charter, 1)
    expect(await submitAt(one, steps)).toMatchObject([{ code: 'operator/unknown-machine' }])
    await openAt(one, charter)
    expect(await submitAt(one, steps)).toMatchObject([{ is: 'receipt' }])
  })
})

describe('F13: what others fill', () => {
  test('an inbox takes so many items and bytes until its device has read, and there are so many inboxes', async () => {
    const one = await start({ limits: { inboxItems: 3, inboxBytes: 1000, inboxes: 2 } })
    const device = (fill: number) =>
      signerId(
        'classic',
        'ed25519',
        fill === 0 ? ownerPair.publicKey : new Uint8Array(32).fill(fill),
      )
    const leave = async (fill: number, item: Uint8Array) => {
      const response = await ask(one, `/v1/inbox/${device(fill)}`, { body: item })
      return response.status === 200 ? 'left' : (await refusalOf(response))[1]
    }
    expect(await leave(0, new Uint8Array(600))).toBe('left')
    expect(await leave(0, new Uint8Array(401))).toBe('inbox/full')
    expect(await leave(0, new Uint8Array(400))).toBe('left')
    expect(await leave(1, new Uint8Array([1]))).toBe('left')
    expect(await leave(1, new Uint8Array([2]))).toBe('left')
    expect(await leave(1, new Uint8Array([3]))).toBe('left')
    expect(await leave(1, new Uint8Array([4]))).toBe('inbox/full')
    expect(await leave(1, new Uint8Array([3]))).toBe('left')
    expect(await leave(2, new Uint8Array([1]))).toBe('inbox/too-many')
  })

  test('machines are opened up to so many, by several at once, and what is open goes on', async () => {
    const one = await start({ limits: { machines: 70 } })
    const charters = Array.from({ length: 80 }, (_, at) => ({
      ...charterFor([one.card]),
      nonce: new Uint8Array(32).fill(at),
    }))
    const codes = await Promise.all(
      charters.map(async (charter) => {
        const response = await ask(one, '/v1/charters', { body: charterCodec.encode(charter) })
        return response.status === 200 ? 'opened' : (await refusalOf(response))[1]
      }),
    )
    expect(codes.filter((code) => code === 'opened')).toHaveLength(70)
    expect(codes.filter((code) => code === 'operator/too-many')).toHaveLength(10)
    const opened = charters[codes.indexOf('opened')]
    if (!opened) throw new Error('seventy were opened')
    await openAt(one, opened)
    expect(await submitAt(one, stepsOf(opened, 1))).toMatchObject([{ is: 'receipt' }])
  })

  test('purses, remembered failures and known machines stay below their caps after many more', async () => {
    const { createBudget } = await import('../../src/server/budget.ts')
    const { setBounded } = await import('../../src/server/bounded-map.ts')
    const budget = createBudget({ units: 10, perSecond: 1, sizeMax: 100, clock: () => 0 })
    const map = new Map<number, number>()
    for (let at = 0; at < 300_000; at++) {
      if (at < 100_000) budget.take(`address ${at}`, 1)
      setBounded(map, at, at, 1000)
    }
    expect(budget.size()).toBe(100)
    expect(map.size).toBe(1000)
  })
})
