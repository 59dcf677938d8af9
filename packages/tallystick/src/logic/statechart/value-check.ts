/**
 * What may stand in a context, in the data of an event and in outputs: JSON with whole numbers, no deeper and no larger
 * than the limits, so that everybody can hold it and write it down in one way.
 */
import { EXPRESSION_ITEMS_MAX, EXPRESSION_KEYS_MAX, VALUE_DEPTH_MAX } from '../../base/limits.ts'
import type { Json } from '../../forms/strict-json.ts'
import { isForbiddenKey, isList, type Value, type ValueMap } from '../expression/value.ts'
import type { Report } from './report.ts'

/** Why the value cannot be kept, or undefined. */
export const whyNotKept = (value: Value, depth: number = 0): string | undefined => {
  if (value === null || typeof value === 'boolean') return undefined
  if (typeof value === 'number')
    return Number.isSafeInteger(value) ? undefined : 'a number that is no safe integer'
  if (typeof value === 'string')
    return value.isWellFormed() ? undefined : 'a text with an unpaired surrogate'
  if (depth >= VALUE_DEPTH_MAX) return `more than ${VALUE_DEPTH_MAX} levels`
  return isList(value) ? whyNoList(value, depth) : whyNoMap(value, depth)
}

const whyNoList = (list: readonly Value[], depth: number): string | undefined => {
  if (list.length > EXPRESSION_ITEMS_MAX) return `a list of more than ${EXPRESSION_ITEMS_MAX}`
  for (const item of list) {
    const why = whyNotKept(item, depth + 1)
    if (why !== undefined) return why
  }
  return undefined
}

const whyNoMap = (map: ValueMap, depth: number): string | undefined => {
  const keys = Object.keys(map)
  if (keys.length > EXPRESSION_KEYS_MAX) return `a map of more than ${EXPRESSION_KEYS_MAX} keys`
  for (const key of keys) {
    if (isForbiddenKey(key) || !key.isWellFormed()) return 'a key that is not allowed'
    const why = whyNotKept(map[key] ?? null, depth + 1)
    if (why !== undefined) return why
  }
  return undefined
}

/** Bytes of the value in canonical JSON (RFC 8785). */
export const canonicalSize = (value: Value): number => {
  if (value === null || typeof value === 'boolean' || typeof value === 'number')
    return String(value).length
  if (typeof value === 'string') return textSize(value)
  if (isList(value)) {
    let size = Math.max(2, value.length + 1)
    for (const item of value) size += canonicalSize(item)
    return size
  }
  const keys = Object.keys(value)
  let size = Math.max(2, 2 * keys.length + 1)
  for (const key of keys) size += textSize(key) + canonicalSize(value[key] ?? null)
  return size
}

const textSize = (text: string): number => {
  let size = text.length + 2
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit < 0x20) size += SHORT.has(unit) ? 1 : 5
    else if (unit === 0x22 || unit === 0x5c) size += 1
    // A pair has two units and four bytes; each half counts as two.
    else if (unit >= 0x80) size += unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 1 : 2
  }
  return size
}

/** Control characters with a short escape: \b \t \n \f \r. */
const SHORT: ReadonlySet<number> = new Set([8, 9, 10, 12, 13])

/** A part of a definition as a value; what cannot be kept is a problem. */
export const valueAt = (report: Report, json: Json, path: string): Value => {
  const why = whyNotKept(json)
  if (why !== undefined) {
    report.problems.push({
      code: 'bad-value',
      path,
      message: why,
      fix: 'keep values small, and large ones outside of the machine under their hash',
    })
  }
  return json
}
