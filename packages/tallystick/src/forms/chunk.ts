/**
 * Chunks: bytes as numbered texts that each say which whole they belong to, for QR codes, which take little at a
 * time.
 *
 * Promise. Chunks of one whole, in any order and with repeats, give back exactly its bytes; a mixture, a gap or a wrong
 * character gives a fault that says what to do. Every character is in the alphanumeric set of QR codes, which packs
 * two of them into 11 bits.
 *
 * Not promised. Who made them: the digest finds mix-ups, not forgeries. What is inside carries signatures of its own.
 *
 * | characters | what |
 * |---|---|
 * | 0–3 | `TLY1`: a chunk of ours, version 1 |
 * | 4–15 | the whole: the first 8 bytes of its tagged hash, in base45 (12 characters) |
 * | then | position from 1, `/`, number of chunks, `:`; decimal without leading zeros |
 * | rest | this chunk's share of the whole, in base45 |
 *
 * Base45 (RFC 9285) turns two bytes into three characters, least significant first, and a last single byte into two.
 */
import { concatBytes, equalBytes } from '../base/bytes.ts'
import { Fault } from '../base/fault.ts'
import { hash } from '../base/hash.ts'
import { CHUNK_BYTES_MAX, CHUNKS_MAX } from '../base/limits.ts'
import { TAGS } from '../base/tags.ts'

const MARK = 'TLY1'
const DIGEST_BYTES = 8
const DIGEST_CHARACTERS = 12
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:'

/** A chunk as it was read. */
export type Chunk = {
  readonly digest: Uint8Array
  /** From 1. */
  readonly position: number
  readonly count: number
  readonly share: Uint8Array
}

/** What is there of a whole. Compare `missing` with nothing to know whether it is complete. */
export type Gathered = {
  readonly count: number
  readonly shares: ReadonlyMap<number, Uint8Array>
  readonly digest: Uint8Array
}

/**
 * Splits bytes into chunks of at most `shareBytes` each. Raises `chunk/too-large` for a whole that does not fit into
 * the number of chunks allowed.
 */
export const chunksFromBytes = (whole: Uint8Array, shareBytes: number): readonly string[] => {
  const size = Math.min(Math.max(1, Math.floor(shareBytes)), CHUNK_BYTES_MAX)
  const count = Math.max(1, Math.ceil(whole.length / size))
  if (count > CHUNKS_MAX) {
    throw new Fault(
      'chunk/too-large',
      `${whole.length} bytes make ${count} of at most ${CHUNKS_MAX}`,
    )
  }
  const head = MARK + base45FromBytes(digestOf(whole))
  return Array.from({ length: count }, (_, at) => {
    const share = whole.subarray(at * size, (at + 1) * size)
    return `${head}${at + 1}/${count}:${base45FromBytes(share)}`
  })
}

/** Reads one chunk. Raises `chunk/not-a-chunk` or `chunk/malformed`. */
export const readChunk = (text: string): Chunk => {
  if (!text.startsWith(MARK)) throw new Fault('chunk/not-a-chunk', 'it does not start as ours do')
  const found = /^(\d{1,5})\/(\d{1,5}):/.exec(text.slice(MARK.length + DIGEST_CHARACTERS))
  const [position, count] = [Number(found?.[1]), Number(found?.[2])]
  const isCanonical = found?.[0] === `${position}/${count}:`
  if (!found || !isCanonical || position < 1 || position > count || count > CHUNKS_MAX) {
    throw new Fault('chunk/malformed', 'it does not say which of how many it is')
  }
  const start = MARK.length + DIGEST_CHARACTERS
  const share = bytesFromBase45(text.slice(start + found[0].length))
  if (share.length > CHUNK_BYTES_MAX) {
    throw new Fault('chunk/malformed', `${share.length} bytes in one chunk`)
  }
  return { digest: bytesFromBase45(text.slice(MARK.length, start)), position, count, share }
}

/**
 * Adds a chunk to what was gathered before; a repeat changes nothing. Raises `chunk/other-whole` for a chunk of
 * something else, and `chunk/contradiction` for two different shares in one place.
 */
export const gather = (before: Gathered | undefined, chunk: Chunk): Gathered => {
  const { digest, count, position, share } = chunk
  if (!before) return { count, digest, shares: new Map([[position, share]]) }
  if (before.count !== count || !equalBytes(before.digest, digest)) {
    throw new Fault('chunk/other-whole', `chunk ${position} of ${count} belongs to something else`)
  }
  const known = before.shares.get(position)
  if (!known) return { ...before, shares: new Map([...before.shares, [position, share]]) }
  if (equalBytes(known, share)) return before
  throw new Fault('chunk/contradiction', `two different chunks claim to be ${position} of ${count}`)
}

/** Positions that have not been seen yet. */
export const missingChunks = (of: Gathered): readonly number[] =>
  Array.from({ length: of.count }, (_, at) => at + 1).filter((at) => !of.shares.has(at))

/** The whole. Raises `chunk/incomplete`, or `chunk/wrong-digest` where the parts do not make what they promise. */
export const bytesFromGathered = (of: Gathered): Uint8Array => {
  const missing = missingChunks(of)
  if (missing.length > 0) {
    const first = missing.slice(0, 8).join(', ')
    throw new Fault('chunk/incomplete', `${missing.length} of ${of.count} are missing: ${first}`)
  }
  const shares = [...of.shares].sort(([a], [b]) => a - b).map(([, share]) => share)
  const whole = concatBytes(...shares)
  if (!equalBytes(digestOf(whole), of.digest)) {
    throw new Fault('chunk/wrong-digest', 'the chunks together are not what they say')
  }
  return whole
}

/** Reads chunks in any order into the whole. Raises what its parts raise. */
export const bytesFromChunks = (texts: readonly string[]): Uint8Array => {
  let gathered: Gathered | undefined
  for (const text of texts) gathered = gather(gathered, readChunk(text))
  if (!gathered) throw new Fault('chunk/incomplete', 'there is no chunk')
  return bytesFromGathered(gathered)
}

const digestOf = (whole: Uint8Array): Uint8Array =>
  hash('blake3', TAGS.chunk, whole).subarray(0, DIGEST_BYTES)

export const base45FromBytes = (bytes: Uint8Array): string => {
  let text = ''
  for (let at = 0; at < bytes.length; at += 2) {
    const second = bytes[at + 1]
    const first = bytes[at] ?? 0
    const value = second === undefined ? first : first * 256 + second
    text += digitAt(value % 45) + digitAt(Math.floor(value / 45) % 45)
    if (second !== undefined) text += digitAt(Math.floor(value / 2025))
  }
  return text
}

/** Reads canonical base45. Raises `chunk/malformed`. */
export const bytesFromBase45 = (text: string): Uint8Array => {
  if (text.length % 3 === 1)
    throw new Fault('chunk/malformed', `${text.length} characters of base45`)
  const bytes = new Uint8Array(Math.floor(text.length / 3) * 2 + (text.length % 3 === 2 ? 1 : 0))
  for (let at = 0, out = 0; at < text.length; at += 3, out += 2) {
    const isPair = at + 3 <= text.length
    const high = isPair ? valueOf(text, at + 2) : 0
    const value = valueOf(text, at) + 45 * valueOf(text, at + 1) + 2025 * high
    if (value > (isPair ? 0xffff : 0xff)) {
      throw new Fault('chunk/malformed', `no bytes are written "${text.slice(at, at + 3)}"`)
    }
    if (isPair) bytes[out] = value >> 8
    bytes[isPair ? out + 1 : out] = value & 0xff
  }
  return bytes
}

const digitAt = (value: number): string => ALPHABET.charAt(value)

const valueOf = (text: string, at: number): number => {
  const value = ALPHABET.indexOf(text.charAt(at))
  if (value < 0) throw new Fault('chunk/malformed', `"${text.charAt(at)}" at ${at} is no base45`)
  return value
}
