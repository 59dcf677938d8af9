/** Schemas of POLO for what has no parts: booleans, integers, floats, bytes, text, and messages inside a message. */
import { hexFromBytes, utf8FromBytes, writeHex } from '../../../base/bytes.ts'
import { Fault } from '../../../base/fault.ts'
import { POLO_INTEGER_BYTES_MAX } from '../../../base/limits.ts'
import { isNull, noBody, type Polo, wrongKind } from './schema.ts'
import {
  malformed,
  type PoloIn,
  type PoloOut,
  putBytes,
  putText,
  reserve,
  tooLarge,
  truncated,
  WIRE,
} from './wire.ts'

export const poloBool: Polo<boolean> = {
  write: (_out, value) => (value ? WIRE.true : WIRE.false),
  read: (_from, wire, start, end) => {
    if (wire > WIRE.true) throw wrongKind(wire, 'a boolean')
    noBody(start, end)
    return wire === WIRE.true
  },
}

const SAFE_MAX = BigInt(Number.MAX_SAFE_INTEGER)

const putMagnitude = (out: PoloOut, value: number): void => {
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) {
    const at = reserve(out, 1)
    out.buffer[at] = rest % 256
  }
}

const putLargeMagnitude = (out: PoloOut, value: bigint): void => {
  if (value <= SAFE_MAX) return putMagnitude(out, Number(value))
  const digits = value.toString(16)
  const hex = digits.length % 2 === 0 ? digits : `0${digits}`
  const at = reserve(out, hex.length / 2)
  writeHex(hex, out.buffer, at)
}

/** Where the magnitude begins behind its zeros. Raises `polo/out-of-range`. */
const magnitudeStart = (from: PoloIn, start: number, end: number): number => {
  if (end - start > POLO_INTEGER_BYTES_MAX)
    throw new Fault('polo/out-of-range', `an integer of ${end - start} bytes`)
  let at = start
  while (at < end && from.bytes[at] === 0) at += 1
  return at
}

/** At most six bytes. */
const readMagnitude = (from: PoloIn, start: number, end: number): number => {
  let value = 0
  for (let at = start; at < end; at++) value = value * 256 + (from.bytes[at] ?? 0)
  return value
}

const readLargeMagnitude = (from: PoloIn, start: number, end: number): bigint => {
  const first = magnitudeStart(from, start, end)
  return end - first <= 6
    ? BigInt(readMagnitude(from, first, end))
    : BigInt(`0x${hexFromBytes(from.bytes.subarray(first, end))}`)
}

const outOfRange = (value: number | bigint, what: string): Fault =>
  new Fault('polo/out-of-range', `${String(value)} is no ${what}`)

/** An integer from 0 on, of so many bits. */
export const poloNatural = (bits: number): Polo<bigint> => {
  const above = 1n << BigInt(bits)
  const checked = (value: bigint): bigint => {
    if (value < 0n || value >= above) throw outOfRange(value, `natural number of ${bits} bits`)
    return value
  }
  return {
    write: (out, value) => {
      putLargeMagnitude(out, checked(value))
      return WIRE.positive
    },
    read: (from, wire, start, end) => {
      if (wire === WIRE.positive) return checked(readLargeMagnitude(from, start, end))
      if (isNull(wire, start, end)) return 0n
      throw wrongKind(wire, 'a natural number')
    },
  }
}

/** An integer in two's complement of so many bits. */
export const poloInteger = (bits: number): Polo<bigint> => {
  const above = 1n << BigInt(bits - 1)
  const checked = (value: bigint): bigint => {
    if (value < -above || value >= above) throw outOfRange(value, `integer of ${bits} bits`)
    return value
  }
  return {
    write: (out, value) => {
      putLargeMagnitude(out, checked(value) < 0n ? -value : value)
      return value < 0n ? WIRE.negative : WIRE.positive
    },
    read: (from, wire, start, end) => {
      if (wire === WIRE.positive) return checked(readLargeMagnitude(from, start, end))
      if (isNull(wire, start, end)) return 0n
      if (wire !== WIRE.negative) throw wrongKind(wire, 'an integer')
      const magnitude = readLargeMagnitude(from, start, end)
      if (magnitude === 0n) throw malformed('a negative zero', start)
      return checked(-magnitude)
    },
  }
}

/** An integer from 0 to `max` as a number. */
export const poloWhole = (max: number): Polo<number> => {
  const checked = (value: number): number => {
    if (!Number.isSafeInteger(value) || value < 0 || value > max)
      throw outOfRange(value, `whole number up to ${max}`)
    return value
  }
  return {
    write: (out, value) => {
      putMagnitude(out, checked(value))
      return WIRE.positive
    },
    read: (from, wire, start, end) => {
      if (isNull(wire, start, end)) return 0
      if (wire !== WIRE.positive) throw wrongKind(wire, 'a whole number')
      const first = magnitudeStart(from, start, end)
      return checked(end - first <= 6 ? readMagnitude(from, first, end) : Infinity)
    },
  }
}

const FLOAT_BYTES = 8

export const poloFloat: Polo<number> = {
  write: (out, value) => {
    const at = reserve(out, FLOAT_BYTES)
    new DataView(out.buffer.buffer).setFloat64(at, value)
    return WIRE.float
  },
  read: (from, wire, start, end) => {
    if (isNull(wire, start, end)) return 0
    if (wire !== WIRE.float) throw wrongKind(wire, 'a float')
    if (end - start !== FLOAT_BYTES) throw malformed(`a float of ${end - start} bytes`, start)
    return new DataView(from.bytes.buffer, from.bytes.byteOffset).getFloat64(start)
  },
}

const checkSize = (size: number, sizeMax: number): void => {
  if (size > sizeMax) throw tooLarge(size, 'bytes', sizeMax)
}

/** Up to so many bytes; null is none. */
export const poloBytes = (sizeMax: number): Polo<Uint8Array> => ({
  write: (out, value) => {
    checkSize(value.length, sizeMax)
    putBytes(out, value)
    return WIRE.word
  },
  read: (from, wire, start, end) => {
    if (isNull(wire, start, end)) return new Uint8Array(0)
    if (wire !== WIRE.word) throw wrongKind(wire, 'a word')
    checkSize(end - start, sizeMax)
    return from.bytes.slice(start, end)
  },
})

/** The same, written as null where there are none. */
export const poloBytesOrNull = (sizeMax: number): Polo<Uint8Array> => {
  const inner = poloBytes(sizeMax)
  return {
    ...inner,
    write: (out, value) => (value.length === 0 ? WIRE.null : inner.write(out, value)),
  }
}

const SHORT_TEXT_MAX = 32

/** UTF-8 of up to so many bytes. */
export const poloText = (sizeMax: number): Polo<string> => ({
  write: (out, value) => {
    const before = out.buffer.length - out.at
    putText(out, value)
    checkSize(out.buffer.length - out.at - before, sizeMax)
    return WIRE.word
  },
  read: (from, wire, start, end) => {
    if (isNull(wire, start, end)) return ''
    if (wire !== WIRE.word) throw wrongKind(wire, 'a text')
    checkSize(end - start, sizeMax)
    return readText(from.bytes, start, end)
  },
})

const readText = (bytes: Uint8Array, start: number, end: number): string => {
  if (end - start > SHORT_TEXT_MAX) return utf8FromBytes(bytes.subarray(start, end))
  let text = ''
  for (let at = start; at < end; at++) {
    const code = bytes[at] ?? 0
    if (code >= 0x80) return utf8FromBytes(bytes.subarray(start, end))
    text += String.fromCharCode(code)
  }
  return text
}

/** A whole message inside a message; null is the message null. */
export const poloRaw = (sizeMax: number): Polo<Uint8Array> => ({
  write: (out, value) => {
    checkSize(value.length, sizeMax)
    putBytes(out, value)
    return WIRE.raw
  },
  read: (from, wire, start, end) => {
    if (isNull(wire, start, end)) return new Uint8Array(1)
    if (wire !== WIRE.raw) throw wrongKind(wire, 'a message')
    if (start === end) throw truncated('a tag', start)
    checkSize(end - start, sizeMax)
    return from.bytes.slice(start, end)
  },
})
