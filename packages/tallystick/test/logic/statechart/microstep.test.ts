import { describe, expect, it } from 'vitest'
import { chartOf, eventOf, movedOf, PLAYER, send, started } from './charts.ts'

const effect = (kind: string): object => ({ type: 'effect', params: { kind } })

describe('microstep', () => {
  it('leaves from the inside out, acts, and enters from the outside in', () => {
    const chart = chartOf({
      initial: 'a',
      states: {
        a: {
          exit: effect('out a'),
          initial: 'b',
          states: {
            b: {
              exit: effect('out b'),
              on: { X: { target: '#(machine).c', actions: effect('act') } },
            },
          },
        },
        c: { entry: effect('in c'), initial: 'd', states: { d: { entry: effect('in d') } } },
      },
    })
    const { effects } = movedOf(send(chart, started(chart), 'X'))
    expect(effects.map(({ kind }) => kind)).toEqual(['out b', 'out a', 'act', 'in c', 'in d'])
  })

  it('comes back to what a history state remembers', () => {
    const chart = chartOf(PLAYER)
    let snapshot = started(chart)
    for (const type of ['POWER', 'PLAY', 'FAST', 'LOUD', 'POWER', 'RESUME'])
      snapshot = movedOf(send(chart, snapshot, type)).snapshot
    expect(snapshot.value).toEqual({ on: { track: { playing: 'quick' }, volume: 'high' } })
    expect(snapshot.historyValue).toEqual({
      'player.on.back': [{ id: 'player.on.track.playing.quick' }, { id: 'player.on.volume.high' }],
    })
  })

  it('says done to the parent, with the output, and ends with the root', () => {
    const chart = chartOf({
      output: { over: true },
      initial: 'p',
      context: { seen: null },
      states: {
        p: {
          type: 'parallel',
          onDone: { target: 'end', actions: effect('all') },
          states: {
            l: {
              initial: 'a',
              onDone: { actions: { type: 'assign', params: { set: { seen: 'event.data' } } } },
              states: { a: { on: { L: 'z' } }, z: { type: 'final', output: { left: 1 } } },
            },
            r: { initial: 'a', states: { a: { on: { R: 'z' } }, z: { type: 'final' } } },
          },
        },
        end: { type: 'final' },
      },
    })
    const left = movedOf(send(chart, started(chart), 'L')).snapshot
    expect(left.context).toEqual({ seen: { left: 1 } })
    const both = movedOf(send(chart, left, 'R'))
    expect(both.effects.map(({ kind }) => kind)).toEqual(['all'])
    expect(both.snapshot).toMatchObject({ status: 'done', value: 'end', output: { over: true } })
  })

  it('keeps the time at which a state with `after` was entered, while it stands in it', () => {
    const chart = chartOf({
      id: 'm',
      initial: 'a',
      states: { a: { after: { 100: 'b' }, on: { AGAIN: { target: 'a', reenter: true } } }, b: {} },
    })
    const begun = started(chart, 1000)
    expect(begun.entered).toEqual({ 'm.a': 1000 })
    const again = movedOf(send(chart, begun, eventOf('AGAIN', { now: 1050 }))).snapshot
    expect(again.entered).toEqual({ 'm.a': 1050 })
    const gone = movedOf(send(chart, again, eventOf('nsm.tick', { now: 1150 }))).snapshot
    expect(gone).toMatchObject({ value: 'b', entered: {} })
  })
})
