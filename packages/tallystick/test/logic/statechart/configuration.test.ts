import { describe, expect, it } from 'vitest'
import { isFault } from '../../../src/base/fault.ts'
import { faultFrom } from '../../../src/base/fault.ts'
import {
  historyFromMemory,
  memoryFromSnapshot,
  statesFromValue,
  valueFromStates,
} from '../../../src/logic/statechart/configuration.ts'
import type { StateValue } from '../../../src/logic/statechart/snapshot.ts'
import { chartOf, PLAYER } from './charts.ts'

const chart = chartOf(PLAYER)
const idsOf = (found: readonly number[]): readonly string[] =>
  found.map((at) => chart.states[at]?.id ?? '')
const PLAYING: StateValue = { on: { track: { playing: 'slow' }, volume: 'low' } }

describe('configuration', () => {
  it('lists children before what is below them', () => {
    expect(idsOf(statesFromValue(chart, PLAYING))).toEqual([
      'player',
      'player.on',
      'player.on.track',
      'player.on.volume',
      'player.on.track.playing',
      'player.on.track.playing.slow',
      'player.on.volume.low',
    ])
    expect(idsOf(statesFromValue(chart, 'off'))).toEqual(['player', 'player.off'])
  })

  it('writes the value back in document order, whatever the order of the states', () => {
    const states = statesFromValue(chart, PLAYING)
    expect(JSON.stringify(valueFromStates(chart, states))).toBe(JSON.stringify(PLAYING))
    expect(JSON.stringify(valueFromStates(chart, states.toReversed()))).toBe(
      JSON.stringify(PLAYING),
    )
  })

  it.each([
    ['gone'],
    ['on'],
    [{}],
    [{ off: {} }],
    [{ on: { track: 'paused' } }],
    [{ on: { track: 'paused', volume: 'low', more: 'x' } }],
    [{ on: { track: 'paused', volume: 'back' } }],
    [{ on: { track: 'playing', volume: 'low' } }],
    [{ on: { track: { paused: {} }, volume: 'low' } }],
    [{ on: 'back' }],
    [{ on: { track: 'paused', volume: 'low' }, off: {} }],
  ] as StateValue[][])('refuses the value %j, which is none of the definition', (value) => {
    const read = faultFrom(() => statesFromValue(chart, value ?? ''))
    expect(isFault(read) && read.code).toBe('statechart/wrong-snapshot')
  })

  it('keeps what history states remember by ids', () => {
    const written = { 'player.on.back': [{ id: 'player.on.volume.high' }] }
    const memory = memoryFromSnapshot(chart, written)
    expect(historyFromMemory(chart, memory)).toEqual(written)
    for (const wrong of [
      { 'player.on': [] },
      { nobody: [] },
      { 'player.on.back': [{ id: 'nobody' }] },
    ])
      expect(isFault(faultFrom(() => memoryFromSnapshot(chart, wrong)))).toBe(true)
  })
})
