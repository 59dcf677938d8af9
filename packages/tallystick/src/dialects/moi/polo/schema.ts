/**
 * Schemas of POLO as values: one description gives the writer, the strict reader and the type.
 *
 * Promise. `decodePolo` is total: a value, or the `Fault` that says why there is none; nothing in the value shares memory with
 * the message. What it accepts for each kind is what MOI's clients write:
 *
 * - null stands for the zero value of every kind, and an empty struct is one whose fields are all zero;
 * - an integer may have zeros in front, up to 32 bytes in all;
 * - a struct is a pack of its fields in order, or a document with some of its fields by name;
 * - maps and documents have their keys in order, each once. Maps whose keys are no text may have any order, since clients
 *   differ on it.
 *
 * Everything else is refused, above all an element of another kind. So one value has several encodings, and a hash is taken of
 * bytes as they came, never of a value written again. `encodePolo` writes one of them: integers short, structs as packs.
 */
import { Fault, faultFrom } from '../../../base/fault.ts'
import {
  createIn,
  createOut,
  malformed,
  type PoloIn,
  type PoloOut,
  putTag,
  truncated,
  WIRE,
} from './wire.ts'

/** `write` returns the kind of what it wrote, without its tag; `read` gets the kind and the range of a body. */
export type Polo<T> = {
  readonly write: (out: PoloOut, value: T) => number
  readonly read: (from: PoloIn, wire: number, start: number, end: number) => T
}

export type Polorized<S> = S extends Polo<infer T> ? T : never

/** One output that nobody is using. What it holds was copied out. */
let idle: PoloOut | undefined
const IDLE_BYTES_MAX = 65_536

/** Raises `polo/out-of-range` for a number that the schema has no room for. */
export const encodePolo = <T>(schema: Polo<T>, value: T): Uint8Array => {
  const out = idle ?? createOut()
  idle = undefined
  out.at = out.buffer.length
  out.marked = 0
  putTag(out, 0, schema.write(out, value))
  const bytes = out.buffer.slice(out.at)
  if (out.buffer.length <= IDLE_BYTES_MAX) idle = out
  return bytes
}

/** Reads a whole message. */
export const decodePolo = <T>(schema: Polo<T>, bytes: Uint8Array): T | Fault =>
  faultFrom(() => readPolo(schema, bytes))

/**
 * As `decodePolo`, but throws. Raises `polo/truncated`, `polo/malformed`, `polo/too-large`, `polo/wrong-kind`, `polo/wrong-count`,
 * `polo/bad-keys`, `polo/out-of-range`, `text/not-utf8` and what a schema's own parts raise.
 */
export const readPolo = <T>(schema: Polo<T>, bytes: Uint8Array): T => {
  const from = createIn(bytes)
  const [tag] = from.bytes
  if (tag === undefined) throw truncated('a tag', 0)
  if (tag > 15) throw malformed('a first tag with an offset', 0)
  return schema.read(from, tag, 1, bytes.length)
}

/** Null as a missing value. */
export const poloNullable = <T>(inner: Polo<T>): Polo<T | undefined> => ({
  write: (out, value) => (value === undefined ? WIRE.null : inner.write(out, value)),
  read: (from, wire, start, end) =>
    isNull(wire, start, end) ? undefined : inner.read(from, wire, start, end),
})

/** Another form of the same value. Both ways may raise a fault. */
export const poloMapped = <Inner, Outer>(
  inner: Polo<Inner>,
  forth: (value: Inner) => Outer,
  back: (value: Outer) => Inner,
): Polo<Outer> => ({
  write: (out, value) => inner.write(out, back(value)),
  read: (from, wire, start, end) => forth(inner.read(from, wire, start, end)),
})

export const wrongKind = (wire: number, wanted: string): Fault =>
  new Fault('polo/wrong-kind', `an element of kind ${wire} where ${wanted} belongs`)

export const noBody = (start: number, end: number): void => {
  if (start !== end) throw malformed('a body of a kind that has none', start)
}

/** Whether an element is null. A kind without a body must have none. */
export const isNull = (wire: number, start: number, end: number): boolean => {
  if (wire !== WIRE.null) return false
  noBody(start, end)
  return true
}
