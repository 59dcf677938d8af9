/**
 * Diagrams as Mermaid text, for pages and editors that draw it themselves.
 *
 * Promise. What people wrote (names, guards, what a step says) reaches the text as numbered characters wherever it could mean
 * something to Mermaid, so no name can add a box, a line or a link.
 */
import { textFromMillis } from '../logic/calendar.ts'
import type { Box, Diagram } from './diagram.ts'
import type { Timeline, TimelineStep } from './timeline.ts'

/** A state diagram with the present states in the class `now`. */
export const mermaidFromDiagram = (of: Diagram): string => {
  const names = new Map(of.boxes.map((box, at) => [box.id, `s${at}`]))
  const nameOf = (id: string): string => names.get(id) ?? id
  const active = of.boxes.filter((box) => box.isActive && !hasInside(of, box))
  return [
    '---',
    `title: ${plain(of.title)}`,
    '---',
    'stateDiagram-v2',
    ...insideOf(of, undefined, nameOf, 1),
    ...of.lines.map((line) => {
      const label = line.label === '' ? '' : ` : ${plain(line.label)}`
      return isStart(of, line.from) ? '' : `  ${nameOf(line.from)} --> ${nameOf(line.to)}${label}`
    }),
    '  classDef now fill:#ffd866,stroke:#7a5c00,color:#221a00,font-weight:bold',
    ...active.map((box) => `  class ${nameOf(box.id)} now`),
    '',
  ]
    .filter((row, at, rows) => row !== '' || at === rows.length - 1)
    .join('\n')
}

/** A list of steps with those who vouch for them. */
export const mermaidFromTimeline = (of: Timeline): string =>
  ['timeline', `  title ${plain(of.title)}`, ...of.steps.map(stepRow), ''].join('\n')

const stepRow = (of: TimelineStep): string =>
  [
    `  step ${of.sequence}`,
    ...of.said.map(plain),
    of.vouchers.length === 0 ? of.standing : `${of.standing} by ${plain(of.vouchers.join(', '))}`,
    ...(of.since === undefined ? [] : [plain(textFromMillis(of.since))]),
  ].join(' : ')

type NameOf = (id: string) => string

const insideOf = (
  of: Diagram,
  parent: string | undefined,
  nameOf: NameOf,
  depth: number,
): readonly string[] => {
  const indent = '  '.repeat(depth)
  const here = of.boxes.filter((box) => box.parent === parent)
  const isParallel = of.boxes.find((box) => box.id === parent)?.kind === 'parallel'
  return here.flatMap((box, at) => [
    ...(isParallel && at > 0 ? [`${indent}--`] : []),
    ...boxRows(of, box, nameOf, depth),
  ])
}

const boxRows = (of: Diagram, box: Box, nameOf: NameOf, depth: number): readonly string[] => {
  const indent = '  '.repeat(depth)
  const name = nameOf(box.id)
  if (box.kind === 'start') {
    return of.lines
      .filter((line) => line.from === box.id)
      .map((line) => `${indent}[*] --> ${nameOf(line.to)}`)
  }
  const title = box.kind === 'history' ? `${box.name} (history)` : box.name
  const rows = [`${indent}state "${plain(title)}" as ${name}`]
  if (hasInside(of, box)) {
    rows.push(`${indent}state ${name} {`, ...insideOf(of, box.id, nameOf, depth + 1), `${indent}}`)
  }
  if (box.kind === 'final') rows.push(`${indent}${name} --> [*]`)
  for (const note of box.notes) rows.push(`${indent}note right of ${name} : ${plain(note)}`)
  return rows
}

const hasInside = (of: Diagram, box: Box): boolean => of.boxes.some((one) => one.parent === box.id)

const isStart = (of: Diagram, id: string): boolean =>
  of.boxes.some((box) => box.id === id && box.kind === 'start')

/** Letters, digits and a few signs as they are; everything else by its number, as Mermaid writes it. */
const plain = (text: string): string => {
  let written = ''
  for (const one of text) {
    written += SAFE.includes(one) || isLetter(one) ? one : `#${one.codePointAt(0) ?? 0};`
  }
  return written
}

const SAFE = " .,!?()=+*/-_'"

const isLetter = (one: string): boolean =>
  (one >= '0' && one <= '9') || one.toLowerCase() !== one.toUpperCase()
