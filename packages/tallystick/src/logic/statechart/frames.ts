/** Reads the tree of states: which there are, of which kind, under which ids. Arrows come after, in `arrows.ts`. */
import { STATECHART_DEPTH_MAX, STATECHART_STATES_MAX } from '../../base/limits.ts'
import { isJsonObject, type Json, type JsonObject } from '../../forms/strict-json.ts'
import type { Frame, StateKind } from './chart.ts'
import { pathTo } from './problem.ts'
import { checkName, knownKeys, NOTHING, objectAt, type Report, textAt } from './report.ts'

export type Frames = {
  readonly frames: readonly Frame[]
  /** The JSON of each, by its number. */
  readonly sources: readonly JsonObject[]
  readonly numbers: ReadonlyMap<string, number>
  /** The defaults of history states, filled in when all ids are known. */
  readonly defaults: ReadonlyMap<number, number[]>
}

type Draft = {
  readonly at: number
  readonly key: string
  readonly id: string
  readonly path: string
  readonly kind: StateKind
  readonly parent: number
  readonly isDeep: boolean
  readonly children: number[]
  readonly childByKey: Map<string, number>
  readonly histories: number[]
  readonly defaults: number[]
  end: number
  initial: number
}

type Walk = {
  readonly report: Report
  readonly drafts: Draft[]
  readonly sources: JsonObject[]
  readonly numbers: Map<string, number>
  isTooMany: boolean
}

export const readFrames = (report: Report, root: JsonObject): Frames => {
  const walk: Walk = { report, drafts: [], sources: [], numbers: new Map(), isTooMany: false }
  const name = typeof root['id'] === 'string' && root['id'] !== '' ? root['id'] : '(machine)'
  visit(walk, root, { parent: undefined, key: name, keys: [name], path: '$' })
  const defaults = new Map(walk.drafts.map((draft) => [draft.at, draft.defaults]))
  return { frames: walk.drafts, sources: walk.sources, numbers: walk.numbers, defaults }
}

type Place = {
  readonly parent: Draft | undefined
  readonly key: string
  /** From the machine's id down. */
  readonly keys: readonly string[]
  readonly path: string
}

const visit = (walk: Walk, source: JsonObject, place: Place): Draft => {
  const { report, drafts } = walk
  const { parent, path } = place
  const kind = kindOf(report, source, place)
  const draft: Draft = {
    at: drafts.length,
    key: place.key,
    id: idOf(report, source, place),
    path,
    kind,
    parent: parent?.at ?? -1,
    isDeep: source['history'] === 'deep',
    children: [],
    childByKey: new Map(),
    histories: [],
    defaults: [],
    end: 0,
    initial: -1,
  }
  drafts.push(draft)
  walk.sources.push(source)
  takeId(walk, draft)
  knownKeys(report, { object: source, path, allowed: keysOf(kind, parent), where: WHERE[kind] })
  if (kind === 'compound' || kind === 'parallel') visitChildren(walk, source, { draft, place })
  draft.end = drafts.length
  draft.initial = initialOf(walk, source, draft)
  return draft
}

const visitChildren = (
  walk: Walk,
  source: JsonObject,
  { draft, place }: { readonly draft: Draft; readonly place: Place },
): void => {
  const { report } = walk
  const states = pathTo(place.path, 'states')
  if (place.keys.length > STATECHART_DEPTH_MAX) {
    report.problems.push({
      code: 'too-deep',
      path: states,
      message: `more than ${STATECHART_DEPTH_MAX} levels of states`,
      fix: 'let regions or several machines take the place of nesting',
    })
    return
  }
  for (const [key, child] of Object.entries(objectAt(report, source['states'], states))) {
    if (isFull(walk, states)) return
    const path = pathTo(states, key)
    checkName(report, key, { path, what: 'state' })
    const made = visit(walk, objectAt(report, child, path), {
      parent: draft,
      key,
      keys: [...place.keys, key],
      path,
    })
    draft.childByKey.set(key, made.at)
    if (made.kind === 'history') draft.histories.push(made.at)
    else draft.children.push(made.at)
  }
}

const isFull = (walk: Walk, path: string): boolean => {
  if (walk.drafts.length < STATECHART_STATES_MAX) return false
  if (!walk.isTooMany) {
    walk.report.problems.push({
      code: 'too-many-states',
      path,
      message: `more than ${STATECHART_STATES_MAX} states`,
      fix: 'keep what differs only by a number in the context',
    })
  }
  walk.isTooMany = true
  return true
}

const TYPES: ReadonlyMap<Json | undefined, StateKind> = new Map<Json | undefined, StateKind>([
  ['atomic', 'atomic'],
  ['compound', 'compound'],
  ['parallel', 'parallel'],
  ['final', 'final'],
  ['history', 'history'],
])

const kindOf = (report: Report, source: JsonObject, { parent, path }: Place): StateKind => {
  const states = source['states']
  const count = isJsonObject(states) ? Object.keys(states).length : 0
  const implied = count > 0 ? 'compound' : 'atomic'
  const given = source['type']
  const kind = given === undefined ? implied : TYPES.get(given)
  const wrong = (message: string, fix: string): StateKind => {
    report.problems.push({ code: 'wrong-type', path: pathTo(path, 'type'), message, fix })
    return implied
  }
  if (kind === undefined)
    return wrong('no type of states', 'write "parallel", "final", "history" or nothing')
  if (parent === undefined && (kind === 'final' || kind === 'history'))
    return wrong(`a machine cannot be ${kind} as a whole`, 'give it states')
  if ((kind === 'compound' || kind === 'parallel') && count === 0)
    return wrong(`a ${kind} state without states`, 'add "states", or leave "type" out')
  if (kind === 'atomic' && count > 0)
    return wrong('an atomic state with states', 'leave "type" or "states" out')
  return kind
}

const idOf = (report: Report, source: JsonObject, { keys, path }: Place): string => {
  const given = source['id']
  const implied = keys.join('.')
  if (given === undefined) return implied
  const id = textAt(report, given, pathTo(path, 'id'))
  checkName(report, id || 'empty', { path: pathTo(path, 'id'), what: 'id' })
  return id || implied
}

const takeId = (walk: Walk, { id, at, path }: Draft): void => {
  const other = walk.numbers.get(id)
  if (other === undefined) {
    walk.numbers.set(id, at)
    return
  }
  walk.report.problems.push({
    code: 'id-twice',
    path,
    message: `the id "${id.slice(0, 128)}" is taken by ${walk.drafts[other]?.path ?? ''}`,
    fix: 'give one of them another "id"',
  })
}

const initialOf = (walk: Walk, source: JsonObject, draft: Draft): number => {
  const { report, drafts } = walk
  const given = source['initial']
  const path = pathTo(draft.path, 'initial')
  if (draft.kind !== 'compound') {
    if (given !== undefined && (draft.kind === 'atomic' || draft.kind === 'parallel')) {
      report.problems.push({
        code: 'no-initial',
        path,
        message: `a state that is ${draft.kind} starts in no child of its own choice`,
        fix: 'leave "initial" out',
      })
    }
    return -1
  }
  const child = typeof given === 'string' ? draft.childByKey.get(given) : undefined
  if (child !== undefined && drafts[child]?.kind !== 'history') return child
  const first = drafts[draft.children[0] ?? -1]?.key
  report.problems.push({
    code: 'no-initial',
    path,
    message:
      given === undefined
        ? 'it has states and does not say in which one it starts'
        : 'this names no child that a machine can stand in',
    fix: first === undefined ? 'add a state' : `write "initial": ${JSON.stringify(first)}`,
  })
  return draft.children[0] ?? -1
}

const ALL = ['type', 'id', 'description', 'meta', 'tags']
const ACTIVE = [...ALL, 'entry', 'exit', 'on', 'always', 'after', 'onDone', 'initial', 'states']
const KEYS: { readonly [Kind in StateKind]: ReadonlySet<string> } = {
  atomic: new Set(ACTIVE),
  compound: new Set(ACTIVE),
  parallel: new Set(ACTIVE),
  final: new Set([...ALL, 'entry', 'exit', 'output']),
  history: new Set([...ALL, 'history', 'target']),
}
const ROOT_KEYS: ReadonlySet<string> = new Set([...ACTIVE, 'context', 'version', 'output'])
const WHERE: { readonly [Kind in StateKind]: string } = {
  atomic: 'a state',
  compound: 'a state',
  parallel: 'a parallel state',
  final: 'a final state',
  history: 'a history state',
}

const keysOf = (kind: StateKind, parent: Draft | undefined): ReadonlySet<string> =>
  parent === undefined ? ROOT_KEYS : KEYS[kind]

/** The JSON of a state; nothing where there is no such state. */
export const sourceAt = ({ sources }: Frames, at: number): JsonObject => sources[at] ?? NOTHING
