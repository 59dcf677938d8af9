/**
 * JSON at the edges: key files, vectors, messages of other systems. Nothing that is signed is JSON.
 *
 * Promise. A text is read in one way or refused: no duplicate keys, no key that reaches into an object's prototype,
 * integers within ±(2^53 − 1) only, no unpaired surrogate, nothing after the value. Depth, size and the number of
 * keys are bounded, and objects have no prototype. Larger numbers and fractions travel as strings.
 */
import { utf8FromBytes } from '../base/bytes.ts'
import { Fault } from '../base/fault.ts'
import { JSON_BYTES_MAX, JSON_DEPTH_MAX, JSON_KEYS_MAX } from '../base/limits.ts'

export type Json = null | boolean | number | string | readonly Json[] | JsonObject

/** Frozen and without a prototype: a name that is not in the text is undefined, whatever the name. */
export type JsonObject = { readonly [name: string]: Json }

/**
 * Reads UTF-8 bytes. Raises `json/too-large`, `text/not-utf8`, and what `jsonFromText` raises.
 */
export const jsonFromBytes = (bytes: Uint8Array, sizeMax: number = JSON_BYTES_MAX): Json => {
  if (bytes.length > sizeMax) throw tooLarge(bytes.length, sizeMax)
  return jsonFromText(utf8FromBytes(bytes), sizeMax)
}

/**
 * Reads a text of up to `sizeMax` characters. Raises `json/too-large`, `json/too-deep`, `json/too-many-keys`,
 * `json/malformed`, `json/number-not-exact`, `json/key-twice` and `json/forbidden-key`, each with the position.
 */
export const jsonFromText = (text: string, sizeMax: number = JSON_BYTES_MAX): Json => {
  if (text.length > sizeMax) throw tooLarge(text.length, sizeMax)
  const scan: Scan = { text, at: 0 }
  const value = readValue(scan, 0)
  skipSpace(scan)
  if (scan.at !== text.length) throw malformed(scan, 'something after the value')
  return value
}

export const isJsonObject = (json: Json | undefined): json is JsonObject =>
  typeof json === 'object' && json !== null && !isJsonList(json)

export const isJsonList = (json: Json | undefined): json is readonly Json[] => Array.isArray(json)

/**
 * The value as an object with exactly these names, no more and no fewer. Raises `json/wrong-shape`, where `what` says
 * which object it was.
 */
export const jsonObjectWith = <Name extends string>(
  json: Json | undefined,
  names: readonly Name[],
  what: string,
): Readonly<Record<Name, Json>> => {
  if (!isJsonObject(json)) throw wrongShape(`${what} is no object`)
  for (const name of Object.keys(json)) {
    if (!names.some((known) => known === name)) throw wrongShape(`${what} has an unknown ${name}`)
  }
  const checked: Partial<Record<Name, Json>> = {}
  for (const name of names) {
    const value = json[name]
    if (value === undefined) throw wrongShape(`${what} lacks ${name}`)
    checked[name] = value
  }
  return complete(checked, names)
}

/** Raises `json/wrong-shape` unless the value is a text. */
export const jsonText = (json: Json | undefined, what: string): string => {
  if (typeof json !== 'string') throw wrongShape(`${what} is no text`)
  return json
}

/** Raises `json/wrong-shape` unless the value is a number from 0 on. */
export const jsonCount = (json: Json | undefined, what: string): number => {
  if (typeof json !== 'number' || json < 0) throw wrongShape(`${what} is no number from 0 on`)
  return json
}

/** Raises `json/wrong-shape` unless the value is a list. */
export const jsonList = (json: Json | undefined, what: string): readonly Json[] => {
  if (!isJsonList(json)) throw wrongShape(`${what} is no list`)
  return json
}

type Scan = { readonly text: string; at: number }

const readValue = (scan: Scan, depth: number): Json => {
  skipSpace(scan)
  const first = scan.text.charAt(scan.at)
  switch (first) {
    case '{':
      return readObject(scan, deeper(scan, depth))
    case '[':
      return readList(scan, deeper(scan, depth))
    case '"':
      return readString(scan)
    case 't':
      return readWord(scan, 'true', true)
    case 'f':
      return readWord(scan, 'false', false)
    case 'n':
      return readWord(scan, 'null', null)
    default:
      return readNumber(scan)
  }
}

// Bounded recursion: the depth is checked before each descent.
const deeper = (scan: Scan, depth: number): number => {
  if (depth >= JSON_DEPTH_MAX) {
    throw new Fault('json/too-deep', `more than ${JSON_DEPTH_MAX} levels at position ${scan.at}`)
  }
  return depth + 1
}

const readObject = (scan: Scan, depth: number): JsonObject => {
  const object: Record<string, Json> = { __proto__: null }
  scan.at++
  if (takes(scan, '}')) return Object.freeze(object)
  let count = 0
  do {
    skipSpace(scan)
    const name = checkedName(scan, readString(scan), object)
    if (++count > JSON_KEYS_MAX) {
      throw new Fault('json/too-many-keys', `more than ${JSON_KEYS_MAX} keys in one object`)
    }
    if (!takes(scan, ':')) throw malformed(scan, 'no colon after a key')
    object[name] = readValue(scan, depth)
  } while (takes(scan, ','))
  if (!takes(scan, '}')) throw malformed(scan, 'an object that does not end')
  return Object.freeze(object)
}

const checkedName = (scan: Scan, name: string, object: JsonObject): string => {
  // These reach into the prototype of an ordinary object that somebody copies the fields to (E3).
  if (name === '__proto__' || name === 'constructor' || name === 'prototype') {
    throw new Fault('json/forbidden-key', `the key ${name} before position ${scan.at}`)
  }
  if (object[name] !== undefined) {
    throw new Fault('json/key-twice', `a key for the second time before position ${scan.at}`)
  }
  return name
}

const readList = (scan: Scan, depth: number): readonly Json[] => {
  const values: Json[] = []
  scan.at++
  if (takes(scan, ']')) return Object.freeze(values)
  do values.push(readValue(scan, depth))
  while (takes(scan, ','))
  if (!takes(scan, ']')) throw malformed(scan, 'a list that does not end')
  return Object.freeze(values)
}

const ESCAPED: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
])

const readString = (scan: Scan): string => {
  const { text } = scan
  if (text[scan.at] !== '"') throw malformed(scan, 'no string')
  scan.at++
  let read = ''
  let from = scan.at
  for (;;) {
    const code = text.charCodeAt(scan.at)
    // NaN, past the end, fails the first comparison too.
    if (!(code >= 0x20)) throw malformed(scan, 'a control character or the end inside a string')
    if (code === 0x22) break
    if (code !== 0x5c) {
      scan.at++
      continue
    }
    read += text.slice(from, scan.at) + readEscape(scan)
    from = scan.at
  }
  read += text.slice(from, scan.at)
  if (!read.isWellFormed()) throw malformed(scan, 'an unpaired surrogate in a string')
  scan.at++
  return read
}

const readEscape = (scan: Scan): string => {
  const letter = scan.text[scan.at + 1] ?? ''
  if (letter === 'u') {
    const digits = scan.text.slice(scan.at + 2, scan.at + 6)
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw malformed(scan, 'an escape without four digits')
    scan.at += 6
    return String.fromCharCode(Number.parseInt(digits, 16))
  }
  const character = ESCAPED.get(letter)
  if (character === undefined) throw malformed(scan, 'an unknown escape')
  scan.at += 2
  return character
}

const readWord = <Value extends Json>(scan: Scan, word: string, value: Value): Value => {
  if (!scan.text.startsWith(word, scan.at)) throw malformed(scan, 'an unknown word')
  scan.at += word.length
  return value
}

const readNumber = (scan: Scan): number => {
  const from = scan.at
  while (isNumberPart(scan.text.charCodeAt(scan.at))) scan.at++
  const spelling = scan.text.slice(from, scan.at)
  if (spelling === '') throw malformed(scan, 'no value')
  // Sixteen digits and a sign hold every safe integer; a longer one is not looked at (E9).
  const exact = spelling.length <= 17 && /^(?:0|-?[1-9][0-9]*)$/.test(spelling)
  const value = exact ? Number(spelling) : Number.NaN
  if (!Number.isSafeInteger(value)) {
    throw new Fault('json/number-not-exact', `a number at position ${from} is no safe integer`)
  }
  return value
}

/** What a number of any spelling is made of: digits, signs, point and exponent. */
const isNumberPart = (code: number): boolean =>
  (code >= 0x30 && code <= 0x39) ||
  code === 0x2b ||
  code === 0x2d ||
  code === 0x2e ||
  code === 0x45 ||
  code === 0x65

const skipSpace = (scan: Scan): void => {
  for (;;) {
    const code = scan.text.charCodeAt(scan.at)
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return
    scan.at++
  }
}

const takes = (scan: Scan, character: string): boolean => {
  skipSpace(scan)
  if (scan.text[scan.at] !== character) return false
  scan.at++
  return true
}

const complete = <Name extends string>(
  found: Partial<Record<Name, Json>>,
  names: readonly Name[],
): Record<Name, Json> => {
  const isComplete = (value: Partial<Record<Name, Json>>): value is Record<Name, Json> =>
    names.every((name) => value[name] !== undefined)
  if (!isComplete(found)) throw wrongShape('a field is missing')
  return found
}

const malformed = (scan: Scan, what: string): Fault =>
  new Fault('json/malformed', `${what} at position ${scan.at}`)

const tooLarge = (size: number, sizeMax: number): Fault =>
  new Fault('json/too-large', `${size} where at most ${sizeMax} are read`)

const wrongShape = (why: string): Fault => new Fault('json/wrong-shape', why)
