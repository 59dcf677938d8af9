/** Types of calls: which function is meant, and whether its arguments can be what it takes. */
import { FUNCTIONS, LEFT_OUT } from './functions.ts'
import type { Accepted, LanguageFunction } from './function.ts'
import { problem } from './problem.ts'
import type { CallForm, Node } from './syntax.ts'
import { mayBe, textFromType, type Type } from './type.ts'

type Call = Node & CallForm

/**
 * `typeOf` gives the type of an argument. Raises `expression/unknown-function`, `expression/outside-subset`,
 * `expression/wrong-arguments`, `expression/wrong-type`.
 */
export const typeOfCall = (node: Call, typeOf: (part: Node) => Type): Type => {
  const called = FUNCTIONS.get(node.name) ?? unknownFunction(node)
  const given = node.target === undefined ? node.given : [node.target, ...node.given]
  const stands = node.target === undefined ? 'before' : 'behind'
  if (called.stands !== 'either' && called.stands !== stands) throw wrongForm(node, called)
  const { length } = called.takes
  if (given.length < length || (given.length > length && called.repeats !== true)) {
    throw wrongForm(node, called)
  }
  const types = given.map(typeOf)
  for (const [index, type] of types.entries()) {
    const accepted = called.takes[Math.min(index, length - 1)] ?? 'any'
    if (!accepts(accepted, type)) {
      throw problem(
        'expression/wrong-type',
        given[index]?.at ?? node.at,
        `no ${textFromType(type)} belongs here; write ${called.form}`,
      )
    }
  }
  return called.gives(types) ?? unalike(node, types)
}

const accepts = (accepted: Accepted, type: Type): boolean => {
  if (accepted === 'any') return true
  if (accepted === 'signed') return type.is === 'signed'
  return accepted.some((kind) => mayBe(type, kind))
}

const unknownFunction = (node: Call): never => {
  const instead = LEFT_OUT.get(node.name)
  if (instead !== undefined) {
    throw problem('expression/outside-subset', node.at, `${node.name}() is left out: ${instead}`)
  }
  const known = [...FUNCTIONS.keys()].join(', ')
  throw problem('expression/unknown-function', node.at, `no ${node.name}(); there are ${known}`)
}

const wrongForm = (node: Call, called: LanguageFunction): Error =>
  problem('expression/wrong-arguments', node.at, `write ${called.form}`)

const unalike = (node: Call, types: readonly Type[]): never => {
  throw problem(
    'expression/wrong-type',
    node.at,
    `${types.map(textFromType).join(', ')} do not go together; write dyn() around the last`,
  )
}
