/**
 * A statechart as boxes and lines, before anybody has said where they go.
 *
 * Promise. Each state of the definition is one box and each arrow one line, under the definition's own ids; nothing is
 * left out but arrows without a target, which change no state and stand as notes in their box. A picture proves nothing:
 * it shows what whoever made it was told.
 */
import type { Action, Arrow, ChartState, Definition, StateKind } from '../logic/statechart/chart.ts'

export type BoxKind = StateKind | 'start'

export type Box = {
  readonly id: string
  readonly name: string
  readonly kind: BoxKind
  /** Id of the box around it; missing at the top. */
  readonly parent: string | undefined
  /** What happens on the way in and out, and what is taken without leaving. */
  readonly notes: readonly string[]
  readonly isActive: boolean
}

export type Line = {
  readonly from: string
  readonly to: string
  readonly label: string
  /** Whether it waits for a time. */
  readonly isTimed: boolean
}

export type Diagram = {
  readonly title: string
  readonly boxes: readonly Box[]
  readonly lines: readonly Line[]
}

/** The diagram of a definition, with the states in `active` (by id) marked. */
export const diagramOf = (definition: Definition, active: ReadonlySet<string>): Diagram => {
  const { states } = definition
  const [root] = states
  const isTop = (at: number): boolean => at === 0
  const shown = states.filter((one) => !isTop(one.at) || root?.kind === 'parallel')
  return {
    title: titleOf(definition),
    boxes: [
      ...shown.map((one) => boxOf(definition, one, active)),
      ...states.flatMap((one) => (one.initial < 0 ? [] : [startBox(states, one)])),
    ],
    lines: [
      ...states.flatMap((one) => (one.initial < 0 ? [] : [startLine(states, one)])),
      ...states.flatMap((one) => arrowsOf(one).flatMap((arrow) => linesOf(states, one, arrow))),
    ],
  }
}

const titleOf = ({ id, nsm }: Definition): string => {
  const { title } = nsm
  return typeof title === 'string' ? title : id
}

const boxOf = (definition: Definition, of: ChartState, active: ReadonlySet<string>): Box => ({
  id: of.id,
  name: of.at === 0 ? definition.id : of.key,
  kind: of.kind,
  parent: parentOf(definition.states, of),
  notes: [
    ...actionNotes('entry', of.entry),
    ...actionNotes('exit', of.exit),
    ...arrowsOf(of)
      .filter(({ arrow }) => arrow.targets.length === 0)
      .map((one) => labelOf(one)),
  ],
  isActive: active.has(of.id),
})

/** The root is drawn only where it has regions side by side. */
const parentOf = (states: readonly ChartState[], of: ChartState): string | undefined => {
  const parent = states[of.parent]
  return !parent || (parent.at === 0 && parent.kind !== 'parallel') ? undefined : parent.id
}

const startIdOf = (of: ChartState): string => `${of.id} (start)`

const startBox = (states: readonly ChartState[], of: ChartState): Box => ({
  id: startIdOf(of),
  name: '',
  kind: 'start',
  parent: of.at === 0 && of.kind !== 'parallel' ? undefined : of.id,
  notes: [],
  isActive: false,
})

const startLine = (states: readonly ChartState[], of: ChartState): Line => ({
  from: startIdOf(of),
  to: states[of.initial]?.id ?? of.id,
  label: '',
  isTimed: false,
})

type Named = { readonly on: string; readonly arrow: Arrow; readonly isTimed: boolean }

const arrowsOf = (of: ChartState): readonly Named[] => [
  ...[...of.on].flatMap(([on, arrows]) => arrows.map((arrow) => ({ on, arrow, isTimed: false }))),
  ...of.after.map((arrow) => ({
    on: `after ${durationText(arrow.delayMs)}`,
    arrow,
    isTimed: true,
  })),
  ...of.always.map((arrow) => ({ on: '', arrow, isTimed: false })),
  ...of.done.map((arrow) => ({ on: 'done', arrow, isTimed: false })),
]

const linesOf = (states: readonly ChartState[], of: ChartState, named: Named): readonly Line[] =>
  named.arrow.targets.map((target) => ({
    from: of.id,
    to: states[target]?.id ?? of.id,
    label: labelOf(named),
    isTimed: named.isTimed,
  }))

const labelOf = ({ on, arrow }: Named): string =>
  [
    on,
    arrow.guard === undefined ? '' : `[${arrow.guard.text}]`,
    ...actionNotes('', arrow.actions).map((one) => `/${one}`),
  ]
    .filter((one) => one !== '')
    .join(' ')

const actionNotes = (when: string, actions: readonly Action[]): readonly string[] => {
  if (actions.length === 0) return []
  return [`${when === '' ? '' : `${when} /`} ${actions.map(actionText).join(', ')}`]
}

const actionText = (of: Action): string => {
  switch (of.is) {
    case 'assign':
      return of.set.map((one) => one.key).join(', ')
    case 'raise':
      return `raise ${of.type}`
    case 'effect':
      return of.kind
    case 'name':
      return of.name
  }
}

/** Milliseconds in the largest unit that leaves no rest. */
export const durationText = (ms: number): string => {
  for (const [unit, size] of UNITS) if (ms > 0 && ms % size === 0) return `${ms / size} ${unit}`
  return `${ms} ms`
}

const UNITS: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
]
