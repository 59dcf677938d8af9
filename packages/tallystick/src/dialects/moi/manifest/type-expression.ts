/**
 * Types of values in a logic, and the texts that name them.
 *
 * ```text
 * type := null | bool | bytes | string | identifier | u64 | u256 | i64 | i256 | bigint
 *       | []type | [n]type | map[key]type | class.Name
 * ```
 *
 * Promise. One text names one type object of a program, so that types compare by identity. A type's depth and the size of its
 * zero value are bounded, and no class holds itself, however indirectly: values of every type can be walked by recursion.
 */
import { Fault } from '../../../base/fault.ts'
import {
  MANIFEST_NAME_BYTES_MAX,
  PISA_TYPE_DEPTH_MAX,
  PISA_ZERO_ITEMS_MAX,
} from '../../../base/limits.ts'

export type NumberName = 'u64' | 'u256' | 'i64' | 'i256' | 'bigint'
export type PrimitiveName = 'null' | 'bool' | 'bytes' | 'string' | 'identifier' | NumberName

export type PrimitiveType = { readonly is: PrimitiveName; readonly text: string }

/** Kept with each type: walking down again would take as long as a hostile manifest likes. */
type Measure = {
  /** Levels, each class inside counted. */
  readonly depth: number
  /** How many values make up the zero. */
  readonly zeroItems: number
}

export type ArrayType = Measure & {
  readonly is: 'array'
  readonly text: string
  readonly item: Type
  /** Undefined for an array that can grow. */
  readonly size: number | undefined
}
export type MapType = Measure & {
  readonly is: 'map'
  readonly text: string
  readonly key: PrimitiveType
  readonly value: Type
}
export type ClassType = Measure & {
  readonly is: 'class'
  readonly text: string
  readonly name: string
  readonly fields: readonly TypedField[]
}
export type Type = PrimitiveType | ArrayType | MapType | ClassType

export type TypedField = { readonly label: string; readonly type: Type }

const primitive = (is: PrimitiveName): PrimitiveType => ({ is, text: is })

/** By their codes, as the instruction `PMAKE` has them. */
export const PRIMITIVE_BY_CODE: readonly PrimitiveType[] = [
  primitive('null'),
  primitive('bool'),
  primitive('bytes'),
  primitive('string'),
  primitive('identifier'),
  primitive('u64'),
  primitive('i64'),
  primitive('u256'),
  primitive('i256'),
  primitive('bigint'),
]

const PRIMITIVES: ReadonlyMap<string, PrimitiveType> = new Map(
  PRIMITIVE_BY_CODE.map((type) => [type.text, type]),
)

export const isPrimitive = (type: Type): type is PrimitiveType =>
  type.is !== 'array' && type.is !== 'map' && type.is !== 'class'

/** Knows the types of one program. */
export type Types = (text: string) => Type

export type ClassShape = {
  readonly name: string
  readonly fields: readonly { readonly label: string; readonly type: string }[]
}

/**
 * Knows the primitives, the classes that are given, and what can be built of them. Raises `manifest/type-malformed` when
 * a class holds itself or is too large, and so does the function it returns for a text that is no type.
 */
export const createTypes = (classes: readonly ClassShape[]): Types => {
  const shapes = new Map(classes.map((shape) => [`class.${shape.name}`, shape]))
  const known = new Map<string, Type>(PRIMITIVES)
  const open = new Set<string>()
  const byText = (text: string, depth: number): Type => {
    const before = known.get(text)
    if (before) return before
    if (depth > PISA_TYPE_DEPTH_MAX)
      throw malformed(text, `has more than ${PISA_TYPE_DEPTH_MAX} levels`)
    const type = text.startsWith('class.') ? classFrom(text, depth) : containerFrom(text, depth)
    const { depth: levels, zeroItems } = measureOf(type)
    if (levels > PISA_TYPE_DEPTH_MAX)
      throw malformed(text, `has more than ${PISA_TYPE_DEPTH_MAX} levels`)
    if (zeroItems > PISA_ZERO_ITEMS_MAX)
      throw malformed(text, `is larger than ${PISA_ZERO_ITEMS_MAX} values when it is made`)
    known.set(text, type)
    return type
  }
  const classFrom = (text: string, depth: number): ClassType => {
    const shape = shapes.get(text)
    if (!shape) throw malformed(text, 'names no class of the manifest')
    if (open.has(text)) throw malformed(text, 'holds itself')
    open.add(text)
    const fields = shape.fields.map(({ label, type }) => ({ label, type: byText(type, depth + 1) }))
    open.delete(text)
    const parts = fields.map((field) => measureOf(field.type))
    return {
      is: 'class',
      text,
      name: shape.name,
      fields,
      depth: parts.reduce((max, part) => Math.max(max, part.depth), 0) + 1,
      zeroItems: parts.reduce((sum, part) => sum + part.zeroItems, 1),
    }
  }
  const containerFrom = (text: string, depth: number): Type => {
    if (text.length > MANIFEST_NAME_BYTES_MAX) throw malformed(text, 'is too long')
    const array = /^\[(\d{0,6})\](.+)$/.exec(text)
    if (array) {
      const [, digits = '', itemText = ''] = array
      const item = byText(itemText, depth + 1)
      const size = digits === '' ? undefined : Number(digits)
      const inner = measureOf(item)
      const zeroItems = 1 + (size ?? 0) * inner.zeroItems
      return { is: 'array', text, item, size, depth: inner.depth + 1, zeroItems }
    }
    const map = /^map\[([a-z0-9]+)\](.+)$/.exec(text)
    const key = PRIMITIVES.get(map?.[1] ?? '')
    if (!map || !key || key.is === 'null') throw malformed(text, 'is no type')
    const value = byText(map[2] ?? '', depth + 1)
    return { is: 'map', text, key, value, depth: measureOf(value).depth + 1, zeroItems: 1 }
  }
  for (const text of shapes.keys()) byText(text, 0)
  return (text) => byText(text, 0)
}

export const measureOf = (type: Type): Measure => (isPrimitive(type) ? ONE : type)

const ONE: Measure = { depth: 1, zeroItems: 1 }

const malformed = (text: string, why: string): Fault =>
  new Fault('manifest/type-malformed', `the type ${text.slice(0, 64)} ${why}`)
