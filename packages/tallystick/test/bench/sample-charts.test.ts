import { describe, expect, test } from 'vitest'
import { SAMPLE_CHARTS } from '../../src/bench/sample-charts.ts'
import { chartOf, eventOf, movedOf, send, started } from '../logic/statechart/charts.ts'

describe('sample-charts', () => {
  test.each(SAMPLE_CHARTS)('$name comes back to where it began with each lap', (sample) => {
    const chart = chartOf(sample.json)
    let snapshot = started(chart)
    const { value } = snapshot
    for (let lap = 0; lap < 3; lap++) {
      for (const { type, sender, data } of sample.events)
        snapshot = movedOf(send(chart, snapshot, eventOf(type, { sender, data }))).snapshot
      expect(snapshot.value).toEqual(value)
    }
  })
})
