/**
 * Types before anything runs: what cannot succeed is refused when an expression is read, with its place and the way out.
 *
 * Promise. What passes may still fail on values that nothing is known about here. What is refused would be refused by a
 * checker of CEL too, or is left out of this subset.
 */
import { typeOfCall } from './check-call.ts'
import { problem } from './problem.ts'
import type { FoldForm, MapEntry, Node, Operator } from './syntax.ts'
import {
  BOOL,
  DYN,
  INT,
  listOf,
  mapOf,
  mayBe,
  mixedType,
  NULL,
  sharedType,
  STRING,
  textFromType,
  type Type,
} from './type.ts'
import type { Kind } from './value.ts'

/** What each name in reach is: the variables, and those of the macros around. */
export type Reach = ReadonlyMap<string, Type>

type Of<Is extends Node['is']> = Extract<Node, { readonly is: Is }>

/**
 * Raises `expression/unknown-name`, `expression/unknown-function`, `expression/outside-subset`,
 * `expression/wrong-arguments` and `expression/wrong-type`.
 */
export const typeOf = (node: Node, reach: Reach): Type => {
  switch (node.is) {
    case 'literal':
      return typeOfLiteral(node.value)
    case 'name':
      return reach.get(node.name) ?? unknownName(node, reach)
    case 'select':
      return typeOfField(node, typeOf(node.of, reach))
    case 'has':
      typeOfField(node, typeOf(node.of, reach))
      return BOOL
    case 'index':
      return typeOfIndex(node, reach)
    case 'call':
      return typeOfCall(node, (part) => typeOf(part, reach))
    case 'fold':
      return typeOfFold(node, reach)
    case 'list':
      return listOf(mixedType(node.items.map((item) => typeOf(item, reach))))
    case 'map':
      return typeOfMap(node.entries, reach)
    case 'not':
      return demand(node.of, reach, 'bool', '! takes a condition')
    case 'negate':
      return demand(node.of, reach, 'int', '- takes a number')
    case 'binary':
      return typeOfBinary(node, reach)
    case 'and':
    case 'or':
      for (const part of node.parts) {
        demand(
          part,
          reach,
          'bool',
          node.is === 'and' ? '&& joins conditions' : '|| joins conditions',
        )
      }
      return BOOL
    case 'choice':
      return typeOfChoice(node, reach)
  }
}

/** The type of the node, which has to be able to be of the kind. Raises `expression/wrong-type`. */
const demand = (node: Node, reach: Reach, kind: 'bool' | 'int' | 'string', why: string): Type => {
  const type = typeOf(node, reach)
  if (!mayBe(type, kind)) throw wrongType(node.at, `${why}, not ${textFromType(type)}`)
  return { is: kind }
}

const typeOfLiteral = (value: null | boolean | number | string): Type => {
  if (value === null) return NULL
  if (typeof value === 'boolean') return BOOL
  return typeof value === 'number' ? INT : STRING
}

const EVENT_FIELDS: Reach = new Map([
  ['id', STRING],
  ['pubkey', STRING],
  ['created_at', INT],
  ['kind', INT],
  ['tags', listOf(listOf(STRING))],
  ['content', STRING],
  ['sig', STRING],
])

const typeOfField = (node: Of<'select' | 'has'>, type: Type): Type => {
  if (type.is === 'signed') {
    const field = EVENT_FIELDS.get(node.field)
    if (field !== undefined) return field
    const names = [...EVENT_FIELDS.keys()].join(', ')
    throw wrongType(node.at, `an event has no ${node.field}, but ${names} and tag("name")`)
  }
  if (!mayBe(type, 'map')) {
    throw wrongType(
      node.at,
      `${textFromType(type)} has no field ${node.field}; only maps have fields`,
    )
  }
  return type.is === 'map' ? type.of : DYN
}

const typeOfIndex = (node: Of<'index'>, reach: Reach): Type => {
  const type = typeOf(node.of, reach)
  if (type.is === 'list') {
    demand(node.index, reach, 'int', 'the items of a list are numbered')
    return type.of
  }
  if (type.is === 'map' || type.is === 'signed') {
    demand(node.index, reach, 'string', 'the keys of a map are strings')
    return type.is === 'map' ? type.of : DYN
  }
  if (type.is !== 'dyn') {
    throw wrongType(node.at, `${textFromType(type)} has no items; only lists and maps have`)
  }
  const index = typeOf(node.index, reach)
  if (mayBe(index, 'int') || mayBe(index, 'string')) return DYN
  throw wrongType(node.index.at, `an index is an int or a string, not ${textFromType(index)}`)
}

const typeOfFold = (node: Of<'fold'> & FoldForm, reach: Reach): Type => {
  const type = typeOf(node.of, reach)
  if (!mayBe(type, 'list') && !mayBe(type, 'map')) {
    throw wrongType(node.at, `${node.macro} goes over a list or a map, not ${textFromType(type)}`)
  }
  // Over a map it goes by the keys.
  const item = type.is === 'list' ? type.of : type.is === 'dyn' ? DYN : STRING
  const inside: Reach = new Map([...reach, [node.variable, item]])
  if (node.where !== undefined) {
    demand(node.where, inside, 'bool', `${node.macro} asks a condition of each item`)
  }
  const each = node.each === undefined ? item : typeOf(node.each, inside)
  return node.macro === 'filter' || node.macro === 'map' ? listOf(each) : BOOL
}

const typeOfMap = (entries: readonly MapEntry[], reach: Reach): Type => {
  for (const { key } of entries) demand(key, reach, 'string', 'the keys of a map are strings')
  return mapOf(mixedType(entries.map(({ value }) => typeOf(value, reach))))
}

const typeOfChoice = (node: Of<'choice'>, reach: Reach): Type => {
  demand(node.when, reach, 'bool', '? follows a condition')
  const [yes, no] = [typeOf(node.yes, reach), typeOf(node.no, reach)]
  return sharedType(yes, no) ?? unalike(node.at, 'the branches of ? : are', yes, no)
}

const typeOfBinary = (node: Of<'binary'>, reach: Reach): Type => {
  const [left, right] = [typeOf(node.left, reach), typeOf(node.right, reach)]
  switch (node.operator) {
    case '==':
    case '!=':
      if (sharedType(left, right) !== undefined) return BOOL
      return unalike(node.at, `the sides of ${node.operator} are`, left, right)
    case 'in':
      return typeOfIn(node.at, left, right)
    case '<':
    case '<=':
    case '>':
    case '>=':
      if (share(['int', 'string'], left, right)) return BOOL
      return misfit(node.at, node.operator, 'two ints or two strings', [left, right])
    case '+':
      if (share(['int', 'string', 'list'], left, right)) {
        if (left.is === 'dyn' || right.is === 'dyn') return left.is === 'dyn' ? right : left
        return sharedType(left, right) ?? unalike(node.at, 'the lists around + are', left, right)
      }
      return misfit(node.at, '+', 'two ints, two strings or two lists', [left, right])
    case '-':
    case '*':
    case '/':
    case '%':
      if (share(['int'], left, right)) return INT
      return misfit(node.at, node.operator, 'two ints', [left, right])
  }
}

const typeOfIn = (at: number, left: Type, right: Type): Type => {
  if (right.is === 'list') {
    if (sharedType(left, right.of) !== undefined) return BOOL
    return unalike(at, 'what in looks for and where are', left, right)
  }
  if (mayBe(right, 'map')) {
    if (right.is === 'dyn' || mayBe(left, 'string')) return BOOL
    throw wrongType(at, `the keys of a map are strings, not ${textFromType(left)}`)
  }
  throw wrongType(at, `in looks into a list or a map, not ${textFromType(right)}`)
}

const share = (kinds: readonly Kind[], left: Type, right: Type): boolean =>
  kinds.some((kind) => mayBe(left, kind) && mayBe(right, kind))

const unknownName = (node: Of<'name'>, reach: Reach): never => {
  const known = [...reach.keys()].join(', ')
  throw problem(
    'expression/unknown-name',
    node.at,
    `nothing is called ${node.name}${known === '' ? '' : `; there are ${known}`}`,
  )
}

const misfit = (at: number, operator: Operator, wanted: string, types: readonly Type[]): never => {
  throw wrongType(at, `${operator} takes ${wanted}, not ${types.map(textFromType).join(' and ')}`)
}

const unalike = (at: number, what: string, left: Type, right: Type): never => {
  const [a, b] = [textFromType(left), textFromType(right)]
  throw wrongType(at, `${what} ${a} and ${b}; write dyn() around one if that is meant`)
}

const wrongType = (at: number, why: string): Error => problem('expression/wrong-type', at, why)
