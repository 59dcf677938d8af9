import { describe, expect, test } from 'vitest'
import { machineId, transitionId } from 'tallystick/kernel'
import { followEvent, type FollowEvent, followRequest, type KeptStep } from 'tallystick/models'
import { follow, type News } from '../../src/client/follow.ts'
import { RECONNECT_MS, RECONNECT_MS_MAX } from '../../src/client/limits.ts'
import type { Socket, SocketHandlers, Surroundings } from '../../src/client/surroundings.ts'
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
const state = [1, 2, 3].reduce(
  (before) => sent(before, mint, machineId(accountCharter(person('alice')))),
  begin(mintCharter(mint)),
)
const machine = state.machine.id
const kept = submissionsOf(state).map((submission): KeptStep => ({
  submission,
  receipt: { operator: 0, time: 1n, signature: new Uint8Array(64) },
  certificate: new Uint8Array(0),
}))

/** A server that is handed each socket, and timers that run when told to. */
const createLine = () => {
  const opened: { url: string; token: string; handlers: SocketHandlers; sent: Uint8Array[] }[] = []
  const timers: { ms: number; run: () => void }[] = []
  const surroundings: Surroundings = {
    ...createNet().surroundings,
    openSocket: (url, token, handlers): Socket => {
      const frames: Uint8Array[] = []
      opened.push({ url, token, handlers, sent: frames })
      return { send: (frame) => void frames.push(frame), close: () => handlers.onEnd('closed') }
    },
    after: (ms, run) => {
      const timer = { ms, run }
      timers.push(timer)
      return () => void timers.splice(timers.indexOf(timer), 1)
    },
  }
  const connect = () => {
    const now = opened.at(-1)
    if (!now) throw new Error('no socket')
    now.handlers.onOpen({ send: (frame) => void now.sent.push(frame), close: () => undefined })
    return now
  }
  const fire = () => {
    const timer = timers.shift()
    timer?.run()
    return timer?.ms ?? -1
  }
  return { surroundings, opened, connect, fire, timers }
}

const address = { name: 'north', url: 'http://north:1', token: 'secret' }
const tell = (handlers: SocketHandlers, event: FollowEvent) =>
  handlers.onFrame(followEvent.encode(event))
const stepEvent = (at: number): FollowEvent => {
  const step = kept[at]
  if (!step) throw new Error('three steps')
  return { is: 'step', id: 0, step }
}

const begun = () => {
  const line = createLine()
  const news: News[] = []
  const following = follow(
    address,
    line.surroundings,
    [{ topic: { is: 'machine', machine }, from: 1n }],
    { onNews: (_, one) => void news.push(one) },
  )
  const numbers = () =>
    news.flatMap((one) => (one.is === 'step' ? [one.step.submission.transition.sequence] : []))
  return { ...line, following, news, numbers }
}

describe('following', () => {
  test('subscribes from its cursor, and hands over what comes', () => {
    const { connect, opened, numbers, following } = begun()
    const now = connect()
    expect(opened[0]).toMatchObject({ url: 'ws://north:1/v1/follow', token: 'secret' })
    expect(now.sent.map((one) => followRequest.decode(one))).toEqual([
      { is: 'subscribe', id: 0, topic: { is: 'machine', machine }, from: 1n },
    ])
    tell(now.handlers, stepEvent(0))
    tell(now.handlers, stepEvent(1))
    expect(numbers()).toEqual([1n, 2n])
    expect(following.cursors()).toEqual([3n])
  })

  test('goes on where it stood after a break, and tells nothing twice', () => {
    const { connect, fire, numbers } = begun()
    const first = connect()
    tell(first.handlers, stepEvent(0))
    first.handlers.onEnd('reset')
    expect(fire()).toBe(RECONNECT_MS * 0.75)
    const second = connect()
    expect(second.sent.map((one) => followRequest.decode(one))).toMatchObject([{ from: 2n }])
    tell(second.handlers, stepEvent(0))
    tell(second.handlers, stepEvent(1))
    tell(second.handlers, stepEvent(1))
    tell(second.handlers, stepEvent(2))
    expect(numbers()).toEqual([1n, 2n, 3n])
  })

  test('waits longer each time that it fails, up to a bound, and less after it worked', () => {
    const { opened, connect, fire } = begun()
    const waits: number[] = []
    for (let at = 0; at < 10; at++) {
      opened.at(-1)?.handlers.onEnd('refused')
      waits.push(fire())
    }
    expect(waits.slice(0, 3)).toEqual([1, 2, 4].map((one) => RECONNECT_MS * 0.75 * one))
    expect(waits.at(-1)).toBe(RECONNECT_MS_MAX * 0.75)
    const now = connect()
    tell(now.handlers, stepEvent(0))
    now.handlers.onEnd('reset')
    expect(fire()).toBe(RECONNECT_MS * 0.75)
  })

  test('hangs up on nonsense, and ends a subscription that is refused', () => {
    const { connect, fire, numbers, timers } = begun()
    const now = connect()
    now.handlers.onFrame(Uint8Array.of(200))
    expect(timers).toHaveLength(1)
    fire()
    const next = connect()
    tell(next.handlers, { is: 'refused', id: 0, code: 'operator/not-served', text: 'no' })
    tell(next.handlers, stepEvent(0))
    expect(numbers()).toEqual([])
    next.handlers.onEnd('reset')
    fire()
    expect(connect().sent).toEqual([])
  })

  test('is quiet after it was closed', () => {
    const { connect, following, numbers, timers } = begun()
    const now = connect()
    following.close()
    tell(now.handlers, stepEvent(0))
    expect(numbers()).toEqual([])
    expect(timers).toEqual([])
    expect(transitionId('classic', kept[2]?.submission.transition ?? state.machine.head)).toBe(
      state.machine.headId,
    )
  })
})
