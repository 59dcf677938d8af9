import { describe, expect, test } from 'vitest'
import { isFault } from '../../src/base/fault.ts'
import { CONTEXT_BYTES_MAX } from '../../src/base/limits.ts'
import { createNativeEngine } from '../../src/engine/native.ts'
import { pathKey } from '../../src/kernel/execute.ts'
import type { Path } from '../../src/kernel/logic.ts'
import { LONG_CHARTS, makeHistory, optionsWith } from '../../src/bench/long-history.ts'
import { jsonAt, snapshotFrom } from '../../src/logic/statechart/leaves.ts'
import { agreedSteps, beginFollowing, follow } from '../../src/models/rounds/agreed-step.ts'
import { read } from '../../src/state/tree.ts'

const engine = createNativeEngine()

describe('a long history', () => {
  test.each(LONG_CHARTS)('holds for whoever follows it, and its pages are full: $name', (chart) => {
    const { genesis, pages } = makeHistory(engine, chart, 300)
    const steps = pages.map((page) => agreedSteps.decode(page))
    expect(steps.map((page) => page.length)).toEqual([64, 64, 64, 64, 44])
    let at = beginFollowing(genesis)
    let longest = 0
    for (const step of steps.flat()) {
      const next = follow(optionsWith(engine), at, step)
      if (isFault(next)) throw next
      at = next
      const { id, state, terms } = at.machine
      const leaf = (path: Path) =>
        read(state, pathKey(terms.suite, { machine: id, logic: 0 }, path))
      expect(jsonAt(leaf, ['head'])).toMatchObject({ height: Number(step.transition.sequence) })
      const { text = '' } = snapshotFrom(leaf).context
      longest = Math.max(longest, typeof text === 'string' ? text.length : 0)
    }
    const fills = chart.name !== 'counter'
    expect(longest).toBe(fills ? 32_000 : 0)
    expect(longest).toBeLessThan(CONTEXT_BYTES_MAX)
    expect(at.machine.state.size).toBeGreaterThan(fills ? 300 : 4)
    expect(at.machine.state.size).toBeLessThan(fills ? 320 : 10)
  })

  test('does not hold with one signature changed', () => {
    const [chart] = LONG_CHARTS
    if (!chart) throw new Error('there is a chart')
    const { genesis, pages } = makeHistory(engine, chart, 1)
    const [step] = agreedSteps.decode(pages[0] ?? new Uint8Array())
    if (!step) throw new Error('there is a step')
    const certificate = step.certificate.slice()
    certificate[certificate.length - 1] = (certificate.at(-1) ?? 0) ^ 1
    const next = follow(optionsWith(engine), beginFollowing(genesis), { ...step, certificate })
    expect(isFault(next) && next.code).toBe('cast/bad-signature')
  })
})
