/**
 * From a source to its tree, by descent through CEL's grammar (`docs/spec/expressions.md`).
 *
 * Promise. A source has one tree or is refused with the place. Length is checked first, then depth at each node and
 * bracket, so that neither this file nor what walks the tree later can be led to exhaust the stack.
 */
import { Fault } from '../../base/fault.ts'
import { EXPRESSION_CHARACTERS_MAX, EXPRESSION_DEPTH_MAX } from '../../base/limits.ts'
import { macroNamed, foldFrom, hasFrom } from './parse-macro.ts'
import { problem } from './problem.ts'
import { type Form, type MapEntry, type Node, type Operator, partsOf } from './syntax.ts'
import { type Token, tokensFrom } from './token.ts'

/**
 * Raises `expression/too-long`, `expression/too-deep`, `expression/malformed`, `expression/outside-subset`,
 * `expression/out-of-range` and `expression/wrong-arguments`.
 */
export const nodeFrom = (source: string): Node => {
  if (source.length > EXPRESSION_CHARACTERS_MAX) {
    throw new Fault(
      'expression/too-long',
      `${source.length} characters where at most ${EXPRESSION_CHARACTERS_MAX} are read`,
    )
  }
  const reading: Reading = { tokens: tokensFrom(source), next: 0, brackets: 0 }
  const node = readExpression(reading)
  const rest = peek(reading)
  if (rest.is !== 'end') {
    throw problem('expression/malformed', rest.at, `${spelled(rest)} after a whole expression`)
  }
  return node
}

/** Makes a node, and refuses the one that is a level too much. */
export const nodeAt = (at: number, form: Form): Node => {
  let below = 0
  for (const part of partsOf(form)) below = Math.max(below, part.depth)
  if (below >= EXPRESSION_DEPTH_MAX) throw tooDeep(at)
  return { ...form, at, depth: below + 1 }
}

type Reading = { readonly tokens: readonly Token[]; next: number; brackets: number }

// Bounded recursion: each way back to here has passed a bracket or a branch, which are counted.
const readExpression = (reading: Reading): Node => {
  reading.brackets++
  if (reading.brackets > EXPRESSION_DEPTH_MAX) throw tooDeep(peek(reading).at)
  const when = readChain(reading, '||')
  const { at } = peek(reading)
  let node = when
  if (takes(reading, '?')) {
    const yes = readChain(reading, '||')
    expect(reading, ':', 'between the two branches')
    node = nodeAt(at, { is: 'choice', when, yes, no: readExpression(reading) })
  }
  reading.brackets--
  return node
}

const readChain = (reading: Reading, sign: '||' | '&&'): Node => {
  const readPart = (): Node => (sign === '||' ? readChain(reading, '&&') : readBinary(reading, 0))
  const first = readPart()
  const { at } = peek(reading)
  const parts = [first]
  while (takes(reading, sign)) parts.push(readPart())
  return parts.length === 1 ? first : nodeAt(at, { is: sign === '||' ? 'or' : 'and', parts })
}

/** From what binds least to what binds most; all of them bind from the left. */
const LEVELS: readonly ReadonlyMap<string, Operator>[] = [
  new Map<string, Operator>([
    ['==', '=='],
    ['!=', '!='],
    ['<', '<'],
    ['<=', '<='],
    ['>', '>'],
    ['>=', '>='],
    ['in', 'in'],
  ]),
  new Map<string, Operator>([
    ['+', '+'],
    ['-', '-'],
  ]),
  new Map<string, Operator>([
    ['*', '*'],
    ['/', '/'],
    ['%', '%'],
  ]),
]

const readBinary = (reading: Reading, level: number): Node => {
  const operators = LEVELS[level]
  if (operators === undefined) return readUnary(reading)
  let left = readBinary(reading, level + 1)
  for (;;) {
    const token = peek(reading)
    const operator =
      token.is === 'symbol' || token.is === 'name' ? operators.get(token.text) : undefined
    if (operator === undefined) return left
    reading.next++
    const right = readBinary(reading, level + 1)
    left = nodeAt(token.at, { is: 'binary', operator, left, right })
  }
}

const readUnary = (reading: Reading): Node => {
  const { at } = peek(reading)
  const sign = takes(reading, '!') ? '!' : takes(reading, '-') ? '-' : undefined
  if (sign === undefined) return readMember(reading)
  let count = 1
  while (takes(reading, sign)) count++
  let node = readMember(reading)
  if (sign === '-' && node.is === 'literal' && typeof node.value === 'number') {
    // The sign belongs to the number. Adding 0 turns −0, which is not another number here, into 0.
    node = nodeAt(at, { is: 'literal', value: 0 - node.value })
    count--
  }
  for (; count > 0; count--) node = nodeAt(at, { is: sign === '!' ? 'not' : 'negate', of: node })
  return node
}

const readMember = (reading: Reading): Node => {
  let node = readPrimary(reading)
  for (;;) {
    const { at } = peek(reading)
    if (takes(reading, '.')) node = readSelection(reading, node)
    else if (takes(reading, '[')) {
      if (peeksSymbol(reading, '?')) throw optional(at)
      const index = readExpression(reading)
      expect(reading, ']', 'after an index')
      node = nodeAt(at, { is: 'index', of: node, index })
    } else if (peeksSymbol(reading, '{')) {
      throw problem(
        'expression/outside-subset',
        at,
        'messages with a type are left out; write a map, {"key": value}',
      )
    } else return node
  }
}

/** What follows the point: a field, a function of what stands before it, or a macro over it. */
const readSelection = (reading: Reading, of: Node): Node => {
  const token = peek(reading)
  if (token.is === 'symbol' && token.text === '?') throw optional(token.at)
  if (token.is !== 'name' || KEYWORDS.has(token.text)) {
    throw problem('expression/malformed', token.at, 'a point without a name after it')
  }
  reading.next++
  if (!takes(reading, '(')) return nodeAt(token.at, { is: 'select', of, field: token.text })
  const given = readList(reading, ')', 'after the arguments')
  const macro = macroNamed(token.text)
  const form: Form =
    macro === undefined
      ? { is: 'call', name: token.text, target: of, given }
      : foldFrom(token.at, { macro, of, given })
  return nodeAt(token.at, form)
}

const KEYWORDS: ReadonlySet<string> = new Set(['true', 'false', 'null', 'in'])

/** Words that CEL keeps for languages around it. They may follow a point, and name nothing by themselves. */
const RESERVED: ReadonlySet<string> = new Set(
  (
    'as break const continue else for function if import let loop package namespace return var ' +
    'void while'
  ).split(' '),
)

const readPrimary = (reading: Reading): Node => {
  const token = peek(reading)
  reading.next++
  switch (token.is) {
    case 'int':
    case 'text':
      return nodeAt(token.at, { is: 'literal', value: token.value })
    case 'name':
      return readName(reading, token.text, token.at)
    case 'symbol':
      return readBracket(reading, token.text, token.at)
    case 'end':
      throw problem('expression/malformed', token.at, 'the source ends where a value is expected')
  }
}

const readName = (reading: Reading, name: string, at: number): Node => {
  if (name === 'null') return nodeAt(at, { is: 'literal', value: null })
  if (name === 'true' || name === 'false') {
    return nodeAt(at, { is: 'literal', value: name === 'true' })
  }
  if (name === 'in') throw problem('expression/malformed', at, 'in has nothing on its left')
  if (RESERVED.has(name)) {
    throw problem('expression/malformed', at, `${name} is a reserved word; take another name`)
  }
  if (!takes(reading, '(')) return nodeAt(at, { is: 'name', name })
  const given = readList(reading, ')', 'after the arguments')
  const form: Form =
    name === 'has' ? hasFrom(at, given) : { is: 'call', name, target: undefined, given }
  return nodeAt(at, form)
}

const readBracket = (reading: Reading, sign: string, at: number): Node => {
  switch (sign) {
    case '(': {
      const node = readExpression(reading)
      expect(reading, ')', 'after a bracket')
      return node
    }
    case '[':
      return nodeAt(at, { is: 'list', items: readList(reading, ']', 'after a list') })
    case '{':
      return nodeAt(at, { is: 'map', entries: readEntries(reading) })
    case '.':
      throw problem('expression/outside-subset', at, 'names have no point before them; drop it')
    default:
      throw problem('expression/malformed', at, `${sign} where a value is expected`)
  }
}

/** Expressions with commas between them; a list, not a call, may have one after the last. */
const readList = (reading: Reading, close: ']' | ')', where: string): readonly Node[] => {
  const items: Node[] = []
  if (takes(reading, close)) return items
  do {
    if (close === ']' && items.length > 0 && peeksSymbol(reading, close)) break
    if (peeksSymbol(reading, '?')) throw optional(peek(reading).at)
    items.push(readExpression(reading))
  } while (takes(reading, ','))
  expect(reading, close, where)
  return items
}

const readEntries = (reading: Reading): readonly MapEntry[] => {
  const entries: MapEntry[] = []
  if (takes(reading, '}')) return entries
  do {
    if (entries.length > 0 && peeksSymbol(reading, '}')) break
    if (peeksSymbol(reading, '?')) throw optional(peek(reading).at)
    const key = readExpression(reading)
    expect(reading, ':', 'after a key')
    entries.push({ key, value: readExpression(reading) })
  } while (takes(reading, ','))
  expect(reading, '}', 'after a map')
  return entries
}

const peek = (reading: Reading): Token =>
  // The last token is the end, and nothing goes on behind it.
  reading.tokens[Math.min(reading.next, reading.tokens.length - 1)] ?? { is: 'end', at: 0 }

const peeksSymbol = (reading: Reading, text: string): boolean => {
  const token = peek(reading)
  return token.is === 'symbol' && token.text === text
}

const takes = (reading: Reading, text: string): boolean => {
  if (!peeksSymbol(reading, text)) return false
  reading.next++
  return true
}

const expect = (reading: Reading, text: string, where: string): void => {
  if (takes(reading, text)) return
  const token = peek(reading)
  throw problem('expression/malformed', token.at, `no ${text} ${where}, but ${spelled(token)}`)
}

const spelled = (token: Token): string => {
  switch (token.is) {
    case 'int':
      return String(token.value)
    case 'text':
      return 'a text'
    case 'end':
      return 'the end'
    case 'name':
    case 'symbol':
      return token.text
  }
}

const optional = (at: number): Fault =>
  problem('expression/outside-subset', at, 'optional values are left out; write has() or get()')

const tooDeep = (at: number): Fault =>
  problem('expression/too-deep', at, `more than ${EXPRESSION_DEPTH_MAX} levels; split it`)
