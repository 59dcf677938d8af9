/**
 * Places of boxes and lines, by dagre.
 *
 * Its lines may end only at boxes that hold no others. One that belongs to a group therefore ends at a small anchor inside,
 * and is cut where it crosses the group's frame.
 */
import { Graph, layout as place } from '@dagrejs/dagre'
import type { Course, Diagram, Layout, LayOut, Line, Place, Point, Size } from 'tallystick/picture'

const ANCHOR: Size = { width: 2, height: 2 }
/** Room above the boxes of a group, for its name. */
const HEADER_PX = 24
const LOOP_PX = 26
const SHORT_PX = 100
const LIFT_PX = 16

/** Boxes are set apart by more than usual, because labels stand between them. */
const SPACING = { rankdir: 'TB', nodesep: 48, edgesep: 20, ranksep: 44 }

export const layOutDiagram: LayOut = (diagram, sizes) => {
  const groups = new Set(diagram.boxes.flatMap((box) => box.parent ?? []))
  const graph = new Graph({ compound: true, multigraph: true })
  graph.setGraph({ ...SPACING })
  for (const box of diagram.boxes) {
    graph.setNode(box.id, groups.has(box.id) ? {} : { ...sizes.boxOf(box) })
  }
  for (const box of diagram.boxes) if (box.parent !== undefined) graph.setParent(box.id, box.parent)
  for (const id of groups) {
    if (!diagram.lines.some((line) => line.from === id || line.to === id)) continue
    graph.setNode(anchorIn(id), { ...ANCHOR })
    graph.setParent(anchorIn(id), id)
  }
  const endAt = (id: string): string => (groups.has(id) ? anchorIn(id) : id)
  for (const [at, line] of diagram.lines.entries()) {
    const label = { ...sizes.labelOf(line), labelpos: 'c' }
    graph.setEdge(endAt(line.from), endAt(line.to), label, String(at))
  }
  place(graph)
  return layoutFrom(diagram, groups, graph)
}

const anchorIn = (group: string): string => `${group} (anchor)`

const layoutFrom = (diagram: Diagram, groups: ReadonlySet<string>, graph: Graph): Layout => {
  const boxes = new Map<string, Place>()
  for (const box of diagram.boxes) {
    const { x = 0, y = 0, width = 0, height = 0 } = graph.node(box.id)
    const lift = groups.has(box.id) ? HEADER_PX : 0
    boxes.set(box.id, { x, y: y - lift / 2, width, height: height + lift })
  }
  const bounds = graph.graph()
  const lines = diagram.lines.map((line, at) => courseOf(graph, { line, at, groups, boxes }))
  // Headers stand out above what dagre has counted.
  const above = Math.max(0, ...[...boxes.values()].map(({ y, height }) => height / 2 - y))
  const down = <At extends Point>(at: At): At => ({ ...at, y: at.y + above })
  return {
    width: bounds.width ?? 0,
    height: (bounds.height ?? 0) + above,
    boxes: new Map([...boxes].map(([id, box]) => [id, down(box)])),
    lines: lines.map(({ points, label }) => ({
      points: points.map(down),
      label: label && down(label),
    })),
  }
}

type Drawn = {
  readonly line: Line
  readonly at: number
  readonly groups: ReadonlySet<string>
  readonly boxes: ReadonlyMap<string, Place>
}

const courseOf = (graph: Graph, { line, at, groups, boxes }: Drawn): Course => {
  const endAt = (id: string): string => (groups.has(id) ? anchorIn(id) : id)
  const { points = [], x, y } = graph.edge(endAt(line.from), endAt(line.to), String(at))
  const label = x === undefined || y === undefined ? undefined : { x, y }
  const own = boxes.get(line.from)
  if (line.from === line.to) {
    return own && !groups.has(line.from) ? { points: loopAt(own), label } : { points: [], label }
  }
  const from = groups.has(line.from) ? own : undefined
  const to = groups.has(line.to) ? boxes.get(line.to) : undefined
  const left = from ? cut(points, from) : points
  const kept = to ? [...cut([...left].reverse(), to)].reverse() : left
  // A label that stood by the part cut away goes to the middle of what is left.
  const isCutAway = label && [from, to].some((frame) => frame && isInside(label, frame))
  return { points: kept, label: isCutAway ? halfway(kept) : label }
}

const halfway = (points: readonly Point[]): Point | undefined => {
  const [first] = points
  const last = points.at(-1)
  if (!first || !last) return undefined
  const isShort = Math.hypot(last.x - first.x, last.y - first.y) < SHORT_PX
  // Over a short line, so that the line can still be seen.
  return { x: (first.x + last.x) / 2, y: (first.y + last.y) / 2 - (isShort ? LIFT_PX : 0) }
}

/** A loop at the right side of a box. */
const loopAt = ({ x, y, width, height }: Place): readonly Point[] => {
  const side = x + width / 2
  return [
    { x: side, y: y - height / 4 },
    { x: side + LOOP_PX, y: y - height / 4 },
    { x: side + LOOP_PX, y: y + height / 4 },
    { x: side, y: y + height / 4 },
  ]
}

/** What is left of a line that begins inside a frame, from where it leaves it; all of it if it does not leave. */
const cut = (points: readonly Point[], frame: Place): readonly Point[] => {
  const first = points.findIndex((point) => !isInside(point, frame))
  const before = points[first - 1]
  const after = points[first]
  if (!before || !after) return points
  return [crossing(before, after, frame), ...points.slice(first)]
}

const isInside = (point: Point, { x, y, width, height }: Place): boolean =>
  Math.abs(point.x - x) <= width / 2 && Math.abs(point.y - y) <= height / 2

/** Where the way from inside to outside meets the frame, to half a pixel. */
const crossing = (inside: Point, outside: Point, frame: Place): Point => {
  let near = inside
  let far = outside
  for (let halving = 0; halving < HALVINGS; halving++) {
    const between = { x: (near.x + far.x) / 2, y: (near.y + far.y) / 2 }
    if (isInside(between, frame)) near = between
    else far = between
  }
  return far
}

const HALVINGS = 16
