/**
 * JSON in its one spelling: RFC 8785, for values that `strict-json.ts` reads.
 *
 * Promise. Two equal values have one spelling, whatever order their keys were written in, and two spellings that differ
 * are two values. Keys are sorted by UTF-16 code units, as the RFC says, and not by code points. Numbers are safe integers
 * alone, so the RFC's hardest part, the spelling of fractions, does not arise.
 */
import { Fault } from '../base/fault.ts'
import { JSON_BYTES_MAX, JSON_DEPTH_MAX } from '../base/limits.ts'
import { isJsonList, type Json, jsonFromText } from './strict-json.ts'

/**
 * The canonical spelling. Raises `json/number-not-exact`, `json/malformed` for an unpaired surrogate and `json/too-deep`:
 * a value that was computed may hold what no text that was read does.
 */
export const canonicalJson = (value: Json): string => spell(value, 0)

/**
 * Reads a text that is in its canonical spelling. Raises what `jsonFromText` raises, and `json/not-canonical` for any other
 * spelling of a value.
 */
export const jsonFromCanonical = (text: string, sizeMax: number = JSON_BYTES_MAX): Json => {
  const value = jsonFromText(text, sizeMax)
  const spelling = canonicalJson(value)
  if (spelling === text) return value
  let at = 0
  while (spelling[at] === text[at]) at++
  throw new Fault('json/not-canonical', `another spelling is canonical, from position ${at} on`)
}

const spell = (value: Json, depth: number): string => {
  if (value === null) return 'null'
  if (typeof value === 'string') return spellText(value)
  if (typeof value === 'number') return spellNumber(value)
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  // Bounded recursion: the depth is checked before each descent.
  if (depth >= JSON_DEPTH_MAX) {
    throw new Fault('json/too-deep', `more than ${JSON_DEPTH_MAX} levels in a value`)
  }
  if (isJsonList(value)) return `[${value.map((one) => spell(one, depth + 1)).join(',')}]`
  // Plain comparison of texts is by UTF-16 code units.
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return `{${fields.map(([name, one]) => `${spellText(name)}:${spell(one, depth + 1)}`).join(',')}}`
}

const spellText = (value: string): string => {
  if (!value.isWellFormed()) {
    throw new Fault('json/malformed', 'an unpaired surrogate in a string')
  }
  // The language's own spelling is the RFC's: short escapes, \u00xx for other control characters, nothing else.
  return JSON.stringify(value)
}

const spellNumber = (value: number): string => {
  if (Number.isSafeInteger(value)) return String(value)
  throw new Fault('json/number-not-exact', `${value} is no safe integer`)
}
