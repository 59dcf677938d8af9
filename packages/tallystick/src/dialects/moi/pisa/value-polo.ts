/**
 * Values in POLO, by their types: arguments, results, fields of events, literals and slots of state.
 *
 * A class is written as a document, and so are the fields of a call; both are read as a pack in order too. What is missing is
 * zero, what is unknown is refused. Keys of maps are written in the order of MOI's client. Raises the faults of `schema.ts` in
 * both directions; that a value has its type when it is written is the caller's business.
 */
import { assert } from '../../../base/assert.ts'
import { Fault } from '../../../base/fault.ts'
import { PISA_BIGINT_BITS_MAX, PISA_ITEMS_MAX, PISA_TEXT_BYTES_MAX } from '../../../base/limits.ts'
import {
  type ArrayType,
  type ClassType,
  type MapType,
  type NumberName,
  type PrimitiveType,
  type Type,
  type TypedField,
} from '../manifest/type-expression.ts'
import { type Named, poloArray, poloDocument, poloMap } from '../polo/container.ts'
import { poloBool, poloBytes, poloInteger, poloNatural, poloText } from '../polo/scalar.ts'
import { isNull, type Polo, poloMapped, wrongKind } from '../polo/schema.ts'
import { spend, WIRE } from '../polo/wire.ts'
import { boolValue, keyText, type PrimitiveValue, type Value, zeroValue } from './value.ts'

/** Knows how the values of one program's types are written. */
export type ValuePolo = {
  readonly of: (type: Type) => Polo<Value>
  /** Fields by their labels, in the order of their slots. */
  readonly fields: (fields: readonly TypedField[]) => Polo<readonly Value[]>
}

export const createValuePolo = (): ValuePolo => {
  const known = new Map<Type, Polo<Value>>()
  const of = (type: Type): Polo<Value> => {
    const before = known.get(type) ?? PRIMITIVES.get(type.text)
    if (before) return before
    const made = schemaOf(type)
    known.set(type, made)
    return made
  }
  // Kept for each type, because a hostile manifest nests types that share their parts.
  const zeros = new Map<Type, number>()
  const zeroItems = (type: Type): number => {
    const before = zeros.get(type)
    if (before !== undefined) return before
    const items = countZero(type, zeroItems)
    zeros.set(type, items)
    return items
  }
  const schemaOf = (type: Type): Polo<Value> => {
    switch (type.is) {
      case 'array':
        return arrayPolo(type, of(type.item), zeroItems(type))
      case 'map':
        return mapPolo(type, of(type.value))
      case 'class':
        return classPolo(type, fields(type.fields))
      case 'null':
      case 'bool':
      case 'bytes':
      case 'string':
      case 'identifier':
      case 'u64':
      case 'u256':
      case 'i64':
      case 'i256':
      case 'bigint':
        return primitivePolo(type)
    }
  }
  const fields = (list: readonly TypedField[]): Polo<readonly Value[]> =>
    fieldsPolo(list.map(({ label, type }) => ({ name: label, schema: of(type) })))
  return { of, fields }
}

const mismatch = (value: Value, wanted: string): Error =>
  new Error(`assertion failed: a value of type ${value.is} where ${wanted} is written`)

const numberPolo = (is: NumberName, inner: Polo<bigint>): Polo<Value> =>
  poloMapped<bigint, Value>(
    inner,
    (of) => ({ is, of }),
    (value) => {
      if (value.is !== is) throw mismatch(value, is)
      return value.of
    },
  )

const IDENTIFIER_BYTES = 32

/** An identifier has 32 bytes; null and no bytes at all stand for 32 zeros. */
const identifierFrom = (of: Uint8Array): Value => {
  if (of.length !== 0 && of.length !== IDENTIFIER_BYTES)
    throw new Fault('polo/out-of-range', `an identifier of ${of.length} bytes`)
  return { is: 'identifier', of: of.length === 0 ? new Uint8Array(IDENTIFIER_BYTES) : of }
}

const wordPolo = (is: 'bytes' | 'identifier'): Polo<Value> =>
  poloMapped<Uint8Array, Value>(
    poloBytes(PISA_TEXT_BYTES_MAX),
    (of) => (is === 'identifier' ? identifierFrom(of) : { is, of }),
    (value) => {
      if (value.is !== is) throw mismatch(value, is)
      return value.of
    },
  )

const nullPolo: Polo<Value> = {
  write: () => WIRE.null,
  read: (_from, wire, start, end) => {
    if (!isNull(wire, start, end)) throw wrongKind(wire, 'null')
    return { is: 'null' }
  },
}

const boolPolo: Polo<Value> = poloMapped<boolean, Value>(poloBool, boolValue, (value) => {
  if (value.is !== 'bool') throw mismatch(value, 'bool')
  return value.of
})

const textPolo: Polo<Value> = poloMapped<string, Value>(
  poloText(PISA_TEXT_BYTES_MAX),
  (of) => ({ is: 'string', of }),
  (value) => {
    if (value.is !== 'string') throw mismatch(value, 'string')
    return value.of
  },
)

const PRIMITIVES: ReadonlyMap<string, Polo<Value>> = new Map([
  ['null', nullPolo],
  ['bool', boolPolo],
  ['bytes', wordPolo('bytes')],
  ['string', textPolo],
  ['identifier', wordPolo('identifier')],
  ['u64', numberPolo('u64', poloNatural(64))],
  ['i64', numberPolo('i64', poloInteger(64))],
  ['u256', numberPolo('u256', poloNatural(256))],
  ['i256', numberPolo('i256', poloInteger(256))],
  ['bigint', numberPolo('bigint', poloInteger(PISA_BIGINT_BITS_MAX + 1))],
])

export const primitivePolo = (type: PrimitiveType): Polo<Value> => {
  const schema = PRIMITIVES.get(type.is)
  assert(schema !== undefined, 'every primitive has a schema')
  return schema
}

/** Values that the zero of a type consists of. */
const countZero = (type: Type, of: (part: Type) => number): number => {
  if (type.is === 'array') return 1 + (type.size ?? 0) * of(type.item)
  if (type.is === 'class') return type.fields.reduce((sum, field) => sum + of(field.type), 1)
  return 1
}

/** An array of a fixed size is full of zeros where nothing is written; those count like what is written. */
const arrayPolo = (type: ArrayType, item: Polo<Value>, zeroItems: number): Polo<Value> => {
  const inner = poloArray(item, PISA_ITEMS_MAX)
  return {
    write: (out, value) => {
      if (value.is !== 'array') throw mismatch(value, type.text)
      return inner.write(out, value.items)
    },
    read: (from, wire, start, end) => {
      const items = inner.read(from, wire, start, end)
      if (type.size === undefined || type.size === items.length)
        return { is: 'array', type, items: [...items] }
      if (items.length > 0)
        throw new Fault('polo/wrong-count', `${items.length} items of ${type.text}`)
      spend(from, zeroItems)
      return zeroValue(type)
    },
  }
}

/** A key as something that compares by its value. */
type PlainKey = string | bigint | boolean | Uint8Array

const plainKey = (key: PrimitiveValue): PlainKey => (key.is === 'null' ? '' : key.of)

const mapPolo = (type: MapType, value: Polo<Value>): Polo<Value> => {
  const keys = primitivePolo(type.key)
  const key: Polo<PlainKey> = poloMapped<Value, PlainKey>(
    keys,
    (read) => plainKey(primitiveFrom(read)),
    (plain) => keyFrom(type.key, plain),
  )
  return poloMapped<ReadonlyMap<PlainKey, Value>, Value>(
    poloMap(key, value, PISA_ITEMS_MAX),
    (entries) => {
      const held = [...entries].map(([plain, of]) => ({ key: keyFrom(type.key, plain), value: of }))
      return { is: 'map', type, entries: new Map(held.map((entry) => [keyText(entry.key), entry])) }
    },
    (map) => {
      if (map.is !== 'map') throw mismatch(map, type.text)
      return new Map([...map.entries.values()].map((entry) => [plainKey(entry.key), entry.value]))
    },
  )
}

const primitiveFrom = (value: Value): PrimitiveValue => {
  if (value.is === 'array' || value.is === 'map' || value.is === 'object')
    throw mismatch(value, 'a key')
  return value
}

const keyFrom = (type: PrimitiveType, plain: PlainKey): PrimitiveValue => {
  if (typeof plain === 'string') return { is: 'string', of: plain }
  if (typeof plain === 'boolean') return boolValue(plain)
  if (typeof plain !== 'bigint')
    return { is: type.is === 'identifier' ? 'identifier' : 'bytes', of: plain }
  switch (type.is) {
    case 'u64':
    case 'i64':
    case 'u256':
    case 'i256':
    case 'bigint':
      return { is: type.is, of: plain }
    case 'null':
    case 'bool':
    case 'bytes':
    case 'string':
    case 'identifier':
      throw new Error('assertion failed: only numbers are kept as numbers')
  }
}

const classPolo = (type: ClassType, fields: Polo<readonly Value[]>): Polo<Value> =>
  poloMapped<readonly Value[], Value>(
    fields,
    (held) => ({ is: 'object', type, fields: [...held] }),
    (value) => {
      if (value.is !== 'object') throw mismatch(value, type.text)
      return value.fields
    },
  )

/** Members are numbered, because a label of a hostile manifest is no name for one. */
const fieldsPolo = (fields: readonly Named<Value>[]): Polo<readonly Value[]> => {
  const members = fields.map((field, at): [string, Named<Value>] => [`f${at}`, field])
  return poloMapped<Record<string, Value>, readonly Value[]>(
    poloDocument<Record<string, Value>>(Object.fromEntries(members)),
    (held) =>
      members.map(([member]) => {
        const value = held[member]
        assert(value !== undefined, 'a struct is read with all its fields')
        return value
      }),
    (values) => Object.fromEntries(values.map((value, at) => [`f${at}`, value])),
  )
}
