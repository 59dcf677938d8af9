import { describe, expect, test } from 'vitest'
import { createStreams } from '../../src/sim/random.ts'

const draws = (stream: { below: (n: number) => number }, count = 20): readonly number[] =>
  Array.from({ length: count }, () => stream.below(1000))

describe('streams', () => {
  test('give the same draws for the same seed and name', () => {
    expect(draws(createStreams(7)('net'))).toEqual(draws(createStreams(7)('net')))
  })

  test('differ by seed and by name', () => {
    expect(draws(createStreams(7)('net'))).not.toEqual(draws(createStreams(8)('net')))
    expect(draws(createStreams(7)('net'))).not.toEqual(draws(createStreams(7)('disk')))
  })

  test('do not shift each other', () => {
    const alone = draws(createStreams(7)('net'))
    const streams = createStreams(7)
    streams('disk').below(10)
    const mixed = Array.from({ length: 20 }, () => {
      streams('disk').bytes()
      return streams('net').below(1000)
    })
    expect(mixed).toEqual(alone)
  })

  test('go on where they were when asked for again', () => {
    const streams = createStreams(1)
    expect(streams('a')).toBe(streams('a'))
  })

  test('stay in range, reach both ends and keep to chances', () => {
    const stream = createStreams(3)('range')
    const seen = new Set(Array.from({ length: 400 }, () => stream.below(5)))
    expect([...seen].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4])
    const hits = Array.from({ length: 4000 }, () => stream.chance(30)).filter(Boolean).length
    expect(hits).toBeGreaterThan(1000)
    expect(hits).toBeLessThan(1400)
    expect(stream.chance(0)).toBe(false)
    expect(stream.chance(100)).toBe(true)
    expect(stream.bytes()).toHaveLength(32)
    expect(stream.pick([])).toBeUndefined()
    expect(stream.pick(['only'])).toBe('only')
  })
})
