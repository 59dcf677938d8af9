import { describe, expect, it } from 'vitest'
import { faultFrom, isFault } from '../../../src/base/fault.ts'
import { begin, RESERVED_DATA, transition } from '../../../src/logic/statechart/interpret.ts'
import {
  chartOf,
  COUNTER,
  eventOf,
  expr,
  movedOf,
  ORIGIN,
  PLAYER,
  rejectedOf,
  send,
  set,
  SETTING,
  started,
} from './charts.ts'
import type { Snapshot } from '../../../src/logic/statechart/snapshot.ts'

describe('interpret', () => {
  it('counts and ends', () => {
    const chart = chartOf(COUNTER)
    let snapshot = started(chart)
    for (let at = 0; at < 3; at++) snapshot = movedOf(send(chart, snapshot, 'ADD')).snapshot
    expect(snapshot).toEqual({
      status: 'done',
      value: 'full',
      historyValue: {},
      context: { count: 3, target: 3 },
      entered: {},
    })
    expect(rejectedOf(send(chart, snapshot, 'ADD')).code).toBe('FINAL_STATE')
  })

  it.each([...RESERVED_DATA])('refuses data that would set %s', (key) => {
    const chart = chartOf(COUNTER)
    const outcome = rejectedOf(
      send(chart, started(chart), eventOf('ADD', { data: { [key]: 'x' } })),
    )
    expect(outcome).toMatchObject({ code: 'BAD_EVENT' })
    expect(outcome.detail).toContain(key)
    const other = eventOf('ADD', { data: { [`${key}_`]: 'x' } })
    expect(send(chart, started(chart), other).is).toBe('moved')
  })

  it.each(['xstate.init', 'xstate.done.state.m', 'done.x', 'error', 'nsm.other', ''])(
    'refuses the event type %j from outside',
    (type) => {
      const chart = chartOf(COUNTER)
      expect(rejectedOf(send(chart, started(chart), type)).code).toBe('BAD_EVENT')
    },
  )

  it('refuses data that no machine keeps, and times that are no whole numbers', () => {
    const chart = chartOf(COUNTER)
    for (const more of [{ data: 0.5 }, { data: ['\ud800'] }, { now: 0.5 }, { height: Number.NaN }])
      expect(rejectedOf(send(chart, started(chart), eventOf('ADD', more))).code).toBe('BAD_EVENT')
  })

  it('keeps sender, id, times and height for the events that an event raises', () => {
    const chart = chartOf({
      initial: 'a',
      context: {},
      states: {
        a: {
          on: {
            X: { actions: { type: 'raise', params: { event: 'Y', data: { v: '1' } } } },
            Y: { actions: set({ seen: 'event' }) },
          },
        },
      },
    })
    const event = eventOf('X', { sender: 'bob', id: 'x', at: 5, now: 6, height: 7, data: { v: 2 } })
    expect(movedOf(send(chart, started(chart), event)).snapshot.context['seen']).toEqual({
      type: 'Y',
      sender: 'bob',
      id: 'x',
      at: 5,
      now: 6,
      height: 7,
      data: { v: 1 },
      answers: {},
    })
  })

  it('does not accept an event because an immediate transition would follow', () => {
    const chart = chartOf({
      initial: 'a',
      states: { a: { always: { target: 'b', guard: expr('event.type == "X"') } }, b: {} },
    })
    expect(rejectedOf(send(chart, started(chart), 'X')).code).toBe('NO_TRANSITION')
  })

  it('ends cycles at 64 microsteps and 256 actions', () => {
    const looping = (limit: number): object => ({
      initial: 'a',
      context: { n: 0 },
      states: {
        a: { on: { X: 'b' } },
        b: {
          always: { guard: expr(`context.n < ${limit}`), actions: set({ n: 'context.n + 1' }) },
        },
      },
    })
    const outcome = (json: object) => {
      const chart = chartOf(json)
      return send(chart, started(chart), 'X')
    }
    expect(movedOf(outcome(looping(63))).microsteps).toBe(64)
    expect(rejectedOf(outcome(looping(64))).code).toBe('LIMIT')
    const acting = (count: number): object => ({
      initial: 'a',
      states: { a: { on: { X: { actions: Array.from({ length: count }, () => set({})) } } } },
    })
    expect(outcome(acting(256)).is).toBe('moved')
    expect(rejectedOf(outcome(acting(257))).code).toBe('LIMIT')
  })

  it('stops at the gas that the definition allows', () => {
    const machine = (gas: number): object => ({
      meta: { nsm: { gas } },
      initial: 'a',
      context: { n: 0 },
      states: { a: { on: { X: { actions: set({ n: 'context.n + 1' }) } } } },
    })
    const outcome = (gas: number) => {
      const chart = chartOf(machine(gas))
      return send(chart, started(chart), 'X')
    }
    const { gas } = movedOf(outcome(1000))
    expect(gas).toBeGreaterThan(0)
    expect(outcome(gas).is).toBe('moved')
    expect(rejectedOf(outcome(gas - 1)).code).toBe('GAS')
  })

  it('gives the same for the same arguments, and leaves them as they were', () => {
    const chart = chartOf(COUNTER)
    const snapshot = Object.freeze(started(chart))
    const event = Object.freeze(eventOf('ADD'))
    const first = transition(chart, snapshot, event, SETTING)
    expect(transition(chart, snapshot, event, SETTING)).toEqual(first)
    expect(snapshot.context).toEqual({ count: 0, target: 3 })
    expect(begin(chart, ORIGIN, SETTING)).toEqual(begin(chart, ORIGIN, SETTING))
  })

  it('throws, and does not blame the event, if the snapshot is none of the definition', () => {
    const chart = chartOf(PLAYER)
    const snapshot = started(chart)
    const codeOf = (more: Partial<Snapshot>, type: string): unknown => {
      const outcome = faultFrom(() => send(chart, { ...snapshot, ...more }, type))
      return isFault(outcome) ? outcome.code : outcome.is
    }
    expect(codeOf({}, 'RESUME')).toBe('moved')
    expect(codeOf({ value: 'gone' }, 'RESUME')).toBe('statechart/wrong-snapshot')
    const historyValue = { 'player.on.back': [{ id: 'player.gone' }] }
    expect(codeOf({ historyValue }, 'RESUME')).toBe('statechart/wrong-snapshot')
  })

  it('does not depend on the order in which a store keeps keys', () => {
    const chart = chartOf(PLAYER)
    let snapshot = started(chart)
    for (const type of ['POWER', 'PLAY', 'LOUD'])
      snapshot = movedOf(send(chart, snapshot, type)).snapshot
    const turned = { ...snapshot, value: { on: { volume: 'high', track: { playing: 'slow' } } } }
    expect(JSON.stringify(send(chart, turned, 'FAST'))).toBe(
      JSON.stringify(send(chart, snapshot, 'FAST')),
    )
  })
})
