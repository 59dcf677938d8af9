/** Bytes: comparison, joining and the one accepted hexadecimal spelling (lower case, even length). */
import { Fault } from './fault.ts'

const HEX_OF_BYTE: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, '0'),
)

const NIBBLE_OF_CODE = new Int8Array(128).fill(-1)
for (let digit = 0; digit < 16; digit++)
  NIBBLE_OF_CODE['0123456789abcdef'.charCodeAt(digit)] = digit

/** What newer runtimes do themselves, several times as fast. */
type BytesOfRuntime = Uint8Array & { readonly toHex?: () => string }
type RuntimeOfBytes = Uint8ArrayConstructor & { readonly fromHex?: (hex: string) => Uint8Array }
const prototype: BytesOfRuntime = Uint8Array.prototype
const constructor: RuntimeOfBytes = Uint8Array
const { toHex } = prototype
const { fromHex } = constructor

export const hexFromBytes = (bytes: Uint8Array): string => {
  if (toHex) return toHex.call(bytes)
  let hex = ''
  for (const byte of bytes) hex += HEX_OF_BYTE[byte]
  return hex
}

/** Reads lower-case hexadecimal. Raises `hex/not-canonical` for any other spelling. */
export const bytesFromHex = (hex: string): Uint8Array => {
  if (hex.length % 2 !== 0) throw new Fault('hex/not-canonical', `odd length ${hex.length}`)
  // The runtime's reader takes upper case as well, which would give one value two spellings.
  if (fromHex && /^[0-9a-f]*$/.test(hex)) return fromHex.call(Uint8Array, hex)
  const bytes = new Uint8Array(hex.length / 2)
  for (let at = 0; at < bytes.length; at++) {
    const high = NIBBLE_OF_CODE[hex.charCodeAt(2 * at)] ?? -1
    const low = NIBBLE_OF_CODE[hex.charCodeAt(2 * at + 1)] ?? -1
    if (high < 0 || low < 0) {
      throw new Fault(
        'hex/not-canonical',
        `no lower-case hexadecimal digit near position ${2 * at}`,
      )
    }
    bytes[at] = high * 16 + low
  }
  return bytes
}

export const concatBytes = (...parts: readonly Uint8Array[]): Uint8Array => {
  let size = 0
  for (const part of parts) size += part.length
  const joined = new Uint8Array(size)
  let offset = 0
  for (const part of parts) {
    joined.set(part, offset)
    offset += part.length
  }
  return joined
}

export const equalBytes = (a: Uint8Array, b: Uint8Array): boolean => {
  if (a.length !== b.length) return false
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false
  return true
}

/** Lexicographic order: negative, zero or positive. */
export const compareBytes = (a: Uint8Array, b: Uint8Array): number => {
  const shared = Math.min(a.length, b.length)
  for (let at = 0; at < shared; at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

export const bytesFromUtf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Reads UTF-8. Raises `text/not-utf8` instead of replacing what it cannot read. */
export const utf8FromBytes = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new Fault('text/not-utf8', `${bytes.length} bytes are not UTF-8`)
  }
}
