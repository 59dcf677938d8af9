import { describe, expect, it } from 'vitest'
import {
  entryOf,
  domainOf,
  NO_MEMORY,
  openingOf,
  type Route,
} from '../../../src/logic/statechart/entry.ts'
import { chartOf, PLAYER } from './charts.ts'

const { states, numbers } = chartOf(PLAYER)
const numberOf = (id: string): number => numbers.get(`player${id}`) ?? -1
const idsOf = (found: readonly number[]): readonly string[] =>
  found.map((at) => states[at]?.id.slice('player'.length) ?? '')
const route = (source: string, targets: readonly string[], isReentering = false): Route => ({
  source: numberOf(source),
  targets: targets.map(numberOf),
  isReentering,
})

describe('entry', () => {
  it('opens with the initial states', () => {
    expect(idsOf(openingOf(states))).toEqual(['', '.off'])
  })

  it('enters all regions of a parallel state, down to their leaves', () => {
    const entered = entryOf(states, [route('.off', ['.on'])], NO_MEMORY)
    expect(idsOf(entered)).toEqual([
      '.on',
      '.on.track',
      '.on.track.paused',
      '.on.volume',
      '.on.volume.low',
    ])
  })

  it('enters what a history state remembers, and its default before that', () => {
    const back = route('.off', ['.on.back'])
    expect(idsOf(entryOf(states, [back], NO_MEMORY))).toContain('.on.track.paused')
    const memory = new Map([
      [numberOf('.on.back'), [numberOf('.on.track.playing.quick'), numberOf('.on.volume.high')]],
    ])
    expect(idsOf(entryOf(states, [back], memory))).toEqual([
      '.on',
      '.on.track',
      '.on.track.playing',
      '.on.track.playing.quick',
      '.on.volume',
      '.on.volume.high',
    ])
  })

  it('stays inside the source unless it reenters', () => {
    const inside = route('.on.track.playing', ['.on.track.playing.quick'])
    expect(domainOf(states, inside, NO_MEMORY)).toBe(numberOf('.on.track.playing'))
    expect(domainOf(states, { ...inside, isReentering: true }, NO_MEMORY)).toBe(
      numberOf('.on.track'),
    )
    expect(domainOf(states, route('', ['']), NO_MEMORY)).toBe(0)
    expect(domainOf(states, route('', [''], true), NO_MEMORY)).toBe(-1)
  })
})
