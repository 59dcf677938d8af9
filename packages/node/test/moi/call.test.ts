/** What a guardian may answer, and what is made of it: none of it is believed. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createGuardian, type Guardian, isCallFailure } from '../../src/moi/call.ts'
import { readReceipt } from '../../src/moi/receipt.ts'
import { hexFrom, listFrom, numberFrom, objectFrom, quantityFrom } from '../../src/moi/shape.ts'

let answer: { readonly status: number; readonly body: string }
let asked: unknown
let guardian: Guardian
const server = createServer((request, response) => {
  const parts: Buffer[] = []
  request.on('data', (part: Buffer) => parts.push(part))
  request.on('end', () => {
    asked = JSON.parse(Buffer.concat(parts).toString())
    response.writeHead(answer.status)
    response.end(answer.body)
  })
})
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  guardian = createGuardian(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const answering = (body: unknown, status = 200): Promise<unknown> => {
  answer = { status, body: typeof body === 'string' ? body : JSON.stringify(body) }
  return guardian.call('moi.Balance', { id: '0x' })
}
const failureOf = (of: Promise<unknown>): Promise<unknown> =>
  of.then(
    () => 'no failure',
    (error: unknown) => {
      if (!isCallFailure(error)) return error
      const { failure, message, code, reason } = error
      return { failure, message, code, reason }
    },
  )

describe('a call', () => {
  test('is sent as MOI’s client sends it, and its result comes back', async () => {
    expect(await answering({ result: '0x5' })).toBe('0x5')
    expect(asked).toEqual({ jsonrpc: '2.0', id: 1, method: 'moi.Balance', params: [{ id: '0x' }] })
    expect(await answering({ result: null })).toBe(null)
  })

  test('that is refused says why, with the name of the reason', async () => {
    const error = {
      code: -32_000,
      message: 'account not found',
      data: { reason: 'unknown-account' },
    }
    expect(await failureOf(answering({ error }))).toEqual({
      failure: 'refused',
      message: 'account not found',
      code: -32_000,
      reason: 'unknown-account',
    })
    expect(await failureOf(answering({ error: {} }))).toMatchObject({ failure: 'refused' })
    expect(await failureOf(answering('not from there', 403))).toMatchObject({
      message: 'the guardian answers 403: not from there',
    })
  })

  test.each([
    ['no JSON', 'well'],
    ['a list', []],
    ['neither result nor error', { id: 1 }],
    ['more than is read', `{"result":"${'x'.repeat(16_777_216)}"}`],
  ])('that is answered with %s has no result', async (_, body) => {
    expect(await failureOf(answering(body))).toMatchObject({ failure: 'malformed' })
  })

  test('that nobody answers is told so', async () => {
    const nobody = createGuardian('http://127.0.0.1:9')
    expect(await failureOf(nobody.call('net.Info', null))).toMatchObject({ failure: 'unreachable' })
  })
})

describe('a reader', () => {
  test.each([
    ['quantity', () => quantityFrom('5', 'x')],
    ['quantity', () => quantityFrom('0x', 'x')],
    ['quantity', () => quantityFrom(`0x${'f'.repeat(65)}`, 'x')],
    ['hexadecimal', () => hexFrom('0x1', 'x')],
    ['list', () => listFrom({}, 'x')],
    ['object', () => objectFrom([], 'x')],
    ['number', () => numberFrom(1.5, 'x')],
    ['status', () => readReceipt({ ix_hash: '0x', status: '0' })],
  ])('refuses what is no %s', (what, read) => {
    expect(read).toThrow(what)
  })
})
