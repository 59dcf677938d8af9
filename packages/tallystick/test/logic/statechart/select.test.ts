import { describe, expect, it } from 'vitest'
import { chartOf, expr, movedOf, send, set, started } from './charts.ts'

const effect = (kind: string): object => ({ type: 'effect', params: { kind } })
const kindsAfter = (json: object, type: string): readonly string[] => {
  const chart = chartOf(json)
  return movedOf(send(chart, started(chart), type)).effects.map(({ kind }) => kind)
}

describe('select', () => {
  it('prefers the innermost state, and the first transition whose guard holds', () => {
    const machine = (inner: object): object => ({
      initial: 'a',
      on: { X: { actions: effect('root') } },
      states: { a: { initial: 'b', states: { b: { on: { X: inner } } } } },
    })
    expect(kindsAfter(machine([{ actions: effect('b') }]), 'X')).toEqual(['b'])
    const second = [
      { guard: expr('false'), actions: effect('first') },
      { guard: expr('true'), actions: effect('second') },
    ]
    expect(kindsAfter(machine(second), 'X')).toEqual(['second'])
    expect(kindsAfter(machine([{ guard: expr('false'), actions: effect('b') }]), 'X')).toEqual([
      'root',
    ])
  })

  it('takes one transition in each region, and the deeper one where they leave the same', () => {
    const machine = (left: object, right: object): object => ({
      type: 'parallel',
      id: 'm',
      states: {
        l: { initial: 'a', states: { a: { on: { X: left } }, b: {} } },
        r: { initial: 'a', states: { a: { on: { X: right } }, b: {} } },
      },
    })
    const both = machine(
      { target: 'b', actions: effect('l') },
      { target: 'b', actions: effect('r') },
    )
    expect(kindsAfter(both, 'X')).toEqual(['l', 'r'])
    const clash = machine(
      { target: '#m.r.b', actions: effect('l') },
      { target: 'b', actions: effect('r') },
    )
    expect(kindsAfter(clash, 'X')).toEqual(['l'])
  })

  it('tries immediate transitions again only after something has changed', () => {
    const machine = (actions: object): object => ({
      initial: 'a',
      context: { n: 0 },
      states: {
        a: {
          on: { X: { actions: effect('x') } },
          always: { guard: expr('context.n < 3'), actions },
        },
      },
    })
    expect(kindsAfter(machine(effect('again')), 'X')).toEqual(['x', 'again'])
    const counting = chartOf(machine([set({ n: 'context.n + 1' })] as object))
    expect(started(counting).context).toEqual({ n: 3 })
  })
})
