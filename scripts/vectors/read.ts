/** Reading the input of a case: text, numbers, bytes as hexadecimal, large numbers as decimal text. */
import { type Id, idFromHex } from '../../packages/tallystick/src/base/brand.ts'
import { bytesFromHex, hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import {
  SUITE_IDS,
  SCHEME_IDS,
  type SchemeId,
  type SuiteId,
} from '../../packages/tallystick/src/base/suite.ts'
import { TAGS, type Tag } from '../../packages/tallystick/src/base/tags.ts'
import type { Json, JsonObject } from './finding.ts'

export const isObject = (json: Json | undefined): json is JsonObject =>
  typeof json === 'object' && json !== null && !Array.isArray(json)

const wrong = (name: string, what: string): Error => new Error(`the input's ${name} is no ${what}`)

export const textAt = (input: JsonObject, name: string): string => {
  const value = input[name]
  if (typeof value !== 'string') throw wrong(name, 'text')
  return value
}

export const numberAt = (input: JsonObject, name: string): number => {
  const value = input[name]
  if (typeof value !== 'number') throw wrong(name, 'number')
  return value
}

export const objectAt = (input: JsonObject, name: string): JsonObject => {
  const value = input[name]
  if (!isObject(value)) throw wrong(name, 'object')
  return value
}

export const listAt = (input: JsonObject, name: string): readonly Json[] => {
  const value = input[name] ?? []
  if (!Array.isArray(value)) throw wrong(name, 'list')
  return value as readonly Json[]
}

export const objectsAt = (input: JsonObject, name: string): readonly JsonObject[] =>
  listAt(input, name).map((one) => {
    if (!isObject(one)) throw wrong(name, 'list of objects')
    return one
  })

export const textsAt = (input: JsonObject, name: string): readonly string[] =>
  listAt(input, name).map((one) => {
    if (typeof one !== 'string') throw wrong(name, 'list of texts')
    return one
  })

export const bytesAt = (input: JsonObject, name: string): Uint8Array =>
  bytesFromHex(textAt(input, name))

export const bigAt = (input: JsonObject, name: string): bigint => BigInt(textAt(input, name))

export const idAt = <Name extends string>(input: JsonObject, name: string): Id<Name> =>
  idFromHex<Name>(textAt(input, name))

export const suiteAt = (input: JsonObject, name = 'suite'): SuiteId => {
  const found = SUITE_IDS.find((one) => one === textAt(input, name))
  if (!found) throw wrong(name, 'suite')
  return found
}

export const schemeAt = (input: JsonObject, name = 'scheme'): SchemeId => {
  const found = SCHEME_IDS.find((one) => one === textAt(input, name))
  if (!found) throw wrong(name, 'scheme')
  return found
}

export const tagAt = (input: JsonObject): Tag => {
  const found = Object.values(TAGS).find((one) => one === textAt(input, 'tag'))
  if (!found) throw wrong('tag', 'tag')
  return found
}

/** Values as JSON carries them: bytes and ids as hexadecimal, large numbers as text. */
export const plain = (value: unknown): Json => {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Uint8Array) return hexFromBytes(value)
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return null
  const entries = Object.entries(value).filter(([, one]) => one !== undefined)
  return Object.fromEntries(entries.map(([name, one]) => [name, plain(one)]))
}

/** Bytes as they are, or too many to be written down: the first ones, then zeros up to a size. */
export const bytesOrGeneratedAt = (input: JsonObject, name: string): Uint8Array => {
  if (name in input) return bytesAt(input, name)
  const made = objectAt(input, 'generated')
  const start = bytesAt(made, 'start')
  const whole = new Uint8Array(numberAt(made, 'size'))
  whole.set(start)
  return whole
}
