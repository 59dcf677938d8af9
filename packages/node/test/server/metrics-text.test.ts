import { describe, expect, test } from 'vitest'
import { createRegistry } from '../../src/server/metrics-text.ts'

const linesOf = async (of: ReturnType<typeof createRegistry>): Promise<readonly string[]> =>
  (await of.text()).trimEnd().split('\n')

describe('metrics in the text form of Prometheus', () => {
  test('a counter counts for each set of labels by itself', async () => {
    const registry = createRegistry({ operator: 'north' })
    const steps = registry.counter({ name: 'steps_total', help: 'Steps.' })
    steps({ answer: 'receipt' }).inc()
    steps({ answer: 'receipt' }).inc()
    steps({ answer: 'taken' }).inc()
    expect(await linesOf(registry)).toEqual([
      '# HELP steps_total Steps.',
      '# TYPE steps_total counter',
      'steps_total{answer="receipt",operator="north"} 2',
      'steps_total{answer="taken",operator="north"} 1',
    ])
  })

  test('a histogram’s buckets hold what those below them hold, up to the bound itself, and the last holds all', async () => {
    const registry = createRegistry({})
    const seconds = registry.histogram({ name: 's', help: 'h' }, [0.1, 1])({ route: '/a' })
    for (const value of [0.05, 0.1, 0.5, 7]) seconds.observe(value)
    expect(await linesOf(registry)).toEqual([
      '# HELP s h',
      '# TYPE s histogram',
      's_bucket{le="0.1",route="/a"} 2',
      's_bucket{le="1",route="/a"} 3',
      's_bucket{le="+Inf",route="/a"} 4',
      's_sum{route="/a"} 7.65',
      's_count{route="/a"} 4',
    ])
  })

  test('a gauge is looked up when somebody reads', async () => {
    const registry = createRegistry({})
    let value = 1
    registry.gauge({ name: 'g', help: 'h' }, () => Promise.resolve([[{}, value]]))
    expect(await linesOf(registry)).toContain('g 1')
    value = 2
    expect(await linesOf(registry)).toContain('g 2')
  })

  test('quotes, line ends and backslashes of a label or a help stay within their place', async () => {
    const registry = createRegistry({})
    registry.counter({ name: 'c', help: 'one\ntwo \\ three' })({ name: 'a"b\\c\nd' }).inc()
    expect(await linesOf(registry)).toEqual([
      '# HELP c one\\ntwo \\\\ three',
      '# TYPE c counter',
      'c{name="a\\"b\\\\c\\nd"} 1',
    ])
  })
})
