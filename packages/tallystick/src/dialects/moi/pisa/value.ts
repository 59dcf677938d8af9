/**
 * Values that a logic computes with. Numbers, texts and identifiers never change once made and are shared; arrays, maps and
 * objects are changed in place, and what is put into one is copied first, so no value ever holds itself.
 */
import { hexFromBytes } from '../../../base/bytes.ts'
import {
  type ArrayType,
  type ClassType,
  type MapType,
  type NumberName,
  PRIMITIVE_BY_CODE,
  type PrimitiveType,
  type Type,
} from '../manifest/type-expression.ts'

export type NumberValue = { readonly is: NumberName; readonly of: bigint }
export type BoolValue = { readonly is: 'bool'; readonly of: boolean }
export type TextValue = { readonly is: 'string'; readonly of: string }
export type BytesValue = { readonly is: 'bytes' | 'identifier'; readonly of: Uint8Array }
export type NullValue = { readonly is: 'null' }
export type PrimitiveValue = NullValue | BoolValue | NumberValue | TextValue | BytesValue

export type ArrayValue = { readonly is: 'array'; readonly type: ArrayType; items: Value[] }
/** Entries by the text of their keys. */
export type MapValue = {
  readonly is: 'map'
  readonly type: MapType
  readonly entries: Map<string, { readonly key: PrimitiveValue; value: Value }>
}
export type ObjectValue = { readonly is: 'object'; readonly type: ClassType; fields: Value[] }

/** What can be stored, passed and returned. */
export type Value = PrimitiveValue | ArrayValue | MapValue | ObjectValue

/** Slots of an account's state, as a host lets a logic reach them. */
export type SlotStore = {
  readonly read: (key: Uint8Array) => Uint8Array | undefined
  /** Raises a `Fault` when this run may not write there. */
  readonly write: (key: Uint8Array, value: Uint8Array) => void
}

/** A place in state. */
export type Place = {
  readonly is: 'place'
  readonly type: Type
  readonly store: SlotStore
  readonly key: Uint8Array
  /** The map, array or object that the place lies in, unless it is a field of the state itself. */
  readonly inside: Place | undefined
}

/** What an instruction can find in a register. */
export type Cell =
  | Value
  | Place
  | { readonly is: 'pointer'; readonly to: number }
  | { readonly is: 'fields'; readonly fields: (Value | undefined)[] }
  | { readonly is: 'event'; readonly event: EventValue }
  | { readonly is: 'logic' }
  | { readonly is: 'asset' }
  | { readonly is: 'interface'; readonly at: number; readonly account: Uint8Array }

export type EventValue = { readonly topics: readonly Uint8Array[]; readonly data: Uint8Array }

export const TRUE: BoolValue = { is: 'bool', of: true }
export const FALSE: BoolValue = { is: 'bool', of: false }
export const boolValue = (of: boolean): BoolValue => (of ? TRUE : FALSE)

const zeroPrimitive = (type: PrimitiveType): PrimitiveValue => {
  switch (type.is) {
    case 'null':
      return { is: 'null' }
    case 'bool':
      return FALSE
    case 'bytes':
      return { is: 'bytes', of: new Uint8Array() }
    case 'identifier':
      return { is: 'identifier', of: new Uint8Array(32) }
    case 'string':
      return { is: 'string', of: '' }
    case 'u64':
    case 'u256':
    case 'i64':
    case 'i256':
    case 'bigint':
      return { is: type.is, of: 0n }
  }
}

/** By code. Shared, since none of them can be changed. */
export const ZERO_BY_CODE: readonly PrimitiveValue[] = PRIMITIVE_BY_CODE.map(zeroPrimitive)
const ZEROS: ReadonlyMap<Type, PrimitiveValue> = new Map(
  PRIMITIVE_BY_CODE.map((type) => [type, zeroPrimitive(type)]),
)

export const zeroValue = (type: Type): Value => {
  if (type.is === 'array') {
    const items = Array.from({ length: type.size ?? 0 }, () => zeroValue(type.item))
    return { is: 'array', type, items }
  }
  if (type.is === 'map') return { is: 'map', type, entries: new Map() }
  if (type.is === 'class')
    return { is: 'object', type, fields: type.fields.map((field) => zeroValue(field.type)) }
  return ZEROS.get(type) ?? zeroPrimitive(type)
}

export const typeName = (value: Value): string => ('type' in value ? value.type.text : value.is)

export const isNumber = (value: Cell): value is NumberValue => {
  switch (value.is) {
    case 'u64':
    case 'u256':
    case 'i64':
    case 'i256':
    case 'bigint':
      return true
    case 'null':
    case 'bool':
    case 'bytes':
    case 'identifier':
    case 'string':
    case 'array':
    case 'map':
    case 'object':
    case 'place':
    case 'pointer':
    case 'fields':
    case 'event':
    case 'logic':
    case 'asset':
    case 'interface':
      return false
  }
}

/** How many values a value consists of, and how many bytes they hold. */
export const sizeOf = (value: Value): { items: number; bytes: number } => {
  const total = { items: 0, bytes: 0 }
  addSize(value, total)
  return total
}

const addSize = (value: Value, total: { items: number; bytes: number }): void => {
  total.items += 1
  switch (value.is) {
    case 'array':
      for (const item of value.items) addSize(item, total)
      return
    case 'map':
      for (const entry of value.entries.values()) {
        addSize(entry.key, total)
        addSize(entry.value, total)
      }
      return
    case 'object':
      for (const field of value.fields) addSize(field, total)
      return
    case 'string':
    case 'bytes':
    case 'identifier':
      total.bytes += value.of.length
      return
    case 'u64':
    case 'u256':
    case 'i64':
    case 'i256':
    case 'bigint':
      total.bytes += 32
      return
    case 'null':
    case 'bool':
      return
  }
}

/** A value that shares nothing which could be changed. */
export const copyValue = (value: Value): Value => {
  if (value.is === 'array') return { ...value, items: value.items.map(copyValue) }
  if (value.is === 'object') return { ...value, fields: value.fields.map(copyValue) }
  if (value.is === 'map') {
    const entries: MapValue['entries'] = new Map()
    for (const [text, { key, value: held }] of value.entries)
      entries.set(text, { key, value: copyValue(held) })
    return { ...value, entries }
  }
  return value
}

/** The text under which a map keeps a key. Keys of one map have one type. */
export const keyText = (key: PrimitiveValue): string => {
  switch (key.is) {
    case 'null':
      return ''
    case 'bool':
      return key.of ? '1' : '0'
    case 'string':
      return key.of
    case 'bytes':
    case 'identifier':
      return hexFromBytes(key.of)
    case 'u64':
    case 'u256':
    case 'i64':
    case 'i256':
    case 'bigint':
      return key.of.toString()
  }
}

/** A value as people read it: what `STR` makes, and what an exception says. Undefined for what has no such text. */
export const textOf = (value: Value): string | undefined => {
  switch (value.is) {
    case 'null':
      return 'null'
    case 'bool':
      return value.of ? 'true' : 'false'
    case 'string':
      return value.of
    case 'bytes':
    case 'identifier':
      return hexFromBytes(value.of)
    case 'u64':
    case 'u256':
    case 'i64':
    case 'i256':
    case 'bigint':
      return value.of.toString()
    case 'array':
    case 'map':
    case 'object':
      return undefined
  }
}
