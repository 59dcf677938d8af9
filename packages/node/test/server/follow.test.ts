import { connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { machineId } from 'tallystick/kernel'
import { signerId } from 'tallystick/base'
import {
  certificateFrom,
  certified,
  directoryCertificate,
  type FollowEvent,
  followEvent,
  type FollowRequest,
  followRequest,
  type Receipt,
} from 'tallystick/models'
import type { RunningOperator } from '../../src/server/start-operator.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { withFolder } from '../store/temporary.ts'
import { turnP99During } from './turns.ts'
import { ask, charterFor, openAt, ownerPair, startTest, stepsOf, submitAt } from './town.ts'

const IS_SLOW = process.env['TALLYSTICK_SLOW'] === '1'
const running: RunningOperator[] = []
const sockets: WebSocket[] = []
const start = async (...args: Parameters<typeof startTest>): Promise<RunningOperator> => {
  const one = await startTest(...args)
  running.push(one)
  return one
}
afterEach(async () => {
  for (const one of sockets.splice(0)) one.terminate()
  await Promise.all(running.splice(0).map((one) => one.close()))
})

type Follower = {
  readonly socket: WebSocket
  readonly send: (request: FollowRequest) => void
  readonly events: readonly FollowEvent[]
  readonly until: (enough: (events: readonly FollowEvent[]) => boolean) => Promise<void>
  readonly closed: Promise<number>
}

const followAt = async (
  of: Pick<RunningOperator, 'url' | 'token'>,
  headers: Readonly<Record<string, string>> = { authorization: `Bearer ${of.token}` },
): Promise<Follower> => {
  const socket = new WebSocket(`${of.url.replace('http', 'ws')}/v1/follow`, { headers })
  sockets.push(socket)
  const events: FollowEvent[] = []
  const waiting = new Set<() => void>()
  socket.on('message', (data: Buffer) => {
    events.push(followEvent.decode(new Uint8Array(data)))
    for (const look of waiting) look()
  })
  const closed = new Promise<number>((resolve) => {
    socket.once('close', resolve)
  })
  await new Promise((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  socket.on('error', () => undefined)
  return {
    socket,
    send: (request) => socket.send(followRequest.encode(request)),
    events,
    until: (enough) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!enough(events)) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
    closed,
  }
}

const kinds = (events: readonly FollowEvent[]): readonly string[] => events.map((one) => one.is)

describe('following a machine', () => {
  test('tells what is there, then what comes, then certificates, and goes on from a cursor', async () => {
    const one = await start()
    const charter = charterFor([one.card])
    const machine = machineId(charter)
    await openAt(one, charter)
    const steps = stepsOf(charter, 3)
    const [first] = await submitAt(one, steps.slice(0, 1))
    const follower = await followAt(one)
    follower.send({ is: 'subscribe', id: 7, topic: { is: 'machine', machine }, from: 0n })
    await follower.until((events) => events.length === 2)
    expect(kinds(follower.events)).toEqual(['step', 'level'])
    await submitAt(one, steps.slice(1, 2))
    await follower.until((events) => events.length === 3)

    const receipt = (first as { readonly receipt: Receipt }).receipt
    const certificate = directoryCertificate.encode(certificateFrom([receipt]))
    await ask(one, '/v1/certificates', {
      body: certified.encode({ machine, sequence: 1n, certificate }),
    })
    await follower.until((events) => events.length === 4)
    expect(follower.events[3]).toEqual({
      is: 'certified',
      id: 7,
      certified: { machine, sequence: 1n, certificate },
    })

    const again = await followAt(one)
    again.send({ is: 'subscribe', id: 1, topic: { is: 'machine', machine }, from: 2n })
    await submitAt(one, steps.slice(2))
    await again.until((events) => events.filter((event) => event.is === 'step').length === 2)
    const told = again.events.flatMap((event) =>
      event.is === 'step' ? [event.step.submission.transition.sequence] : [],
    )
    expect(told).toEqual([2n, 3n])
  })

  test('tells nothing more under an id that was given up', async () => {
    const one = await start()
    const charter = charterFor([one.card])
    const machine = machineId(charter)
    await openAt(one, charter)
    const follower = await followAt(one)
    follower.send({ is: 'subscribe', id: 1, topic: { is: 'machine', machine }, from: 0n })
    follower.send({ is: 'unsubscribe', id: 1 })
    follower.send({ is: 'subscribe', id: 2, topic: { is: 'machine', machine }, from: 0n })
    await submitAt(one, stepsOf(charter, 1))
    await follower.until((events) => events.some((event) => event.is === 'step'))
    expect(follower.events.filter((event) => event.is === 'step').map(({ id }) => id)).toEqual([2])
  })
})

describe('following an inbox', () => {
  test('tells items in order, old and new', async () => {
    const one = await start()
    const device = signerId('classic', 'ed25519', ownerPair.publicKey)
    const leave = (word: string) =>
      ask(one, `/v1/inbox/${device}`, { body: new TextEncoder().encode(word) })
    await leave('one')
    const follower = await followAt(one)
    follower.send({ is: 'subscribe', id: 3, topic: { is: 'inbox', device }, from: 0n })
    await follower.until((events) => events.length === 2)
    await leave('two')
    await leave('two')
    await leave('three')
    await follower.until((events) => events.filter((event) => event.is === 'item').length === 3)
    const told = follower.events.flatMap((event) =>
      event.is === 'item' ? [new TextDecoder().decode(event.item.item)] : [],
    )
    expect(told).toEqual(['one', 'two', 'three'])
  })
})

describe('a socket that follows', () => {
  test('F10, L1: is refused without a token, from a web page, under another name or address', async () => {
    const one = await start()
    const authorization = `Bearer ${one.token}`
    const refused = async (headers: Readonly<Record<string, string>>, status: number) =>
      expect(followAt(one, headers)).rejects.toThrow(`${status}`)
    await refused({}, 401)
    await refused({ authorization: 'Bearer x' }, 401)
    await refused({ authorization, origin: one.url }, 403)
    await refused({ authorization, host: 'evil.example' }, 403)
    const elsewhere = await new Promise<string>((resolve) => {
      const socket = connect(Number(new URL(one.url).port), '127.0.0.1', () =>
        socket.write(
          `GET /v1/charters HTTP/1.1\r\nHost: ${new URL(one.url).host}\r\nConnection: Upgrade\r\n` +
            `Upgrade: websocket\r\nAuthorization: ${authorization}\r\n\r\n`,
        ),
      )
      socket.once('data', (data) => resolve(data.toString()))
    })
    expect(elsewhere).toMatch(/^HTTP\/1.1 404 /)
  })

  test('F6: is closed for a frame that is too large, or comes in too many parts', async () => {
    const one = await start({ limits: { frameBytes: 1000, fragments: 4 } })
    const large = await followAt(one)
    large.socket.send(new Uint8Array(1001))
    expect(await large.closed).toBe(1009)
    const scattered = await followAt(one)
    for (let at = 0; at < 6; at++) scattered.socket.send(new Uint8Array(1), { fin: false })
    expect(await scattered.closed).toBe(1008)
    const whole = await followAt(one)
    whole.socket.send('text')
    expect(await whole.closed).toBe(1003)
    const nonsense = await followAt(one)
    nonsense.socket.send(new Uint8Array(9))
    expect(await nonsense.closed).toBe(1007)
  })

  test('F6: that does not read is told no more than its backlog, and closed', async () => {
    // Room to leave a hundred large items, however quickly they are left.
    const room = { budget: 10_000_000, budgetPerSecond: 10_000_000 }
    const limits = { ...room, backlogBytes: 100_000, slowMs: 200, answerBytes: 100_000 }
    const one = await start({ limits })
    const device = signerId('classic', 'ed25519', ownerPair.publicKey)
    const left: Promise<unknown>[] = []
    for (let at = 0; at < 100; at++) {
      left.push(ask(one, `/v1/inbox/${device}`, { body: new Uint8Array(500_000).fill(at + 1) }))
    }
    await Promise.all(left)
    const follower = await followAt(one)
    follower.socket.pause()
    follower.send({ is: 'subscribe', id: 1, topic: { is: 'inbox', device }, from: 0n })
    // Of this thread: the whole process has the memory of other tests in it too.
    const before = process.memoryUsage().external
    // The connection is gone on the operator's side; this side sees it once it reads again.
    await expect.poll(() => one.operator.news.hearers(), { timeout: 5000 }).toBe(1)
    await expect.poll(() => one.operator.news.hearers(), { timeout: 5000 }).toBe(0)
    expect(process.memoryUsage().external - before).toBeLessThan(30_000_000)
    expect(follower.events.length).toBeLessThan(100)
  })

  test('F7: has at most so many subscriptions, and there are at most so many sockets', async () => {
    const one = await start({ limits: { subscriptions: 2, followers: 2 } })
    const device = signerId('classic', 'ed25519', ownerPair.publicKey)
    const follower = await followAt(one)
    for (const id of [1, 2, 3]) {
      follower.send({ is: 'subscribe', id, topic: { is: 'inbox', device }, from: 0n })
    }
    await follower.until((events) => events.length === 3)
    expect(follower.events.find((event) => event.is === 'refused')).toMatchObject({
      id: 3,
      code: 'follow/too-many',
    })
    follower.send({ is: 'unsubscribe', id: 1 })
    follower.send({ is: 'subscribe', id: 4, topic: { is: 'inbox', device }, from: 0n })
    await follower.until((events) => events.some((event) => event.is === 'level' && event.id === 4))
    await followAt(one)
    await expect(followAt(one)).rejects.toThrow('429')
  })

  test('F7: is told a long history in parts, between which others have their turn', () =>
    withFolder(async (folder) => {
      const store = await openSqliteStore(folder)
      const one = await start({ store })
      const device = signerId('classic', 'ed25519', ownerPair.publicKey)
      const count = IS_SLOW ? 1024 : 500
      for (let at = 0; at < count; at++) {
        const body = new Uint8Array(500).fill(at % 256)
        new DataView(body.buffer).setUint32(0, at)
        expect((await ask(one, `/v1/inbox/${device}`, { body })).status).toBe(200)
      }
      const follower = await followAt(one)
      for (let id = 0; id < 20; id++) {
        follower.send({ is: 'subscribe', id, topic: { is: 'inbox', device }, from: 0n })
      }
      const all = follower.until((events) => events.length === 20 * (count + 1))
      expect(await turnP99During(all)).toBeLessThanOrEqual(20)
      for (let id = 0; id < 20; id++) {
        const told = follower.events.filter((one) => one.id === id)
        expect(kinds(told)).toEqual([...Array.from({ length: count }, () => 'item'), 'level'])
      }
      await one.close()
      running.length = 0
      await store.close()
    }))

  test('is closed when it does not answer a ping', async () => {
    const one = await start({ limits: { pingMs: 50 } })
    const alive = await followAt(one)
    const gone = await followAt(one)
    gone.socket.pause()
    await expect.poll(async () => (await metric(one, 'tally_followers')).trim()).toBe('1')
    expect(alive.socket.readyState).toBe(WebSocket.OPEN)
  })

  test('says goodbye when the operator stops', async () => {
    const one = await start()
    const follower = await followAt(one)
    running.length = 0
    await one.close()
    expect(await follower.closed).toBe(1001)
  })
})

const metric = async (of: RunningOperator, name: string): Promise<string> => {
  const text = await (await ask(of, '/metrics')).text()
  return (
    text
      .split('\n')
      .find((line) => line.startsWith(`${name}{`))
      ?.split('}')[1] ?? ''
  )
}
