/**
 * From a tree to a function that runs it.
 *
 * Promise. Each node costs a unit when it is reached and each item of a macro another, before their work is done. The
 * order is fixed: operands from left to right, maps by the code points of their keys. What runs twice on the same
 * values costs and gives the same.
 */
import { assert } from '../../base/assert.ts'
import { EXPRESSION_ITEMS_MAX, EXPRESSION_KEYS_MAX } from '../../base/limits.ts'
import { compileFold } from './compile-fold.ts'
import { FUNCTIONS } from './functions.ts'
import { forbidden } from './function-map.ts'
import { negated, OPERATIONS, unfit } from './operate.ts'
import { fail, type Frame, type Result, type Run, spend, spendFor } from './run.ts'
import type { Node } from './syntax.ts'
import { fieldOf, isForbiddenKey, isList, isMap, type Value } from './value.ts'

/** Where in the frame each name's value stands. */
export type Slots = {
  readonly of: ReadonlyMap<string, number>
  /** How many are taken; more than there are names where an inner one hides an outer. */
  readonly taken: number
}

/** The first places are the variables', in this order. */
export const slotsFor = (names: readonly string[]): Slots => ({
  of: new Map(names.map((name, slot) => [name, slot])),
  taken: names.length,
})

type Of<Is extends Node['is']> = Extract<Node, { readonly is: Is }>

/** Expects a tree that `typeOf` has passed. */
export const runFrom = (node: Node, slots: Slots): Run => {
  switch (node.is) {
    case 'literal':
      return literalRun(node.value)
    case 'name':
      return nameRun(node, slots)
    case 'select':
      return selectRun(node, slots)
    case 'has':
      return hasRun(node, runFrom(node.of, slots))
    case 'index':
      return indexRun(node, slots)
    case 'call':
      return callRun(node, slots)
    case 'fold':
      return foldRun(node, slots)
    case 'list':
      return listRun(node, slots)
    case 'map':
      return mapRun(node, slots)
    case 'not':
      return notRun(node, runFrom(node.of, slots))
    case 'negate':
      return negateRun(node, runFrom(node.of, slots))
    case 'binary':
      return binaryRun(node, slots)
    case 'and':
    case 'or':
      return chainRun(node, slots)
    case 'choice':
      return choiceRun(node, slots)
  }
}

const literalRun =
  (value: Value): Run =>
  (frame) => {
    spend(frame.gas, 1)
    return value
  }

const nameRun = ({ name, at }: Of<'name'>, slots: Slots): Run => {
  const slot = slotOf(name, slots)
  return (frame) => {
    spend(frame.gas, 1)
    const value = frame.values[slot]
    return value === undefined ? withoutValue(frame, name, at) : value
  }
}

const slotOf = (name: string, slots: Slots): number => {
  const slot = slots.of.get(name)
  assert(slot !== undefined, 'the check knows every name')
  return slot
}

const withoutValue = (frame: Frame, name: string, at: number): undefined =>
  fail(frame, { code: 'expression/no-such-key', at, why: `${name} has no value here` })

const selectRun = (node: Of<'select'>, slots: Slots): Run => {
  const { field, at, of } = node
  const spot = spotOf(of, at)
  // Most of what is evaluated are fields of variables: two nodes, and one function for both.
  if (of.is === 'name') {
    const slot = slotOf(of.name, slots)
    return (frame) => {
      spend(frame.gas, 2)
      const map = frame.values[slot]
      return map === undefined
        ? withoutValue(frame, of.name, of.at)
        : fieldIn(frame, map, field, spot)
    }
  }
  const run = runFrom(of, slots)
  return (frame) => {
    spend(frame.gas, 1)
    const map = run(frame)
    return map === undefined ? undefined : fieldIn(frame, map, field, spot)
  }
}

/** Where a field is looked for: the place in the source, and the fields above it with a point behind, as far as they are written out. */
type Spot = { readonly at: number; readonly above: string }

const spotOf = (of: Node, at: number): Spot => ({ at, above: pathText(of) })

/** The whole chain, "machine.roles."; nothing where one of its links is computed. */
const pathText = (node: Node): string => {
  if (node.is === 'name') return `${node.name}.`
  if (node.is !== 'select') return ''
  const above = pathText(node.of)
  return above === '' ? '' : `${above}${node.field}.`
}

const fieldIn = (frame: Frame, map: Value, key: string, { at, above }: Spot): Result => {
  if (!isMap(map)) return unfit(frame, at, `only a map has a field ${key}`, map)
  const value = fieldOf(map, key)
  if (value !== undefined) return value
  const why = `no ${above}${key} here; ask has() first or use get()`
  return fail(frame, { code: 'expression/no-such-key', at, why })
}

const hasRun =
  ({ field, at }: Of<'has'>, of: Run): Run =>
  (frame) => {
    spend(frame.gas, 1)
    const map = of(frame)
    if (map === undefined) return undefined
    if (!isMap(map)) return unfit(frame, at, `only a map may have a field ${field}`, map)
    return fieldOf(map, field) !== undefined
  }

const indexRun = (node: Of<'index'>, slots: Slots): Run => {
  const [of, index, at] = [runFrom(node.of, slots), runFrom(node.index, slots), node.at]
  const spot = spotOf(node.of, at)
  return (frame) => {
    spend(frame.gas, 1)
    const from = of(frame)
    if (from === undefined) return undefined
    const key = index(frame)
    if (key === undefined) return undefined
    if (typeof key === 'string') return fieldIn(frame, from, key, spot)
    if (!isList(from) || typeof key !== 'number') {
      return unfit(frame, at, 'a list has numbered items and a map has strings for keys', from, key)
    }
    const item = from[key]
    if (item !== undefined) return item
    const why = `no item ${key} in a list of ${from.length}`
    return fail(frame, { code: 'expression/no-such-item', at, why })
  }
}

const callRun = (node: Of<'call'>, slots: Slots): Run => {
  const called = FUNCTIONS.get(node.name)
  assert(called !== undefined, 'the check knows every function')
  const nodes = node.target === undefined ? node.given : [node.target, ...node.given]
  const parts = nodes.map((part) => runFrom(part, slots))
  const { at } = node
  return (frame) => {
    spend(frame.gas, 1)
    const given = valuesFrom(frame, parts)
    return given === undefined ? undefined : called.run(frame, given, at)
  }
}

/** The values of all parts, or nothing where one fails. */
const valuesFrom = (frame: Frame, parts: readonly Run[]): Value[] | undefined => {
  const values: Value[] = []
  for (const part of parts) {
    const value = part(frame)
    if (value === undefined) return undefined
    values.push(value)
  }
  return values
}

const foldRun = (node: Of<'fold'>, slots: Slots): Run => {
  const { of, taken } = slots
  const inside: Slots = { of: new Map([...of, [node.variable, taken]]), taken: taken + 1 }
  return compileFold(node, taken, {
    of: runFrom(node.of, slots),
    where: node.where && runFrom(node.where, inside),
    each: node.each && runFrom(node.each, inside),
  })
}

const listRun = (node: Of<'list'>, slots: Slots): Run => {
  const parts = node.items.map((item) => runFrom(item, slots))
  const { at } = node
  return (frame) => {
    spend(frame.gas, 1)
    if (parts.length > EXPRESSION_ITEMS_MAX) {
      const why = `more than ${EXPRESSION_ITEMS_MAX} items in one list`
      return fail(frame, { code: 'expression/too-large', at, why })
    }
    spendFor(frame.gas, parts.length)
    return valuesFrom(frame, parts)
  }
}

const mapRun = (node: Of<'map'>, slots: Slots): Run => {
  const entries = node.entries.map(({ key, value }) => ({
    key: runFrom(key, slots),
    value: runFrom(value, slots),
    at: key.at,
  }))
  const { at } = node
  return (frame) => {
    spend(frame.gas, 1)
    if (entries.length > EXPRESSION_KEYS_MAX) {
      const why = `more than ${EXPRESSION_KEYS_MAX} keys in one map`
      return fail(frame, { code: 'expression/too-large', at, why })
    }
    spendFor(frame.gas, entries.length)
    const map: Record<string, Value> = { __proto__: null }
    for (const entry of entries) {
      const key = entry.key(frame)
      if (key === undefined) return undefined
      if (typeof key !== 'string') return unfit(frame, entry.at, 'a key is a string', key)
      if (isForbiddenKey(key)) return forbidden(frame, entry.at, key)
      if (map[key] !== undefined) {
        const why = `the key ${key} stands here for the second time`
        return fail(frame, { code: 'expression/key-twice', at: entry.at, why })
      }
      const value = entry.value(frame)
      if (value === undefined) return undefined
      map[key] = value
    }
    return map
  }
}

const notRun =
  ({ at }: Of<'not'>, of: Run): Run =>
  (frame) => {
    spend(frame.gas, 1)
    const value = of(frame)
    if (value === undefined) return undefined
    return typeof value === 'boolean' ? !value : unfit(frame, at, '! takes a bool', value)
  }

const negateRun =
  ({ at }: Of<'negate'>, of: Run): Run =>
  (frame) => {
    spend(frame.gas, 1)
    const value = of(frame)
    return value === undefined ? undefined : negated(frame, value, at)
  }

const binaryRun = (node: Of<'binary'>, slots: Slots): Run => {
  const [left, right] = [runFrom(node.left, slots), runFrom(node.right, slots)]
  const operate = OPERATIONS[node.operator]
  const { at } = node
  return (frame) => {
    spend(frame.gas, 1)
    const a = left(frame)
    if (a === undefined) return undefined
    const b = right(frame)
    return b === undefined ? undefined : operate(frame, a, b, at)
  }
}

/**
 * `false && x` is false and `true || x` is true, whatever `x` is and on whichever side it stands: a part that fails
 * counts only if no other part decides. So the order of conditions changes what is paid, and never what comes out.
 */
const chainRun = (node: Of<'and' | 'or'>, slots: Slots): Run => {
  const parts = node.parts.map((part) => ({ run: runFrom(part, slots), at: part.at }))
  const decides = node.is === 'or'
  const sign = decides ? '||' : '&&'
  return (frame) => {
    spend(frame.gas, 1)
    let failure
    for (const part of parts) {
      const value = part.run(frame)
      if (value === decides) return decides
      if (value === !decides) continue
      if (value !== undefined) unfit(frame, part.at, `${sign} joins bools`, value)
      failure ??= frame.failure
    }
    return failure === undefined ? !decides : fail(frame, failure)
  }
}

const choiceRun = (node: Of<'choice'>, slots: Slots): Run => {
  const when = runFrom(node.when, slots)
  const [yes, no] = [runFrom(node.yes, slots), runFrom(node.no, slots)]
  const { at } = node
  return (frame) => {
    spend(frame.gas, 1)
    const condition = when(frame)
    if (condition === undefined) return undefined
    if (typeof condition !== 'boolean') return unfit(frame, at, '? follows a bool', condition)
    return condition ? yes(frame) : no(frame)
  }
}
