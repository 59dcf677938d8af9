/** Functions that make a map or a list from another. What they are given stays as it is. */
import { EXPRESSION_KEYS_MAX } from '../../base/limits.ts'
import { equalValues } from './equal.ts'
import type { LanguageFunction } from './function.ts'
import { unfit } from './operate.ts'
import { fail, type Frame, type Gas, spend } from './run.ts'
import { DYN, listOf, mapOf, mixedType, sharedType, STRING, type Type } from './type.ts'
import {
  fieldOf,
  isForbiddenKey,
  isList,
  isMap,
  sortedKeys,
  type Value,
  type ValueMap,
} from './value.ts'

const put: LanguageFunction = {
  stands: 'before',
  takes: [['map'], ['string'], 'any'],
  gives: ([map = DYN, , value = DYN]) => mapOf(mixedType([itemType(map), value])),
  form: 'put(map, string, value)',
  run: (frame, given, at) => {
    const [map = null, key = null, value = null] = given
    if (!isMap(map) || typeof key !== 'string') return unfit(frame, at, put.form, ...given)
    if (isForbiddenKey(key)) return forbidden(frame, at, key)
    const copy = copied(frame.gas, map)
    copy[key] = value
    if (Object.keys(copy).length <= EXPRESSION_KEYS_MAX) return copy
    return fail(frame, {
      code: 'expression/too-large',
      at,
      why: `more than ${EXPRESSION_KEYS_MAX} keys in one map`,
    })
  },
}

const del: LanguageFunction = {
  stands: 'before',
  takes: [['map'], ['string']],
  gives: ([map = DYN]) => mapOf(itemType(map)),
  form: 'del(map, string)',
  run: (frame, given, at) => {
    const [map = null, key = null] = given
    if (!isMap(map) || typeof key !== 'string') return unfit(frame, at, del.form, ...given)
    const copy = copied(frame.gas, map)
    delete copy[key]
    return copy
  },
}

const get: LanguageFunction = {
  stands: 'before',
  takes: [['map'], ['string'], 'any'],
  gives: ([map = DYN, , otherwise = DYN]) => sharedType(itemType(map), otherwise),
  form: 'get(map, string, value if there is none)',
  run: (frame, given, at) => {
    const [map = null, key = null, otherwise] = given
    if (!isMap(map) || typeof key !== 'string') return unfit(frame, at, get.form, ...given)
    const value = fieldOf(map, key)
    return value === undefined ? otherwise : value
  },
}

const keys: LanguageFunction = {
  stands: 'before',
  takes: [['map']],
  gives: () => listOf(STRING),
  form: 'keys(map)',
  run: (frame, given, at) => {
    const [map = null] = given
    return isMap(map) ? paidKeys(frame.gas, map) : unfit(frame, at, keys.form, map)
  },
}

const without: LanguageFunction = {
  stands: 'before',
  takes: [['list'], 'any'],
  gives: ([list = DYN]) => listOf(itemType(list)),
  form: 'without(list, value)',
  run: (frame, given, at) => {
    const [list = null, unwanted = null] = given
    if (!isList(list)) return unfit(frame, at, without.form, ...given)
    const rest: Value[] = []
    for (const item of list) {
      spend(frame.gas, 1)
      const same = equalValues(frame.gas, item, unwanted)
      if (same === undefined) {
        return fail(frame, { code: 'expression/too-deep', at, why: 'items too deep to compare' })
      }
      if (!same) rest.push(item)
    }
    return rest
  },
}

/** The keys in their order, paid for as sorting takes it. Raises `expression/out-of-gas`. */
export const paidKeys = (gas: Gas, map: ValueMap): string[] => {
  const names = Object.keys(map)
  let characters = 0
  for (const name of names) characters += name.length
  const rounds = 32 - Math.clz32(names.length)
  spend(gas, names.length * rounds + ((characters * rounds) >>> 5))
  return sortedKeys(map)
}

export const forbidden = (frame: Frame, at: number, key: string): undefined =>
  fail(frame, { code: 'expression/forbidden-key', at, why: `${key} is no key; take another` })

/** A map's copy costs a unit for each four keys, since each is hashed again. */
const copied = (gas: Gas, map: ValueMap): Record<string, Value> => {
  spend(gas, Object.keys(map).length >>> 2)
  return { __proto__: null, ...map }
}

const itemType = (type: Type): Type => (type.is === 'list' || type.is === 'map' ? type.of : DYN)

export const MAP_FUNCTIONS: readonly (readonly [string, LanguageFunction])[] = [
  ['put', put],
  ['del', del],
  ['get', get],
  ['keys', keys],
  ['without', without],
]
