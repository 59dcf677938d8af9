import { describe, expect, it } from 'vitest'
import { isBelow } from '../../../src/logic/statechart/chart.ts'
import { chartOf, PLAYER } from './charts.ts'

describe('chart', () => {
  it('tells descendants by their numbers, and has everything below −1', () => {
    const { states, numbers } = chartOf(PLAYER)
    const numberOf = (id: string): number => numbers.get(id) ?? -1
    const on = numberOf('player.on')
    expect(isBelow(states, numberOf('player.on.track.playing.slow'), on)).toBe(true)
    expect(isBelow(states, numberOf('player.off'), on)).toBe(false)
    expect(isBelow(states, on, on)).toBe(false)
    expect(isBelow(states, 0, on)).toBe(false)
    expect(isBelow(states, 0, -1)).toBe(true)
  })
})
