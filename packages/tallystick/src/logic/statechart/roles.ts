/**
 * The roles that a definition counts on, as far as its expressions name them.
 *
 * Promise. A role that some expression reads as `machine.roles.NAME`, and that none asks for with `has()` or `get()`, is among them: where
 * nobody has it, that expression fails.
 *
 * Not promised. Roles whose names are computed. Nor that a machine is of no use without one of them: the expression may never be reached, or
 * stand behind an `||` that another part decides.
 */
import { readsOf } from '../expression/reads.ts'
import { type Node, partsOf } from '../expression/syntax.ts'
import type { Action, Definition, Entry } from './chart.ts'
import { arrowsOf } from './lint.ts'

/** Each once, in document order. */
export const rolesReadBy = ({ states }: Definition): readonly string[] => {
  const nodes = states.flatMap((state) => [
    ...[...state.entry, ...state.exit].flatMap(nodesOf),
    ...arrowsOf(state).flatMap(({ guard, actions }) => [
      ...(guard?.is === 'expression' ? [guard.expression.node] : []),
      ...actions.flatMap(nodesOf),
    ]),
  ])
  const asked = new Set(nodes.flatMap(askedIn))
  return [...new Set(nodes.flatMap(readIn))].filter((role) => !asked.has(role))
}

const nodesOf = (action: Action): readonly Node[] =>
  entriesOf(action).map((one) => one.expression.node)

const entriesOf = (action: Action): readonly Entry[] => {
  switch (action.is) {
    case 'assign':
      return action.set
    case 'raise':
      return action.data
    case 'effect':
      return action.args
    case 'name':
      return []
  }
}

const readIn = (node: Node): readonly string[] => readsOf(node).flatMap(roleIn)

const roleIn = ([name, roles, role]: readonly (string | Node)[]): readonly string[] =>
  name === 'machine' && roles === 'roles' && typeof role === 'string' ? [role] : []

/** Roles that a part of the expression only asks for. */
const askedIn = (node: Node): readonly string[] => {
  const isAsking = node.is === 'has' || (node.is === 'call' && node.name === 'get')
  return [...(isAsking ? readIn(node) : []), ...partsOf(node).flatMap(askedIn)]
}
