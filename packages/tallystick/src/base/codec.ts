/**
 * Codecs as values: one description gives the writer, the strict reader, the size bound and the type.
 *
 * Promise. `decode` is total: it returns a value or throws a `Fault`, never reads past its input, never allocates
 * more than the input is long, and accepts the canonical spelling only, so `encode(decode(bytes))` is `bytes`.
 * Every vector and text has a named maximum.
 *
 * Wire. Integers are fixed-width and little-endian. Vectors, texts and byte strings of variable length carry a u32
 * count in front. A union is a u8 tag and the case. An optional value is a u8, 0 or 1, and the value if 1.
 */
import type { Id } from './brand.ts'
import { bytesFromUtf8, hexFromBytes, utf8FromBytes, writeHex } from './bytes.ts'
import { Fault } from './fault.ts'

/** Collects bytes; grows by doubling. */
export type Writer = {
  readonly u8: (value: number) => void
  readonly u32: (value: number) => void
  readonly u64: (value: bigint) => void
  readonly raw: (bytes: Uint8Array) => void
  /** The bytes of an id. */
  readonly id: (id: Id<string>) => void
  /** What was written, where it lies: the next that is written takes its place. */
  readonly finish: () => Uint8Array
}

/** Hands out bytes front to back; `finish` refuses what is left over. */
export type Reader = {
  readonly u8: () => number
  readonly u32: () => number
  readonly u64: () => bigint
  readonly raw: (size: number) => Uint8Array
  /** The digits of an id. */
  readonly hex: () => string
  readonly left: () => number
  readonly finish: () => void
}

export type Codec<T> = {
  readonly write: (writer: Writer, value: T) => void
  readonly read: (reader: Reader) => T
  readonly encode: (value: T) => Uint8Array
  /** Raises `codec/truncated`, `codec/extended`, `codec/too-long`, `codec/not-canonical` or the codec's own fault. */
  readonly decode: (bytes: Uint8Array) => T
}

export type Decoded<C> = C extends Codec<infer T> ? T : never

const ID_BYTES = 32

export const createWriter = (sizeHint = 256): Writer => {
  let buffer = new Uint8Array(sizeHint)
  let view = new DataView(buffer.buffer)
  let size = 0
  const reserve = (more: number): number => {
    if (size + more > buffer.length) {
      const grown = new Uint8Array(Math.max(buffer.length * 2, size + more))
      grown.set(buffer.subarray(0, size))
      buffer = grown
      view = new DataView(buffer.buffer)
    }
    const at = size
    size += more
    return at
  }
  return {
    // Reserve first: growing replaces `buffer` and `view`, which must not have been looked up before.
    u8: (value) => {
      const at = reserve(1)
      view.setUint8(at, value)
    },
    u32: (value) => {
      const at = reserve(4)
      view.setUint32(at, value, true)
    },
    u64: (value) => {
      const at = reserve(8)
      view.setBigUint64(at, value, true)
    },
    raw: (bytes) => {
      const at = reserve(bytes.length)
      buffer.set(bytes, at)
    },
    id: (of) => {
      if (of.length !== 2 * ID_BYTES)
        throw new Fault('id/malformed', `an id of ${of.length} digits`)
      const at = reserve(ID_BYTES)
      writeHex(of, buffer, at)
    },
    finish: () => {
      const bytes = buffer.subarray(0, size)
      size = 0
      return bytes
    },
  }
}

export const createReader = (bytes: Uint8Array): Reader => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  // A Node Buffer is a Uint8Array whose `slice` copies nothing; what was decoded must not change with the input.
  const isPlain = Object.getPrototypeOf(bytes) === Uint8Array.prototype
  const plain = isPlain ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let offset = 0
  const take = (size: number): number => {
    if (size > bytes.length - offset) {
      throw new Fault('codec/truncated', `${size} bytes wanted at ${offset} of ${bytes.length}`)
    }
    const at = offset
    offset += size
    return at
  }
  return {
    u8: () => view.getUint8(take(1)),
    u32: () => view.getUint32(take(4), true),
    u64: () => view.getBigUint64(take(8), true),
    raw: (size) => {
      const at = take(size)
      return plain.slice(at, at + size)
    },
    hex: () => {
      const at = take(ID_BYTES)
      return hexFromBytes(plain.subarray(at, at + ID_BYTES))
    },
    left: () => bytes.length - offset,
    finish: () => {
      if (offset !== bytes.length) {
        throw new Fault('codec/extended', `${bytes.length - offset} bytes after the end`)
      }
    },
  }
}

/** A writer that nobody is using. Whoever was handed what it holds is done with that, or has copied it. */
let idle: Writer | undefined
const IDLE_BYTES_MAX = 65_536

/** What `use` makes of what `write` writes. It gets the bytes where they were written, and keeps nothing of them. */
export const usingWritten = <Result>(
  write: (writer: Writer) => void,
  use: (bytes: Uint8Array) => Result,
): Result => {
  // One writer serves one encoding after the other; an encoding inside another finds none and makes its own.
  const writer = idle ?? createWriter()
  idle = undefined
  write(writer)
  const bytes = writer.finish()
  const result = use(bytes)
  if (bytes.length <= IDLE_BYTES_MAX) idle = writer
  return result
}

/** What `write` writes. Cheaper than a writer of one's own. */
export const bytesWritten = (write: (writer: Writer) => void): Uint8Array =>
  usingWritten(write, (bytes) => bytes.slice())

/** Makes a codec out of a writer and a reader that belong together. */
export const codecFrom = <T>(write: Codec<T>['write'], read: Codec<T>['read']): Codec<T> => ({
  write,
  read,
  encode: (value) => bytesWritten((writer) => write(writer, value)),
  decode: (bytes) => {
    const reader = createReader(bytes)
    const value = read(reader)
    reader.finish()
    return value
  },
})

const integerFault = (bits: number, value: number | bigint): Fault =>
  new Fault('codec/integer-out-of-range', `${String(value)} is no unsigned integer of ${bits} bits`)

const smallInteger = (bits: 8 | 32): Codec<number> =>
  codecFrom(
    (writer, value) => {
      if (!Number.isInteger(value) || value < 0 || value >= 2 ** bits)
        throw integerFault(bits, value)
      if (bits === 8) writer.u8(value)
      else writer.u32(value)
    },
    (reader) => (bits === 8 ? reader.u8() : reader.u32()),
  )

export const u8: Codec<number> = smallInteger(8)
export const u32: Codec<number> = smallInteger(32)

export const U64_MAX = 0xffff_ffff_ffff_ffffn

export const u64: Codec<bigint> = codecFrom(
  (writer, value) => {
    if (typeof value !== 'bigint' || value < 0n || value > U64_MAX) throw integerFault(64, value)
    writer.u64(value)
  },
  (reader) => reader.u64(),
)

export const U128_MAX: bigint = (1n << 128n) - 1n

export const u128: Codec<bigint> = codecFrom(
  (writer, value) => {
    if (typeof value !== 'bigint' || value < 0n || value > U128_MAX) throw integerFault(128, value)
    writer.u64(value & U64_MAX)
    writer.u64(value >> 64n)
  },
  (reader) => {
    const low = reader.u64()
    return low | (reader.u64() << 64n)
  },
)

export const flag: Codec<boolean> = codecFrom(
  (writer, value) => writer.u8(value ? 1 : 0),
  (reader) => {
    const byte = reader.u8()
    if (byte > 1) throw new Fault('codec/not-canonical', `a flag is 0 or 1, not ${byte}`)
    return byte === 1
  },
)

/** Exactly `size` bytes. */
export const fixedBytes = (size: number): Codec<Uint8Array> =>
  codecFrom(
    (writer, value) => {
      if (value.length !== size)
        throw new Fault('codec/wrong-size', `${value.length} bytes where ${size} belong`)
      writer.raw(value)
    },
    (reader) => reader.raw(size),
  )

/** An id as its 32 bytes. */
export const id = <Name extends string>(): Codec<Id<Name>> =>
  codecFrom(
    (writer, value) => writer.id(value),
    // Digits that were made of 32 bytes just now need no check.
    (reader) => reader.hex() as Id<Name>,
  )

const checkedCount = (count: number, max: number, what: string): number => {
  if (count > max)
    throw new Fault('codec/too-long', `${count} ${what} where at most ${max} are allowed`)
  return count
}

/** Up to `sizeMax` bytes behind a u32 length. */
export const bytes = (sizeMax: number): Codec<Uint8Array> =>
  codecFrom(
    (writer, value) => {
      writer.u32(checkedCount(value.length, sizeMax, 'bytes'))
      writer.raw(value)
    },
    (reader) => reader.raw(checkedCount(reader.u32(), sizeMax, 'bytes')),
  )

/** UTF-8 text of up to `sizeMax` bytes without control, direction or invisible characters or unpaired surrogates. */
export const text = (sizeMax: number): Codec<string> => {
  const inner = bytes(sizeMax)
  const checked = (value: string): string => {
    // Control and direction characters would let a name rewrite the terminal line that shows it; characters that show
    // as nothing would let two names look alike.
    if (/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(value)) {
      throw new Fault(
        'text/control-character',
        'a text holds no control, surrogate, direction or invisible character',
      )
    }
    return value
  }
  return codecFrom(
    (writer, value) => {
      const plain = bytesFromPlain(value)
      inner.write(writer, plain ?? bytesFromUtf8(checked(value)))
    },
    (reader) => {
      const read = inner.read(reader)
      return plainFromBytes(read) ?? checked(utf8FromBytes(read))
    },
  )
}

/** Longer texts are left to the runtime. */
const PLAIN_MAX = 64
const isPlain = (code: number): boolean => code >= 0x20 && code < 0x7f

/** A short text of printable ASCII, which needs neither an encoder nor the check for marks. */
const bytesFromPlain = (value: string): Uint8Array | undefined => {
  if (value.length > PLAIN_MAX) return undefined
  const plain = new Uint8Array(value.length)
  for (let at = 0; at < plain.length; at++) {
    const code = value.charCodeAt(at)
    if (!isPlain(code)) return undefined
    plain[at] = code
  }
  return plain
}

const plainFromBytes = (read: Uint8Array): string | undefined => {
  if (read.length > PLAIN_MAX) return undefined
  for (const code of read) if (!isPlain(code)) return undefined
  return String.fromCharCode(...read)
}

/** Up to `countMax` items behind a u32 count. */
export const list = <T>(item: Codec<T>, countMax: number): Codec<readonly T[]> =>
  codecFrom(
    (writer, values) => {
      writer.u32(checkedCount(values.length, countMax, 'items'))
      for (const value of values) item.write(writer, value)
    },
    (reader) => {
      const count = checkedCount(reader.u32(), countMax, 'items')
      const values: T[] = []
      for (let at = 0; at < count; at++) values.push(item.read(reader))
      return values
    },
  )

/** A value that may be missing. */
export const optional = <T>(inner: Codec<T>): Codec<T | undefined> =>
  codecFrom(
    (writer, value) => {
      flag.write(writer, value !== undefined)
      if (value !== undefined) inner.write(writer, value)
    },
    (reader) => (flag.read(reader) ? inner.read(reader) : undefined),
  )

type Fields<T> = { readonly [Key in keyof T]-?: Codec<T[Key]> }

/** A record: its fields in the order of the description, nothing between them. */
export const struct = <T extends object>(fields: Fields<T>): Codec<T> => {
  const keys = Object.keys(fields) as (keyof T)[]
  return codecFrom(
    (writer, value) => {
      for (const key of keys) fields[key].write(writer, value[key])
    },
    (reader) => {
      const value: Partial<T> = {}
      for (const key of keys) value[key] = fields[key].read(reader)
      return value as T
    },
  )
}

/** One name of a closed list, as its position. */
export const choice = <Name extends string>(names: readonly Name[]): Codec<Name> =>
  codecFrom(
    (writer, value) => {
      const at = names.indexOf(value)
      if (at < 0) throw new Fault('codec/unknown-case', `${value} is none of ${names.join(', ')}`)
      writer.u8(at)
    },
    (reader) => {
      const at = reader.u8()
      const name = names[at]
      if (name === undefined)
        throw new Fault('codec/unknown-case', `tag ${at} is none of ${names.join(', ')}`)
      return name
    },
  )

type Cases<T extends { readonly is: string }> = {
  readonly [Name in T['is']]: Codec<Extract<T, { readonly is: Name }>>
}

/** A union told apart by its member `is`; the tag is the case's position in the description. */
export const union = <T extends { readonly is: string }>(cases: Cases<T>): Codec<T> => {
  const names = Object.keys(cases) as T['is'][]
  const tag = choice(names)
  return codecFrom(
    (writer, value) => {
      const name: T['is'] = value.is
      tag.write(writer, name)
      const inner = cases[name] as unknown as Codec<T>
      inner.write(writer, value)
    },
    (reader) => {
      const name = tag.read(reader)
      const inner = cases[name] as unknown as Codec<T>
      return inner.read(reader)
    },
  )
}

/** The `is` member of a union's case: nothing on the wire. */
export const literal = <Name extends string>(name: Name): Codec<Name> =>
  codecFrom(
    () => undefined,
    () => name,
  )

/** Another form of the same value: `back` must undo `forth`, and both may raise a fault. */
export const mapped = <Inner, Outer>(
  inner: Codec<Inner>,
  forth: (value: Inner) => Outer,
  back: (value: Outer) => Inner,
): Codec<Outer> =>
  codecFrom(
    (writer, value) => inner.write(writer, back(value)),
    (reader) => forth(inner.read(reader)),
  )
