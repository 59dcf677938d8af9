/**
 * A statechart drawn: boxes in boxes, the present state marked, transitions that wait for a time dashed. Long guards are cut and
 * shown whole when pointed at.
 */
import type { Box, Diagram, Line } from './diagram.ts'
import type { Course, Layout, LayOut, Place, Point, Size } from './layout.ts'
import { escaped, round, svgPage, textRows } from './svg.ts'
import { ROW_HEIGHT, roomOf, widthOf, wrap } from './wrap.ts'

const MARGIN = 24
const HEADING = 40
const NOTE_CHARACTERS = 34
const NOTE_ROWS = 2
const LABEL_CHARACTERS = 30
const LABEL_ROWS = 3
const START_PX = 12

export const svgFromDiagram = (of: Diagram, layOut: LayOut): string => {
  const layout = layOut(of, { boxOf: sizeOfBox, labelOf: (line) => roomOf(labelRows(line)) })
  const size = {
    width: Math.max(layout.width, widthOf(of.title) * HEADING_SCALE) + MARGIN * 2,
    height: layout.height + HEADING + MARGIN * 2,
  }
  return svgPage({ ...size, title: of.title }, [
    textRows([of.title], { x: MARGIN, y: MARGIN + ROW_HEIGHT, className: 'heading' }),
    `<g transform="translate(${MARGIN} ${MARGIN + HEADING})">`,
    ...groupsFirst(of).map((box) => boxSvg(of, layout, box)),
    ...of.lines.map((line, at) => lineSvg(line, layout.lines[at])),
    ...of.lines.map((line, at) => labelSvg(line, layout.lines[at])),
    '</g>',
  ])
}

/** The heading's letters are larger than those that widths are estimated for. */
const HEADING_SCALE = 1.3

/** Outer boxes lie below inner ones. */
const groupsFirst = (of: Diagram): readonly Box[] => {
  const depthOf = (box: Box): number => {
    const parent = of.boxes.find((one) => one.id === box.parent)
    return parent ? depthOf(parent) + 1 : 0
  }
  return [...of.boxes].sort((a, b) => depthOf(a) - depthOf(b))
}

const isGroup = (of: Diagram, box: Box): boolean => of.boxes.some((one) => one.parent === box.id)

const noteRows = (box: Box): readonly string[] =>
  box.notes.flatMap((note) => wrap(note, NOTE_CHARACTERS, NOTE_ROWS))

const labelRows = (line: Line): readonly string[] => wrap(line.label, LABEL_CHARACTERS, LABEL_ROWS)

const sizeOfBox = (box: Box): Size => {
  if (box.kind === 'start') return { width: START_PX, height: START_PX }
  const room = roomOf([nameText(box), ...noteRows(box)])
  return { width: Math.max(64, room.width + 28), height: room.height + 22 }
}

const nameText = (box: Box): string => (box.kind === 'history' ? `${box.name} (H)` : box.name)

const boxSvg = (of: Diagram, layout: Layout, box: Box): string => {
  const place = layout.boxes.get(box.id)
  if (!place) return ''
  if (box.kind === 'start') {
    return `<circle class="start" cx="${round(place.x)}" cy="${round(place.y)}" r="${START_PX / 2}"/>`
  }
  return isGroup(of, box) ? groupSvg(box, place) : stateSvg(box, place)
}

const groupSvg = (box: Box, place: Place): string => {
  const left = place.x - place.width / 2
  const top = place.y - place.height / 2
  const shape = ['group', box.isActive ? 'inside' : '', box.kind === 'parallel' ? 'parallel' : '']
  return [
    rect(place, { className: shape.filter((one) => one !== '').join(' '), corner: 10, inset: 0 }),
    textRows([box.name], { x: left + 12, y: top + 18, className: 'group-name' }),
  ].join('')
}

const stateSvg = (box: Box, place: Place): string => {
  const className = box.isActive ? 'box now' : 'box'
  const top = place.y - place.height / 2
  return [
    '<g>',
    rect(place, { className, corner: 8, inset: 0 }),
    // A final state has a second frame, as on paper.
    box.kind === 'final' ? rect(place, { className, corner: 6, inset: 4 }) : '',
    textRows([nameText(box)], { x: place.x, y: top + 23, className: 'name' }),
    textRows(noteRows(box), { x: place.x, y: top + 23 + ROW_HEIGHT, className: 'note' }),
    box.notes.length === 0 ? '' : `<title>${escaped(box.notes.join('\n'))}</title>`,
    '</g>',
  ].join('')
}

const rect = (
  { x, y, width, height }: Place,
  of: { readonly className: string; readonly corner: number; readonly inset: number },
): string =>
  [
    `<rect class="${of.className}" x="${round(x - width / 2 + of.inset)}" y="${round(y - height / 2 + of.inset)}"`,
    ` width="${round(width - of.inset * 2)}" height="${round(height - of.inset * 2)}" rx="${of.corner}"/>`,
  ].join('')

const lineSvg = (line: Line, course: Course | undefined): string => {
  if (!course || course.points.length < 2) return ''
  const className = line.isTimed ? 'line timed' : 'line'
  return `<path class="${className}" marker-end="url(#tip)" d="${curve(course.points)}"/>`
}

const labelSvg = (line: Line, course: Course | undefined): string => {
  const rows = labelRows(line)
  if (!course?.label || rows.length === 0) return ''
  const { width, height } = roomOf(rows)
  const { x, y } = course.label
  return [
    '<g>',
    `<title>${escaped(line.label)}</title>`,
    `<rect class="plate" x="${round(x - width / 2 - 3)}" y="${round(y - height / 2)}" width="${round(width + 6)}" height="${round(height)}" rx="3"/>`,
    textRows(rows, { x, y: y - height / 2 + 12, className: 'label' }),
    '</g>',
  ].join('')
}

/** A line with round corners, straight where it begins and ends, so that its tip points the right way. */
const curve = (points: readonly Point[]): string => {
  const [first, ...rest] = points
  if (!first) return ''
  const parts = [`M${at(first)}`]
  for (const [index, point] of rest.entries()) {
    const next = rest[index + 1]
    if (!next) parts.push(`L${at(point)}`)
    else if (index === 0)
      parts.push(`L${at(middle(first, point))} Q${at(point)} ${at(middle(point, next))}`)
    else parts.push(`Q${at(point)} ${at(middle(point, next))}`)
  }
  return parts.join(' ')
}

const middle = (a: Point, b: Point): Point => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 })

const at = ({ x, y }: Point): string => `${round(x)} ${round(y)}`
