import { describe, expect, it } from 'vitest'
import { chartOf, eventOf, expr, movedOf, rejectedOf, send, set, started } from './charts.ts'

const machine = (actions: unknown, context: object = { n: 1, m: 5 }): object => ({
  initial: 'a',
  context,
  states: { a: { on: { X: { actions } } } },
})

describe('run', () => {
  it('lets each assignment see the ones before it, and keys of one assignment see the same context', () => {
    const chart = chartOf(
      machine([
        set({ n: 'context.m', m: 'context.n' }),
        set({ sum: 'context.n * 10 + context.m' }),
      ]),
    )
    expect(movedOf(send(chart, started(chart), 'X')).snapshot.context).toEqual({
      n: 5,
      m: 1,
      sum: 51,
    })
  })

  it('lists effects with their arguments, and runs none', () => {
    const chart = chartOf(
      machine({
        type: 'effect',
        params: { kind: 'pay', args: { to: 'event.sender', n: 'context.n' } },
      }),
    )
    const moved = movedOf(send(chart, started(chart), 'X'))
    expect(moved.effects).toEqual([{ kind: 'pay', args: { to: 'alice', n: 1 } }])
  })

  it.each([
    ['EXPR_ERROR', set({ n: 'context.gone' })],
    ['EXPR_ERROR', set({ n: '9007199254740991 + context.n' })],
    ['RANGE', set({ n: deepList(17) })],
  ])('rejects with %s and changes nothing', (code, action) => {
    const chart = chartOf(machine([set({ m: '9' }), action]))
    const before = started(chart)
    const copy = structuredClone(before)
    expect(rejectedOf(send(chart, before, 'X')).code).toBe(code)
    expect(before).toEqual(copy)
  })

  it('rejects a guard that gives no bool when it runs', () => {
    const chart = chartOf({
      initial: 'a',
      context: { flag: 1 },
      states: { a: { on: { X: { target: 'a', guard: expr('context.flag') } } } },
    })
    expect(rejectedOf(send(chart, started(chart), 'X')).code).toBe('EXPR_ERROR')
  })

  it('takes a context of 32 KiB, and not a byte more', () => {
    const chart = chartOf(machine([set({ text: 'event.data.text' })], {}))
    const sized = (size: number): string => 'x'.repeat(size - '{"text":""}'.length)
    const outcome = (size: number) =>
      send(chart, started(chart), eventOf('X', { data: { text: sized(size) } }))
    expect(outcome(32_768).is).toBe('moved')
    expect(rejectedOf(outcome(32_769)).code).toBe('LIMIT')
  })
})

function deepList(levels: number): string {
  return `${'['.repeat(levels)}1${']'.repeat(levels)}`
}
