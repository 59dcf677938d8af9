import { describe, expect, it } from 'vitest'
import { chartOf, eventOf, expr, rejectedOf, send, started } from './charts.ts'

const chart = chartOf({
  id: 'm',
  initial: 'a',
  context: { turn: 'bob' },
  on: { MOVE: { guard: expr('event.data.force == true'), target: '.a' } },
  states: {
    a: {
      on: { MOVE: { guard: expr('event.sender == context.turn'), target: 'a' }, NEVER: {} },
      after: { 500: 'b' },
    },
    b: {},
  },
})
const refused = (type: string, more = {}) =>
  rejectedOf(send(chart, started(chart), eventOf(type, more)))

describe('explain', () => {
  it('tells that nothing listens from that a guard refused', () => {
    expect(refused('OTHER')).toMatchObject({ code: 'NO_TRANSITION', candidates: [] })
    expect(refused('OTHER').detail).toContain('m.a')
    const failed = refused('MOVE', { data: { force: false } })
    expect(failed.code).toBe('GUARD_FAILED')
    expect(failed.candidates).toEqual([
      {
        state: 'm.a',
        path: '$.states.a.on.MOVE',
        why: 'guard',
        detail: 'event.sender == context.turn',
      },
      { state: 'm', path: '$.on.MOVE', why: 'guard', detail: 'event.data.force == true' },
    ])
  })

  it('does not take a forbidden event for an accepted one', () => {
    expect(refused('NEVER')).toMatchObject({
      code: 'NO_TRANSITION',
      candidates: [{ state: 'm.a', why: 'forbidden' }],
    })
  })

  it('says how much too early a tick is', () => {
    expect(refused('nsm.tick', { now: 499 })).toMatchObject({
      code: 'NO_TRANSITION',
      candidates: [{ path: '$.states.a.after["500"]', why: 'early', detail: '1 ms too early' }],
    })
    expect(send(chart, started(chart), eventOf('nsm.tick', { now: 500 })).is).toBe('moved')
  })
})
