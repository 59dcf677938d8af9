/**
 * What an expression looks at: for finding mistakes in definitions, and for showing that events may come in any order.
 *
 * Promise. Whatever an evaluation takes from its variables lies at or below one of the paths. The opposite does not hold:
 * a path may stand in a branch that is never taken.
 */
import { type Node, partsOf } from './syntax.ts'

/** A name, and then the fields below it. A node is an index that is known only when it is evaluated. */
export type ReadPath = readonly [string, ...(string | Node)[]]

/** Every path that is read, in the order of the source; one that is used whole ends where it is used. */
export const readsOf = (node: Node): readonly ReadPath[] => readsWithin(node, new Set())

/** The variables that an expression uses, each once. */
export const namesOf = (node: Node): readonly string[] => [
  ...new Set(readsOf(node).map(([name]) => name)),
]

/** `bound` are the variables of the macros around, which are no reads. */
const readsWithin = (node: Node, bound: ReadonlySet<string>): readonly ReadPath[] => {
  if (node.is === 'fold') {
    const inside = new Set([...bound, node.variable])
    const parts = [node.where, node.each].filter((part) => part !== undefined)
    return [node.of, ...parts].flatMap((part) =>
      readsWithin(part, part === node.of ? bound : inside),
    )
  }
  const step = stepOf(node)
  if (step !== undefined) {
    const path = pathTo(step.of, bound)
    const within = [step.of, ...step.besides].flatMap((part) =>
      part === step.of && path !== undefined ? indexReads(part, bound) : readsWithin(part, bound),
    )
    return path === undefined ? within : [[...path, ...step.to], ...within]
  }
  const path = pathTo(node, bound)
  return path === undefined
    ? partsOf(node).flatMap((part) => readsWithin(part, bound))
    : [path, ...indexReads(node, bound)]
}

type Step = {
  readonly of: Node
  readonly to: readonly (string | Node)[]
  readonly besides: readonly Node[]
}

/** Forms that look at one key of a map and at nothing else in it. */
const stepOf = (node: Node): Step | undefined => {
  if (node.is === 'has') return { of: node.of, to: [node.field], besides: [] }
  if (node.is !== 'call' || node.name !== 'get') return undefined
  const [of, key, otherwise] = node.given
  return of === undefined || key === undefined || otherwise === undefined
    ? undefined
    : { of, to: [segmentOf(key)], besides: [key, otherwise] }
}

/** Where a chain of fields and indices leads, if it begins at a variable. */
const pathTo = (node: Node, bound: ReadonlySet<string>): ReadPath | undefined => {
  if (node.is === 'name') return bound.has(node.name) ? undefined : [node.name]
  if (node.is === 'select') return extended(pathTo(node.of, bound), node.field)
  if (node.is === 'index') return extended(pathTo(node.of, bound), segmentOf(node.index))
  return undefined
}

const extended = (path: ReadPath | undefined, segment: string | Node): ReadPath | undefined =>
  path === undefined ? undefined : [...path, segment]

const segmentOf = (index: Node): string | Node =>
  index.is === 'literal' && typeof index.value === 'string' ? index.value : index

/** What the indices along a chain read themselves. */
const indexReads = (node: Node, bound: ReadonlySet<string>): readonly ReadPath[] => {
  if (node.is === 'select') return indexReads(node.of, bound)
  if (node.is !== 'index') return []
  return [...indexReads(node.of, bound), ...readsWithin(node.index, bound)]
}
