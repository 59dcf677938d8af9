import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../src/forms/strict-json.ts'
import { readFrames } from '../../../src/logic/statechart/frames.ts'
import { createReport } from '../../../src/logic/statechart/report.ts'
import {
  areTogether,
  resolveDefault,
  resolveTarget,
} from '../../../src/logic/statechart/targets.ts'
import { PLAYER } from './charts.ts'

const all = readFrames(createReport(), PLAYER as JsonObject)
const numberOf = (id: string): number => all.numbers.get(id) ?? -1
const from = (id: string, target: string): number | string => {
  const frame = all.frames[numberOf(id)]
  if (frame === undefined) throw new Error(id)
  return resolveTarget(all, frame, target)
}

describe('targets', () => {
  it('finds siblings, children, ids and paths below them', () => {
    const slow = numberOf('player.on.track.playing.slow')
    expect(from('player.off', 'on')).toBe(numberOf('player.on'))
    expect(from('player.off', 'on.track')).toBe(numberOf('player.on.track'))
    expect(from('player.on.track.playing', '.slow')).toBe(slow)
    expect(from('player.off', '#player.on.track.playing.slow')).toBe(slow)
    expect(from('player', '.off')).toBe(numberOf('player.off'))
    expect(from('player.off', '#player')).toBe(0)
  })

  it('says what it does not find', () => {
    expect(from('player', 'off')).toBe('the root has no siblings')
    expect(from('player.off', '#nobody')).toContain('no state has the id "nobody"')
    expect(from('player.off', 'on..track')).toContain('no child')
    expect(from('player.off', 'toString')).toContain('no child')
  })

  it('keeps defaults of history below the state that is remembered', () => {
    const back = all.frames[numberOf('player.on.back')]
    if (back === undefined) throw new Error('no history')
    expect(resolveDefault(all, back, 'track.paused')).toBe(numberOf('player.on.track.paused'))
    expect(resolveDefault(all, back, '#player.off')).toContain('outside')
    expect(resolveDefault(all, back, 'back')).toContain('history')
    expect(resolveDefault(all, back, '.track')).toContain('sibling')
  })

  it('lets several targets be different regions only', () => {
    const together = (...ids: readonly string[]): boolean =>
      areTogether(all.frames, ids.map(numberOf))
    expect(together('player.on.track.paused', 'player.on.volume.high')).toBe(true)
    expect(together('player.on.track.paused', 'player.on.track.playing')).toBe(false)
    expect(together('player.on.track', 'player.on.track.paused')).toBe(false)
    expect(together('player.on.back', 'player.on.volume.high')).toBe(false)
    expect(together('player.off', 'player.on')).toBe(false)
    expect(together('player.off', 'player.off')).toBe(false)
  })
})
