/** Schemas of POLO for what has parts: arrays, maps, structs and documents. */
import { hexFromBytes } from '../../../base/bytes.ts'
import { Fault } from '../../../base/fault.ts'
import { poloText } from './scalar.ts'
import { isNull, type Polo, wrongKind } from './schema.ts'
import {
  closeContainer,
  type Cursor,
  malformed,
  markElement,
  nextElement,
  openContainer,
  type PoloIn,
  putTag,
  putText,
  spend,
  tooLarge,
  truncated,
  WIRE,
} from './wire.ts'

const checkCount = (count: number, countMax: number): void => {
  if (count > countMax) throw tooLarge(count, 'items', countMax)
}

/** Up to so many items of one kind. */
export const poloArray = <T>(item: Polo<T>, countMax: number): Polo<readonly T[]> => ({
  write: (out, values) => {
    checkCount(values.length, countMax)
    const first = out.marked
    for (const value of values.toReversed()) markElement(out, item.write(out, value))
    closeContainer(out, first)
    return WIRE.pack
  },
  read: (from, wire, start, end) => {
    if (isNull(wire, start, end)) return []
    if (wire !== WIRE.pack) throw wrongKind(wire, 'a pack')
    const cursor = openContainer(from, start, end)
    const values: T[] = []
    while (nextElement(from, cursor)) {
      checkCount(values.length + 1, countMax)
      values.push(item.read(from, cursor.wire, cursor.start, cursor.end))
    }
    return values
  },
})

/** The same, written as null where it has none. */
export const poloArrayOrNull = <T>(item: Polo<T>, countMax: number): Polo<readonly T[]> => {
  const inner = poloArray(item, countMax)
  return {
    ...inner,
    write: (out, values) => (values.length === 0 ? WIRE.null : inner.write(out, values)),
  }
}

/** A map of up to so many entries, its keys in ascending order where they are text. */
export const poloMap = <K, V>(
  key: Polo<K>,
  value: Polo<V>,
  countMax: number,
): Polo<ReadonlyMap<K, V>> => ({
  write: (out, entries) => {
    checkCount(entries.size, countMax)
    const first = out.marked
    for (const [name, held] of [...entries].toSorted(byKey).toReversed()) {
      markElement(out, value.write(out, held))
      markElement(out, key.write(out, name))
    }
    closeContainer(out, first)
    return WIRE.pack
  },
  read: (from, wire, start, end) => {
    const entries = new Map<K, V>()
    if (isNull(wire, start, end)) return entries
    if (wire !== WIRE.pack) throw wrongKind(wire, 'a pack')
    const cursor = openContainer(from, start, end)
    const names = new Set<unknown>()
    let last: unknown
    while (nextElement(from, cursor)) {
      checkCount(entries.size + 1, countMax)
      const name = key.read(from, cursor.wire, cursor.start, cursor.end)
      const id = comparable(name)
      if (names.has(id)) throw badKeys(`the key ${String(id)} twice`)
      if (typeof last === 'string' && typeof name === 'string' && name < last)
        throw badKeys(`the key ${name} after ${last}`)
      names.add(id)
      last = name
      if (!nextElement(from, cursor)) throw wrongCount('a key without a value')
      entries.set(name, value.read(from, cursor.wire, cursor.start, cursor.end))
    }
    return entries
  },
})

/** Keys are text or numbers, which compare as themselves, or bytes, which are compared as their digits. */
const comparable = (name: unknown): unknown =>
  name instanceof Uint8Array ? hexFromBytes(name) : name

/** The order of MOI's client: that of the keys as text, in UTF-16. */
const byKey = (a: readonly [unknown, unknown], b: readonly [unknown, unknown]): number => {
  const [one, other] = [String(comparable(a[0])), String(comparable(b[0]))]
  return one < other ? -1 : one > other ? 1 : 0
}

export const badKeys = (what: string): Fault => new Fault('polo/bad-keys', what)

const wrongCount = (what: string): Fault => new Fault('polo/wrong-count', what)

/** A field whose name in a document is not its member's in snake case. */
export type Named<T> = { readonly name: string; readonly schema: Polo<T> }

export const poloNamed = <T>(name: string, schema: Polo<T>): Named<T> => ({ name, schema })

type Fields<T> = { readonly [Key in keyof T]-?: Polo<T[Key]> | Named<T[Key]> }

type Field<T> = { readonly key: keyof T; readonly name: string; readonly schema: Polo<T[keyof T]> }

const fieldsOf = <T extends object>(of: Fields<T>): readonly Field<T>[] =>
  (Object.keys(of) as (keyof T & string)[]).map((key) => {
    const field: Polo<T[typeof key]> | Named<T[typeof key]> = of[key]
    // Which member a schema belongs to is known here, and lost in a list of all of them.
    return ('schema' in field
      ? { ...field, key }
      : { key, name: snakeCase(key), schema: field }) as unknown as Field<T>
  })

const snakeCase = (name: string): string =>
  name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** Fields in the order of the description, written as a pack. */
export const poloStruct = <T extends object>(of: Fields<T>): Polo<T> => {
  const fields = fieldsOf(of)
  return {
    write: (out, value) => {
      const first = out.marked
      for (let at = fields.length - 1; at >= 0; at--) {
        const field = fields[at] as Field<T>
        markElement(out, field.schema.write(out, value[field.key]))
      }
      closeContainer(out, first)
      return WIRE.pack
    },
    read: structReader(fields),
  }
}

/** The same fields, written as a document: each under its name, all of them, in the order of names. */
export const poloDocument = <T extends object>(of: Fields<T>): Polo<T> => {
  const fields = fieldsOf(of)
  const sorted = fields.toSorted((a, b) => (a.name < b.name ? 1 : -1))
  return {
    write: (out, value) => {
      const first = out.marked
      for (const { key, name, schema } of sorted) {
        putTag(out, 0, schema.write(out, value[key]))
        markElement(out, WIRE.raw)
        putText(out, name)
        markElement(out, WIRE.word)
      }
      closeContainer(out, first)
      return WIRE.document
    },
    read: structReader(fields),
  }
}

const structReader = <T extends object>(fields: readonly Field<T>[]): Polo<T>['read'] => {
  const byName = new Map(fields.map((field) => [field.name, field]))
  return (from, wire, start, end) => {
    const value: Partial<T> = {}
    if (wire === WIRE.pack) {
      const cursor = openContainer(from, start, end)
      for (const { key, schema } of fields) {
        if (!nextElement(from, cursor)) throw wrongCount(`fewer than ${fields.length} fields`)
        value[key] = schema.read(from, cursor.wire, cursor.start, cursor.end)
      }
      if (nextElement(from, cursor)) throw wrongCount(`more than ${fields.length} fields`)
      return value as T
    }
    if (wire !== WIRE.document && !isNull(wire, start, end)) throw wrongKind(wire, 'a struct')
    if (wire === WIRE.document) {
      readEntries(from, openContainer(from, start, end), (name, at, to) => {
        const field = byName.get(name)
        if (field === undefined) throw badKeys(`no field is called ${name}`)
        value[field.key] = field.schema.read(from, from.bytes[at] ?? 0, at + 1, to)
      })
    }
    spend(from, fields.length)
    for (const { key, schema } of fields)
      if (!Object.hasOwn(value, key)) value[key] = schema.read(from, WIRE.null, start, start)
    return value as T
  }
}

const FIELD_NAME_MAX = 256
const entryName = poloText(FIELD_NAME_MAX)

const readName = (from: PoloIn, { wire, start, end }: Cursor): string => {
  if (wire !== WIRE.word) throw wrongKind(wire, 'a key')
  return entryName.read(from, wire, start, end)
}

/** Walks a document; `visit` gets the range of each entry's message. Raises `polo/bad-keys`. */
export const readEntries = (
  from: PoloIn,
  cursor: Cursor,
  visit: (name: string, start: number, end: number) => void,
): void => {
  let last: string | undefined
  while (nextElement(from, cursor)) {
    const name = readName(from, cursor)
    if (last !== undefined && name <= last) throw badKeys(`the key ${name} after ${last}`)
    last = name
    if (!nextElement(from, cursor)) throw wrongCount('a key without a value')
    const { wire, start, end } = cursor
    if (wire !== WIRE.raw) throw wrongKind(wire, 'a message')
    if (start === end) throw truncated('a tag', start)
    if ((from.bytes[start] ?? 0) > 15) throw malformed('a first tag with an offset', start)
    visit(name, start, end)
  }
}
