import { createMachine, initialTransition, transition as transitionOf } from 'xstate'
import { describe, expect, it } from 'vitest'
import { chartOf, eventOf, movedOf, rejectedOf, send, started } from './charts.ts'

const definition = {
  id: 'm',
  initial: 'a',
  states: {
    a: { after: { 100: 'b', 500: 'c' }, on: { STAY: { target: 'a', reenter: true } } },
    b: { initial: 'x', states: { x: { after: { 50: 'y' } }, y: {} }, after: { 200: 'c' } },
    c: { type: 'final' },
  },
}

/** XState's timers, by the list of what it would schedule and cancel. */
const createTimed = () => {
  const machine = createMachine(definition as never)
  const due = new Map<string, number>()
  let now = 0
  const note = (actions: readonly { type: string; params: unknown }[]): void => {
    for (const { type, params } of actions) {
      if (type === 'xstate.cancel') due.delete(params as string)
      if (type !== 'xstate.raise') continue
      const { id, delay } = params as { id: string; delay: number }
      due.set(id, now + delay)
    }
  }
  let [snapshot, actions] = initialTransition(machine)
  note(actions as never)
  const take = (type: string): void => {
    ;[snapshot, actions] = transitionOf(machine, snapshot, { type } as never)
    note(actions as never)
  }
  return {
    value: (): unknown => snapshot.value,
    send: take,
    /** The one timer that is due, if there is one. */
    tick: (to: number): boolean => {
      now = to
      const [timer] = [...due].filter(([, at]) => at <= now)
      if (timer === undefined) return false
      due.delete(timer[0])
      take(timer[0])
      return true
    },
  }
}

describe('ticks', () => {
  it('do what timers of XState do, if one comes when each is due', () => {
    const chart = chartOf(definition)
    const timed = createTimed()
    let snapshot = started(chart)
    for (const [type, now] of [
      ['nsm.tick', 99],
      ['STAY', 99],
      ['nsm.tick', 198],
      ['nsm.tick', 199],
      ['nsm.tick', 248],
      ['nsm.tick', 249],
      ['nsm.tick', 398],
      ['nsm.tick', 399],
    ] as const) {
      const outcome = send(chart, snapshot, eventOf(type, { now }))
      if (type === 'STAY') timed.send(type)
      else expect(timed.tick(now), `${now}`).toBe(outcome.is === 'moved')
      if (outcome.is === 'moved') snapshot = outcome.snapshot
      else expect(rejectedOf(outcome).code).toBe('NO_TRANSITION')
      expect(snapshot.value, `${now}`).toEqual(timed.value())
    }
    expect(snapshot.status).toBe('done')
  })

  it('take what is due first if several are, and may come late', () => {
    const chart = chartOf(definition)
    const late = movedOf(send(chart, started(chart), eventOf('nsm.tick', { now: 9000 })))
    expect(late.snapshot.value).toEqual({ b: 'x' })
    expect(late.snapshot.entered).toEqual({ 'm.b': 9000, 'm.b.x': 9000 })
  })
})
