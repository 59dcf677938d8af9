import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../src/forms/strict-json.ts'
import { readFrames } from '../../../src/logic/statechart/frames.ts'
import { createReport } from '../../../src/logic/statechart/report.ts'
import { PLAYER } from './charts.ts'

const framesOf = (json: unknown) => {
  const report = createReport()
  const all = readFrames(report, json as JsonObject)
  return { ...all, codes: report.problems.map(({ code, path }) => `${code} ${path}`) }
}

describe('frames', () => {
  it('numbers states in document order, descendants right behind them', () => {
    const { frames, numbers, codes } = framesOf(PLAYER)
    expect(codes).toEqual([])
    expect(frames.map(({ key, parent, end, kind }) => [key, parent, end, kind])).toEqual([
      ['player', -1, 12, 'compound'],
      ['off', 0, 2, 'atomic'],
      ['on', 0, 12, 'parallel'],
      ['track', 2, 8, 'compound'],
      ['paused', 3, 5, 'atomic'],
      ['playing', 3, 8, 'compound'],
      ['slow', 5, 7, 'atomic'],
      ['quick', 5, 8, 'atomic'],
      ['volume', 2, 11, 'compound'],
      ['low', 8, 10, 'atomic'],
      ['high', 8, 11, 'atomic'],
      ['back', 2, 12, 'history'],
    ])
    expect(numbers.get('player.on.track.playing.quick')).toBe(7)
    expect(frames[2]?.children).toEqual([3, 8])
    expect(frames[2]?.histories).toEqual([11])
  })

  it('lists what is wrong with the tree', () => {
    const { codes } = framesOf({
      initial: 'x',
      states: {
        a: { type: 'strange', id: 'twin' },
        b: { id: 'twin', initial: 'c' },
        c: { states: { d: {} } },
        e: { type: 'parallel' },
        f: { type: 'final', on: {} },
        7: {},
      },
    })
    expect(codes.toSorted()).toEqual([
      'bad-key $.states["7"]',
      'id-twice $.states.b',
      'no-initial $.initial',
      'no-initial $.states.b.initial',
      'no-initial $.states.c.initial',
      'unknown-key $.states.f.on',
      'wrong-type $.states.a.type',
      'wrong-type $.states.e.type',
    ])
  })
})
