import { describe, expect, test } from 'vitest'
import { bytesFromUtf8 } from 'tallystick/base'
import { machineId } from 'tallystick/kernel'
import { createOperatorClient, MEDIA_TYPE } from '../../src/client/operator.ts'
import { ASK_MS } from '../../src/client/limits.ts'
import type { HttpAnswer, HttpRequest, Surroundings } from '../../src/client/surroundings.ts'
import {
  accountCharter,
  begin,
  createNet,
  mintCharter,
  person,
  sent,
  submissionsOf,
} from './town.ts'

const mint = person('mint')
const charter = mintCharter(mint)
const steps = submissionsOf(sent(begin(charter), mint, machineId(accountCharter(person('alice')))))

const address = { name: 'north', url: 'http://north', token: 'secret' }

const clientOver = (http: (request: HttpRequest) => Promise<HttpAnswer>) => {
  const surroundings: Surroundings = { ...createNet().surroundings, http }
  return createOperatorClient(address, surroundings)
}

const answering = (status: number, body: Uint8Array = new Uint8Array(0)) =>
  clientOver(() => Promise.resolve({ status, body }))

describe('the client of an operator', () => {
  test('says who asks, and what it sends', async () => {
    const requests: HttpRequest[] = []
    const client = clientOver((request) => {
      requests.push(request)
      return Promise.resolve({ status: 204, body: new Uint8Array(0) })
    })
    expect(await client.open(charter)).toEqual({ is: 'answered', value: undefined })
    const [request] = requests
    expect(request).toMatchObject({ url: 'http://north/v1/charters', method: 'POST' })
    expect(request?.headers).toEqual({
      accept: MEDIA_TYPE,
      authorization: 'Bearer secret',
      'content-type': MEDIA_TYPE,
    })
  })

  test('tells a refusal from silence', async () => {
    const said = '{"fault":{"code":"operator/behind","message":"vowed at 7","place":{}}}'
    const refused = await answering(409, bytesFromUtf8(said)).submit(steps)
    expect(refused).toMatchObject({ is: 'refused', fault: { code: 'operator/behind' } })
    expect(await answering(403, bytesFromUtf8('<html>')).submit(steps)).toMatchObject({
      is: 'refused',
      fault: { code: 'operator/refused', message: 'status 403', place: { party: 'north' } },
    })
    for (const status of [408, 429, 500, 503, 302]) {
      expect((await answering(status).submit(steps)).is).toBe('silent')
    }
  })

  test('takes what does not read, or answers something else, for silence', async () => {
    const { is } = await answering(200, Uint8Array.of(1, 2, 3)).submit(steps)
    expect(is).toBe('silent')
    const none = new Uint8Array(4)
    expect(await answering(200, none).submit(steps)).toEqual({
      is: 'silent',
      why: '0 answers to 1 steps',
    })
  })

  test('finds nothing where the operator knows nothing', async () => {
    const machine = machineId(charter)
    expect(await answering(404).head(machine)).toEqual({ is: 'answered', value: undefined })
    expect((await answering(403).head(machine)).is).toBe('refused')
  })

  test('does not wait for ever', async () => {
    const client = clientOver(
      ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new Error('aborted')))
        }),
    )
    expect(await client.head(machineId(charter))).toEqual({
      is: 'silent',
      why: `no answer in ${ASK_MS} ms`,
    })
  })

  test('says why there was no answer, from the bottom of the error', async () => {
    const cause = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
    const failed = clientOver(() => Promise.reject(new TypeError('fetch failed', { cause })))
    expect(await failed.head(machineId(charter))).toEqual({
      is: 'silent',
      why: 'nobody listens there',
    })
    const reset = clientOver(() =>
      Promise.reject(new TypeError('fetch failed', { cause: new Error('reset by peer') })),
    )
    expect(await reset.head(machineId(charter))).toEqual({ is: 'silent', why: 'reset by peer' })
  })
})
