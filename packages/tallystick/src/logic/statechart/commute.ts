/**
 * Whether the order of commuting inputs matters, as far as the definition shows it.
 *
 * Promise. Where no doubt is found, two inputs of commuting types by two senders, each taken at its own time, leave the same state,
 * context and effects whichever comes first. It is shown from the form of the expressions alone: no such input moves the chart,
 * each writes the entry of its own sender into a map, and nothing that is asked looks at the entries of others.
 *
 * Not promised. That a definition with doubts depends on the order. Nor anything about two inputs of one sender: who votes twice at
 * once leaves the order to the certifiers.
 */
import { type Node, partsOf } from '../expression/syntax.ts'
import type { Agreement } from './agreement.ts'
import type { Action, Arrow, Definition, Entry } from './chart.ts'

export type CommuteDoubt = {
  /** Place of the arrow in the definition. */
  readonly path: string
  readonly why: string
}

/** Every doubt, in document order; none if the order is shown not to matter. */
export const commuteDoubts = (
  { states }: Definition,
  { commute }: Agreement,
): readonly CommuteDoubt[] => {
  if (commute.size === 0) return []
  const arrows = states.flatMap(({ on }) =>
    [...on].flatMap(([type, some]) => (commute.has(type) ? some : [])),
  )
  const written = new Set(arrows.flatMap((one) => one.actions.flatMap(keysOf)))
  const always = states.flatMap((one) => one.always)
  return [
    ...arrows.flatMap((arrow) => doubtsAbout(arrow, written)),
    ...always.flatMap((arrow) => doubtsAboutAlways(arrow, written)),
  ]
}

const keysOf = (action: Action): readonly string[] =>
  action.is === 'assign' ? action.set.map((one) => one.key) : []

const doubtsAbout = (arrow: Arrow, written: ReadonlySet<string>): readonly CommuteDoubt[] => {
  const doubt = (why: string): CommuteDoubt => ({ path: arrow.path, why })
  const found: CommuteDoubt[] = []
  if (arrow.targets.length > 0)
    found.push(doubt('it moves the chart, so the next finds it elsewhere'))
  found.push(...guardDoubts(arrow, written).map(doubt))
  for (const action of arrow.actions) {
    switch (action.is) {
      case 'assign':
        found.push(...action.set.flatMap((one) => assignDoubts(one, written)).map(doubt))
        break
      case 'effect':
        found.push(
          ...action.args.flatMap((one) => readDoubts(one.expression.node, written)).map(doubt),
        )
        break
      case 'raise':
        found.push(doubt(`it raises "${action.type}", and what follows is not looked into`))
        break
      case 'name':
        found.push(doubt(`it runs "${action.name}", of which only the name is known`))
        break
    }
  }
  return found
}

/** What is taken at once after every input must not depend on what such inputs write. */
const doubtsAboutAlways = (arrow: Arrow, written: ReadonlySet<string>): readonly CommuteDoubt[] =>
  guardDoubts(arrow, written, 'nobody').map((why) => ({
    path: arrow.path,
    why: `it is taken at once when it may, and ${why}`,
  }))

const guardDoubts = (
  { guard }: Arrow,
  written: ReadonlySet<string>,
  reader: 'sender' | 'nobody' = 'sender',
): readonly string[] => {
  if (!guard) return []
  if (guard.is === 'name') return [`its guard is only named: "${guard.text}"`]
  return readDoubts(guard.expression.node, written, reader)
}

/** An assignment is fine if it is `put(context.key, event.sender, …)`. */
const assignDoubts = (
  { key, expression }: Entry,
  written: ReadonlySet<string>,
): readonly string[] => {
  const { node } = expression
  const [map, at, value] = node.is === 'call' && node.name === 'put' ? node.given : []
  if (map && at && value && contextKey(map) === key && isOfEvent(at, 'sender')) {
    return readDoubts(value, written)
  }
  return [`"${key}" is not set by put(context.${key}, event.sender, …)`]
}

/** What an expression reads that another sender's input may change; `reader` says whose entry may be looked at. */
const readDoubts = (
  node: Node,
  written: ReadonlySet<string>,
  reader: 'sender' | 'nobody' = 'sender',
): readonly string[] => {
  const below = (parts: readonly Node[]): readonly string[] =>
    parts.flatMap((one) => readDoubts(one, written, reader))
  const own = reader === 'sender' ? restOfOwnEntry(node) : undefined
  if (own) return below(own)
  if (node.is === 'name' && node.name === 'context') return ['it looks at the whole context']
  const key = contextKey(node)
  if (key !== undefined) return written.has(key) ? [`it looks at all of context.${key}`] : []
  if (isOfEvent(node, 'height')) return ['it looks at event.height']
  return below(partsOf(node))
}

/** Where only the sender's own entry is looked at: the parts of the expression that remain to be looked through. */
const restOfOwnEntry = (node: Node): readonly Node[] | undefined => {
  const [map, key, ...rest] = mapAndKey(node)
  if (!map || !key || contextKey(map) === undefined || !isOfEvent(key, 'sender')) return undefined
  return rest
}

/** The map and the key of `key in map`, `map[key]` and `get(map, key, otherwise)`, and what else stands there. */
const mapAndKey = (node: Node): readonly Node[] => {
  if (node.is === 'index') return [node.of, node.index]
  if (node.is === 'binary' && node.operator === 'in') return [node.right, node.left]
  return node.is === 'call' && node.name === 'get' && !node.target ? node.given : []
}

/** The key in `context.key`. */
const contextKey = (node: Node): string | undefined =>
  (node.is === 'select' || node.is === 'has') && isName(node.of, 'context') ? node.field : undefined

const isOfEvent = (node: Node, field: string): boolean =>
  (node.is === 'select' || node.is === 'has') && isName(node.of, 'event') && node.field === field

const isName = (node: Node, name: string): boolean => node.is === 'name' && node.name === name
