import { describe, expect, it } from 'vitest'
import { svgFromDiagram } from '../../src/picture/chart-svg.ts'
import type { LayOut } from '../../src/picture/layout.ts'
import { diagramFrom, expectXml, ORDER } from './charts.ts'

/** Everything below everything else. */
const inOneColumn: LayOut = (diagram, sizes) => ({
  width: 300,
  height: diagram.boxes.length * 100,
  boxes: new Map(
    diagram.boxes.map((box, at) => [box.id, { x: 150, y: at * 100 + 50, ...sizes.boxOf(box) }]),
  ),
  lines: diagram.lines.map((line) => ({
    points: [
      { x: 0, y: 0 },
      { x: 10, y: 10 },
      { x: 20, y: 0 },
    ],
    label: line.label === '' ? undefined : { x: 10, y: 5 },
  })),
})

describe('a drawn statechart', () => {
  it('marks where the machine stands, and nothing else', () => {
    const svg = svgFromDiagram(diagramFrom(ORDER, 'order.open'), inOneColumn)
    expectXml(svg)
    expect(svg.match(/class="box now"/g)).toHaveLength(1)
    expect(svgFromDiagram(diagramFrom(ORDER), inOneColumn)).not.toContain('class="box now"')
  })

  it('gives a final state two frames and dashes what waits for a time', () => {
    const svg = svgFromDiagram(diagramFrom(ORDER), inOneColumn)
    // Two final and two atomic states, and a frame more for each final one.
    expect(svg.match(/<rect class="box"/g)).toHaveLength(6)
    expect(svg.match(/class="line timed"/g)).toHaveLength(1)
  })

  it('cuts a long guard and shows it whole when pointed at', () => {
    const cel = `event.data.amount > 3 ${'&& context.paid == 0 '.repeat(9)}`.trim()
    const guarded = structuredClone(ORDER)
    guarded.states.open.on.PAY.guard.params.cel = cel
    const svg = svgFromDiagram(diagramFrom(guarded), inOneColumn)
    expectXml(svg)
    expect(svg).toContain('…</text>')
    expect(svg).toContain(`<title>PAY [${cel.replaceAll('&', '&amp;').replaceAll('>', '&gt;')}]`)
  })
})
