/** Calls and subscriptions over WebSocket. */
import { afterEach, describe, expect, test } from 'vitest'
import { KMOI_ASSET } from 'tallystick/moi'
import { WebSocket } from 'ws'
import { at, listAt } from '../look.ts'
import {
  hexId,
  openGuardian,
  partyAt,
  payment,
  resultAt,
  send,
  settle,
  strangerAt,
} from '../town.ts'

const [alice, bob] = [partyAt(0), partyAt(1)]

type Line = {
  readonly socket: WebSocket
  readonly heard: unknown[]
  readonly ask: (method: string, params: unknown, id?: string) => Promise<unknown>
  readonly until: (count: number) => Promise<void>
}

const sockets: WebSocket[] = []
afterEach(() => {
  for (const one of sockets.splice(0)) one.terminate()
})

const lineTo = (url: string): Promise<Line> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(url)
    sockets.push(socket)
    const heard: unknown[] = []
    const waiting = new Map<unknown, (answer: unknown) => void>()
    socket.on('message', (data) => {
      const message: unknown = JSON.parse(Buffer.isBuffer(data) ? data.toString('utf8') : '')
      if (at(message, 'method') === 'moi.subscription') heard.push(at(message, 'params'))
      else waiting.get(at(message, 'id'))?.(message)
    })
    let count = 0
    const ask: Line['ask'] = (method, params, id = `a-b-${++count}`) =>
      new Promise((settleIt) => {
        waiting.set(id, settleIt)
        socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }))
      })
    const until: Line['until'] = async (wanted) => {
      for (let at = 0; at < 200 && heard.length < wanted; at++) {
        await new Promise((again) => setTimeout(again, 10))
      }
      expect(heard.length).toBeGreaterThanOrEqual(wanted)
    }
    socket.once('open', () => resolve({ socket, heard, ask, until }))
    socket.once('error', reject)
  })

describe('A socket', () => {
  test('has so many calls in the line of all and no more, and leaves room for another', async () => {
    const { socketUrl } = await openGuardian({ limits: { callsWaitingEach: 2 } })
    const ix = {
      sender: { id: hexId(alice.id), sequence: 0, key_id: 0 },
      fuel_price: '0x1',
      fuel_limit: '0x2710',
      ix_operations: [],
      participants: [],
    }
    const greedy = await lineTo(socketUrl)
    const other = await lineTo(socketUrl)
    const asked = Array.from({ length: 24 }, () => greedy.ask('moi.Call', [{ ix_args: ix }]))
    const answer = await other.ask('moi.Call', [{ ix_args: ix }])
    expect(at(answer, 'error')).toBeUndefined()
    const messages = (await Promise.all(asked)).map((one) => at(at(one, 'error'), 'message'))
    expect(messages.filter((one) => one === undefined).length).toBeGreaterThanOrEqual(2)
    expect(messages).toContain('too many calls of this connection wait for this guardian')
  })

  test('answers calls, and echoes an id that is a text', async () => {
    const { socketUrl } = await openGuardian()
    const line = await lineTo(socketUrl)
    const id = 'f6f2cbd5-0b5f-4d3a-8f80-6f1a3f1f0a11'
    expect(await line.ask('net.Version', [null], id)).toEqual({
      jsonrpc: '2.0',
      id,
      result: 'moi/1',
    })
  })

  test('is told tesseracts as they come, all of them or those of an account', async () => {
    const { url, socketUrl } = await openGuardian()
    const line = await lineTo(socketUrl)
    const all = at(await line.ask('moi.Subscribe', ['newTesseracts']), 'result')
    const nobody = strangerAt(3)
    const own = at(
      await line.ask('moi.Subscribe', ['newTesseractsByAccount', { address: hexId(bob.id) }]),
      'result',
    )
    await line.ask('moi.Subscribe', ['newTesseractsByAccount', { address: hexId(nobody.id) }])
    const receipt = await settle(url, payment(alice, bob.id, 1n, 0n))
    await line.until(2)
    expect(line.heard).toHaveLength(2)
    expect(line.heard.map((one) => at(one, 'subscription'))).toEqual([all, own])
    for (const one of line.heard) expect(at(one, 'result.hash')).toBe(at(receipt, 'ts_hash'))
  })

  test('is told hashes of interactions that come into the pool, as plain texts', async () => {
    const { url, socketUrl } = await openGuardian()
    const line = await lineTo(socketUrl)
    await line.ask('moi.Subscribe', ['newPendingInteractions'])
    const queued = payment(alice, bob.id, 1n, 5n)
    await send(url, queued)
    await line.until(1)
    expect(at(line.heard[0], 'result')).toBe(`0x${queued.hash}`)
  })

  test('is told nothing more after it has unsubscribed', async () => {
    const { url, socketUrl } = await openGuardian()
    const line = await lineTo(socketUrl)
    const id = at(await line.ask('moi.Subscribe', ['newTesseracts']), 'result')
    expect(at(await line.ask('moi.Unsubscribe', [id]), 'result')).toBe(true)
    expect(at(await line.ask('moi.Unsubscribe', [id]), 'error.message')).toBe(
      'subscription not found',
    )
    await settle(url, payment(alice, bob.id, 1n, 0n))
    await line.ask('net.Version', [null])
    expect(line.heard).toHaveLength(0)
  })

  test('has so many subscriptions and no more', async () => {
    const { socketUrl, context } = await openGuardian({ limits: { subscriptions: 2 } })
    const line = await lineTo(socketUrl)
    for (let count = 0; count < 2; count++) await line.ask('moi.Subscribe', ['newTesseracts'])
    expect(at(await line.ask('moi.Subscribe', ['newTesseracts']), 'error.data.reason')).toBe(
      'too-many',
    )
    line.socket.close()
    for (let at = 0; at < 100 && context.hub.counts().listeners > 0; at++) {
      await new Promise((again) => setTimeout(again, 10))
    }
    expect(context.hub.counts().listeners).toBe(0)
  })

  test('subscribes to nothing that is not there, and only here', async () => {
    const { url, socketUrl } = await openGuardian()
    const line = await lineTo(socketUrl)
    expect(at(await line.ask('moi.Subscribe', ['newWonders']), 'error.code')).toBe(-32602)
    expect(at(await line.ask('moi.Subscribe', ['newLogs', { topics: [] }]), 'error.message')).toBe(
      'invalid identifier',
    )
    const params = { jsonrpc: '2.0', id: 1, method: 'moi.Subscribe', params: ['newTesseracts'] }
    const headers = { 'content-type': 'application/json' }
    const asked = await fetch(url, { method: 'POST', headers, body: JSON.stringify(params) })
    expect(await asked.text()).toContain('subscriptions need a WebSocket')
  })

  test('is closed for a frame that is too large, or is no text', async () => {
    const { socketUrl } = await openGuardian({ limits: { bodyBytes: 1000 } })
    const closes = async (frame: string | Uint8Array): Promise<number> => {
      const { socket } = await lineTo(socketUrl)
      const closed = new Promise<number>((resolve) => {
        socket.once('close', resolve)
      })
      socket.send(frame)
      return closed
    }
    expect(await closes('x'.repeat(1001))).toBe(1009)
    expect(await closes(new Uint8Array(3))).toBe(1003)
  })

  test('is refused where there are too many, and for a page from elsewhere', async () => {
    const { socketUrl } = await openGuardian({ limits: { sockets: 1 } })
    await lineTo(socketUrl)
    await expect(lineTo(socketUrl)).rejects.toThrow('503')
    const foreign = new WebSocket(socketUrl, { headers: { origin: 'https://evil.example' } })
    const refused = new Promise((resolve) => {
      foreign.once('error', resolve)
    })
    expect(String(await refused)).toMatch(/403|503/)
  })
})

describe('A filter', () => {
  test('keeps what came since it was asked last', async () => {
    const { url } = await openGuardian()
    const ask = (method: string, param: unknown): Promise<unknown> => resultAt(url, method, param)
    const all = await ask('moi.NewTesseractFilter', null)
    const pending = await ask('moi.PendingIxnsFilter', null)
    const own = await ask('moi.NewTesseractsByAccountFilter', { address: hexId(KMOI_ASSET) })
    expect(await ask('moi.GetFilterChanges', all)).toBeNull()
    const paid = payment(alice, bob.id, 1n, 0n)
    const receipt = await settle(url, paid)
    const changes = await ask('moi.GetFilterChanges', all)
    expect(listAt(changes).map((one) => at(one, 'hash'))).toEqual([at(receipt, 'ts_hash')])
    expect(await ask('moi.GetFilterChanges', pending)).toEqual([`0x${paid.hash}`])
    // The asset was only named: it did not move.
    expect(await ask('moi.GetFilterChanges', own)).toBeNull()
    expect(await ask('moi.GetFilterChanges', all)).toBeNull()
    expect(await ask('moi.RemoveFilter', all)).toEqual({ status: true })
    expect(await ask('moi.RemoveFilter', all)).toEqual({ status: false })
    await expect(ask('moi.GetFilterChanges', all)).rejects.toThrow('filter not found')
  })
})
