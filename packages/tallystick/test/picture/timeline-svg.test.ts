import { describe, expect, it } from 'vitest'
import { svgFromTimeline } from '../../src/picture/timeline-svg.ts'
import type { TimelineStep } from '../../src/picture/timeline.ts'
import { expectXml } from './charts.ts'

const step: TimelineStep = {
  sequence: 1n,
  said: ['PAY by <alice>'],
  vouchers: ['cam', 'dora'],
  standing: 'final',
  since: 1_790_000_000_000n,
}

describe('drawn steps', () => {
  it('say what was done, who signed and since when', () => {
    const svg = svgFromTimeline({ title: 'a & b', steps: [step] })
    expectXml(svg)
    expect(svg).toContain('PAY by &lt;alice&gt;')
    expect(svg).toContain('final · signed by cam, dora · 2026-09-21 14:13:20 UTC')
  })

  it('colour a step that is contested unlike one that is final', () => {
    const steps: readonly TimelineStep[] = [
      step,
      { ...step, standing: 'contested', since: undefined },
    ]
    const svg = svgFromTimeline({ title: 'x', steps })
    expect(svg.match(/class="dot good"/g)).toHaveLength(1)
    expect(svg.match(/class="dot bad"/g)).toHaveLength(1)
  })

  it('can be drawn before the first step', () => {
    expectXml(svgFromTimeline({ title: 'x', steps: [] }))
  })
})
