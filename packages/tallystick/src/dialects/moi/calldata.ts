/**
 * Arguments, results, events and errors of a logic as JSON, by the types of its manifest: what people type and read.
 *
 * | type | JSON |
 * |---|---|
 * | `u64` … `bigint` | decimal digits in a text, or a number; written as a text |
 * | `bool`, `string`, `null` | the same |
 * | `bytes`, `identifier` | `0x` and hexadecimal digits |
 * | `[]T`, `[n]T` | a list |
 * | `map[K]V` | a list of `[key, value]` |
 * | `class.X` | an object by label; what is left out is zero |
 *
 * Promise. Total both ways: a value, or the `Fault` that names what does not fit. What is written is read again as the same
 * bytes that `callLogic` and MOI's client take.
 */
import { bytesFromHex, hexFromBytes } from '../../base/bytes.ts'
import { Fault, faultFrom } from '../../base/fault.ts'
import { isJsonList, isJsonObject, type Json, type JsonObject } from '../../forms/strict-json.ts'
import { type Type, type TypedField } from './manifest/type-expression.ts'
import { exceptionPolo } from './pisa/call-logic.ts'
import { type PisaException } from './pisa/frame.ts'
import { type FieldList, type Program, type Routine } from './pisa/program.ts'
import { keyText, type MapValue, type PrimitiveValue, type Value, zeroValue } from './pisa/value.ts'
import { decodePolo, encodePolo, readPolo } from './polo/schema.ts'

/** Calldata from arguments by their labels. */
export const encodeArguments = (
  program: Program,
  callsite: string,
  given: JsonObject,
): Uint8Array | Fault =>
  faultFrom(() => {
    const { accepts } = routineOf(program, callsite)
    if (accepts.fields.length === 0 && Object.keys(given).length === 0) return new Uint8Array()
    return encodePolo(accepts.polo, valuesFrom(accepts.fields, given, callsite))
  })

/** Arguments by their labels from calldata. */
export const decodeArguments = (
  program: Program,
  callsite: string,
  calldata: Uint8Array,
): JsonObject | Fault => faultFrom(() => listToJson(routineOf(program, callsite).accepts, calldata))

/** Results by their labels; none at all from no bytes. */
export const decodeOutputs = (
  program: Program,
  callsite: string,
  outputs: Uint8Array,
): JsonObject | Fault => faultFrom(() => listToJson(routineOf(program, callsite).returns, outputs))

/** What a receipt shows as the error of an operation. */
export const decodeException = (error: Uint8Array): PisaException | Fault =>
  decodePolo(exceptionPolo, error)

/** Fields of an event by their labels. `topic` is the first one of its log, which names it. */
export const decodeEvent = (
  program: Program,
  topic: Uint8Array,
  data: Uint8Array,
): { readonly name: string; readonly fields: JsonObject } | Fault =>
  faultFrom(() => {
    const wanted = hexFromBytes(topic)
    for (const element of program.elements.values()) {
      if (element.is !== 'event' || hexFromBytes(element.event.nameTopic) !== wanted) continue
      const { name, list } = element.event
      return { name, fields: listToJson(list, data) }
    }
    throw unfit('no event of the manifest has this topic')
  })

const routineOf = (program: Program, callsite: string): Routine => {
  const routine = program.callsites.get(callsite)
  if (!routine) throw unfit(`there is no callsite ${callsite.slice(0, 64)}`)
  return routine
}

const listToJson = (list: FieldList, bytes: Uint8Array): JsonObject => {
  const values = bytes.length === 0 ? zeros(list.fields) : readPolo(list.polo, bytes)
  return fieldsToJson(list.fields, values)
}

const zeros = (fields: readonly TypedField[]): readonly Value[] =>
  fields.map(({ type }) => zeroValue(type))

const fieldsToJson = (fields: readonly TypedField[], values: readonly Value[]): JsonObject =>
  Object.fromEntries(
    fields.map(({ label, type }, at) => [label, jsonFromValue(values[at] ?? zeroValue(type))]),
  )

/** A value as people read it. */
export const jsonFromValue = (value: Value): Json => {
  switch (value.is) {
    case 'null':
      return null
    case 'bool':
    case 'string':
      return value.of
    case 'bytes':
    case 'identifier':
      return `0x${hexFromBytes(value.of)}`
    case 'u64':
    case 'u256':
    case 'i64':
    case 'i256':
    case 'bigint':
      return value.of.toString()
    case 'array':
      return value.items.map(jsonFromValue)
    case 'map':
      return [...value.entries.values()].map(({ key, value: held }) => [
        jsonFromValue(key),
        jsonFromValue(held),
      ])
    case 'object':
      return fieldsToJson(value.type.fields, value.fields)
  }
}

const valuesFrom = (
  fields: readonly TypedField[],
  given: JsonObject,
  what: string,
): readonly Value[] => {
  for (const label of Object.keys(given))
    if (!fields.some((field) => field.label === label))
      throw unfit(`${what} has no ${label.slice(0, 64)}`)
  return fields.map(({ label, type }) => {
    const json = Object.hasOwn(given, label) ? given[label] : undefined
    return json === undefined ? zeroValue(type) : valueFromJson(type, json, label)
  })
}

/** A value of a type from what people write. Raises `calldata/does-not-fit`; a number's range shows when it is written. */
export const valueFromJson = (type: Type, json: Json, what: string): Value => {
  switch (type.is) {
    case 'null':
      if (json !== null) throw unfit(`${what} is not null`)
      return { is: 'null' }
    case 'bool':
      if (typeof json !== 'boolean') throw unfit(`${what} is neither true nor false`)
      return { is: 'bool', of: json }
    case 'string':
      if (typeof json !== 'string') throw unfit(`${what} is no text`)
      return { is: 'string', of: json }
    case 'bytes':
    case 'identifier':
      return { is: type.is, of: bytesOf(type.is, json, what) }
    case 'u64':
    case 'u256':
    case 'i64':
    case 'i256':
    case 'bigint':
      return { is: type.is, of: numberOf(json, what) }
    case 'array': {
      if (!isJsonList(json)) throw unfit(`${what} is no list`)
      if (type.size !== undefined && json.length !== type.size)
        throw unfit(`${what} has ${json.length} items and not ${type.size}`)
      return { is: 'array', type, items: json.map((item) => valueFromJson(type.item, item, what)) }
    }
    case 'map':
      return mapFrom(type, json, what)
    case 'class':
      if (!isJsonObject(json)) throw unfit(`${what} is no object`)
      return { is: 'object', type, fields: [...valuesFrom(type.fields, json, what)] }
  }
}

const IDENTIFIER_BYTES = 32

const bytesOf = (is: 'bytes' | 'identifier', json: Json, what: string): Uint8Array => {
  if (typeof json !== 'string' || !/^0x(?:[0-9a-fA-F]{2})*$/.test(json))
    throw unfit(`${what} is not 0x and hexadecimal digits`)
  const bytes = bytesFromHex(json.slice(2).toLowerCase())
  if (is === 'identifier' && bytes.length !== IDENTIFIER_BYTES)
    throw unfit(`${what} has ${bytes.length} bytes and not ${IDENTIFIER_BYTES}`)
  return bytes
}

/** Digits of the longest number that fits any type. */
const DIGITS_MAX = 78

const numberOf = (json: Json, what: string): bigint => {
  if (typeof json === 'number' && Number.isSafeInteger(json)) return BigInt(json)
  if (typeof json === 'string' && json.length <= DIGITS_MAX + 1 && /^-?[0-9]+$/.test(json))
    return BigInt(json)
  throw unfit(`${what} is no whole number`)
}

const mapFrom = (type: MapValue['type'], json: Json, what: string): MapValue => {
  if (!isJsonList(json)) throw unfit(`${what} is no list of pairs`)
  const entries: MapValue['entries'] = new Map()
  for (const pair of json) {
    if (!isJsonList(pair) || pair.length !== 2) throw unfit(`${what} is no list of pairs`)
    const [first = null, second = null] = pair
    const key = primitive(valueFromJson(type.key, first, what))
    const text = keyText(key)
    if (entries.has(text)) throw unfit(`${what} has a key twice`)
    entries.set(text, { key, value: valueFromJson(type.value, second, what) })
  }
  return { is: 'map', type, entries }
}

const primitive = (value: Value): PrimitiveValue => {
  if ('type' in value) throw unfit('a key that is no primitive')
  return value
}

const unfit = (why: string): Fault => new Fault('calldata/does-not-fit', why)
