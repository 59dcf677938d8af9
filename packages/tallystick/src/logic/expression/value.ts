/**
 * Values of expressions: what JSON can hold, with whole numbers only.
 *
 * Promise. Nothing here depends on the order in which an object keeps its keys, on a locale, or on what an object
 * inherits. Texts are compared and counted by code points, as CEL does, not by the halves that this language keeps
 * them in. Whoever hands values in has read them strictly: numbers are safe integers, texts hold no unpaired surrogate.
 */

/** Numbers are integers within ±(2^53 − 1). */
export type Value =
  | null
  | boolean
  | number
  | string
  | readonly Value[]
  | { readonly [key: string]: Value }

export type ValueMap = { readonly [key: string]: Value }

/** What a value is, in the words of CEL. */
export type Kind = 'null' | 'bool' | 'int' | 'string' | 'list' | 'map'

export const isList = (value: Value | undefined): value is readonly Value[] => Array.isArray(value)

export const isMap = (value: Value | undefined): value is ValueMap =>
  typeof value === 'object' && value !== null && !isList(value)

export const kindOf = (value: Value): Kind => {
  if (value === null) return 'null'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'number') return 'int'
  if (typeof value === 'string') return 'string'
  return isList(value) ? 'list' : 'map'
}

/** What the map itself holds under the key; what it inherits, `constructor` say, is not there. */
export const fieldOf = (map: ValueMap, key: string): Value | undefined =>
  Object.hasOwn(map, key) ? map[key] : undefined

/** The keys of a map in the order of their code points. */
export const sortedKeys = (map: ValueMap): string[] => Object.keys(map).sort(compareTexts)

/** Keys that reach into the prototype of an ordinary object which somebody copies a map to. */
export const isForbiddenKey = (key: string): boolean =>
  key === '__proto__' || key === 'constructor' || key === 'prototype'

/** Order by code points: negative, zero or positive. */
export const compareTexts = (a: string, b: string): number => {
  const shared = Math.min(a.length, b.length)
  for (let at = 0; at < shared; at++) {
    const left = a.charCodeAt(at)
    const right = b.charCodeAt(at)
    if (left !== right) return rankOfUnit(left) - rankOfUnit(right)
  }
  return a.length - b.length
}

// Halves of a pair (d800 to dfff) stand for code points above ffff, and so rank above e000 to ffff.
const rankOfUnit = (unit: number): number =>
  unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800

/** How many code points a text has. */
export const codePointsOf = (text: string): number => {
  let count = text.length
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit >= 0xdc00 && unit < 0xe000) count--
  }
  return count
}
