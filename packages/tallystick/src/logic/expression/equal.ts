/**
 * Whether two values are the same, for `==`, `!=`, `in` and `without`.
 *
 * Promise. Strict about types and deep: 1 is not "1", lists are equal item by item, maps key by key in whatever order.
 * Each pair looked at costs a unit and texts their length, so that comparing is never cheaper than it looks.
 */
import { EXPRESSION_DEPTH_MAX } from '../../base/limits.ts'
import { type Gas, spend, spendFor } from './run.ts'
import { fieldOf, isList, isMap, type Value } from './value.ts'

/** Missing where the values go deeper than is compared. Raises `expression/out-of-gas`. */
export const equalValues = (gas: Gas, a: Value, b: Value): boolean | undefined =>
  equalTo(gas, a, b, 0)

const equalTo = (gas: Gas, a: Value, b: Value, depth: number): boolean | undefined => {
  if (typeof a === 'string' && typeof b === 'string') {
    if (a.length !== b.length) return false
    spendFor(gas, a.length)
    return a === b
  }
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b
  if (depth >= EXPRESSION_DEPTH_MAX) return undefined
  if (isList(a)) return isList(b) && equalItems(gas, a, b, depth + 1)
  return isMap(a) && isMap(b) && equalFields(gas, a, b, depth + 1)
}

const equalItems = (
  gas: Gas,
  a: readonly Value[],
  b: readonly Value[],
  depth: number,
): boolean | undefined => {
  if (a.length !== b.length) return false
  for (const [at, item] of a.entries()) {
    spend(gas, 1)
    const other = b[at]
    const same = other !== undefined && equalTo(gas, item, other, depth)
    if (same !== true) return same
  }
  return true
}

const equalFields = (
  gas: Gas,
  a: { readonly [key: string]: Value },
  b: { readonly [key: string]: Value },
  depth: number,
): boolean | undefined => {
  const names = Object.keys(a)
  spendFor(gas, names.length)
  if (names.length !== Object.keys(b).length) return false
  // In a fixed order, since how far it gets before a difference is what it costs.
  for (const name of names.sort(compareUnits)) {
    spend(gas, 1)
    const [left, right] = [fieldOf(a, name), fieldOf(b, name)]
    const same = left !== undefined && right !== undefined && equalTo(gas, left, right, depth)
    if (same !== true) return same
  }
  return true
}

const compareUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
