import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { diagramOf, type Layout, type Place, svgFromDiagram } from 'tallystick/picture'
import { isDefinition, readDefinition } from 'tallystick/statechart'
import { describe, expect, it } from 'vitest'
import { layOutDiagram } from '../../src/picture/layout.ts'

const examples = join(import.meta.dirname, '../../../../examples/statecharts')
const definitions = readdirSync(examples).filter((name) => /(?<!\.plays)\.json$/.test(name))

const diagramFrom = (text: string) => {
  const definition = readDefinition(text)
  if (!isDefinition(definition)) throw new Error(JSON.stringify(definition))
  return diagramOf(definition, new Set())
}

const sizes = {
  boxOf: () => ({ width: 80, height: 40 }),
  labelOf: () => ({ width: 60, height: 16 }),
}

const inside = (inner: Place, outer: Place): boolean =>
  Math.abs(inner.x - outer.x) + inner.width / 2 <= outer.width / 2 + 1 &&
  Math.abs(inner.y - outer.y) + inner.height / 2 <= outer.height / 2 + 1

const apart = (a: Place, b: Place): boolean =>
  Math.abs(a.x - b.x) >= (a.width + b.width) / 2 || Math.abs(a.y - b.y) >= (a.height + b.height) / 2

describe('layout', () => {
  it.each(definitions)('places every box of %s inside its parent and beside the others', (name) => {
    const diagram = diagramFrom(readFileSync(join(examples, name), 'utf8'))
    const { boxes, lines, width, height }: Layout = layOutDiagram(diagram, sizes)
    expect(lines).toHaveLength(diagram.lines.length)
    for (const box of diagram.boxes) {
      const place = boxes.get(box.id)
      const around = box.parent === undefined ? undefined : boxes.get(box.parent)
      if (!place) throw new Error(`no place for ${box.id}`)
      expect(place.x - place.width / 2).toBeGreaterThanOrEqual(-1)
      expect(place.y + place.height / 2).toBeLessThanOrEqual(height + 1)
      expect(place.x + place.width / 2).toBeLessThanOrEqual(width + 1)
      if (around) expect(inside(place, around)).toBe(true)
      for (const other of diagram.boxes) {
        const there = boxes.get(other.id)
        if (other === box || other.parent !== box.parent || !there) continue
        expect(apart(place, there), `${box.id} and ${other.id}`).toBe(true)
      }
    }
  })

  it('ends a line of a group at its frame', () => {
    const diagram = diagramFrom(
      JSON.stringify({
        id: 'm',
        initial: 'busy',
        states: {
          busy: { initial: 'a', states: { a: { on: { X: 'b' } }, b: {} }, on: { STOP: 'gone' } },
          gone: { on: { BACK: 'busy' } },
        },
      }),
    )
    const { boxes, lines } = layOutDiagram(diagram, sizes)
    const frame = boxes.get('m.busy')
    const stop = lines[diagram.lines.findIndex((line) => line.label === 'STOP')]
    const [start] = stop?.points ?? []
    if (!frame || !start) throw new Error('not drawn')
    const fromFrame = Math.max(
      Math.abs(start.x - frame.x) - frame.width / 2,
      Math.abs(start.y - frame.y) - frame.height / 2,
    )
    expect(Math.abs(fromFrame)).toBeLessThan(1)
    expect(svgFromDiagram(diagram, layOutDiagram)).toContain('marker-end')
  })

  it('draws a loop beside a box that comes back to itself', () => {
    const diagram = diagramFrom(
      JSON.stringify({
        id: 'm',
        initial: 'a',
        states: { a: { on: { AGAIN: { target: 'a', reenter: true } } } },
      }),
    )
    const { boxes, lines } = layOutDiagram(diagram, sizes)
    const box = boxes.get('m.a')
    const points = lines[diagram.lines.findIndex((line) => line.label === 'AGAIN')]?.points ?? []
    expect(points).toHaveLength(4)
    expect(points.every((point) => point.x >= (box?.x ?? 0) + 40)).toBe(true)
  })
})
