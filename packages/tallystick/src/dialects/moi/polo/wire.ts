/**
 * POLO on the wire: the kinds of elements, and the writer and the cursor that every schema is made of.
 *
 * | code | kind | body |
 * |---|---|---|
 * | 0, 1, 2 | null, false, true | nothing |
 * | 3, 4 | positive and negative integer | magnitude, big-endian |
 * | 5 | raw | a whole message |
 * | 6 | word | bytes, or UTF-8 |
 * | 7 | float | 8 bytes, IEEE 754, big-endian |
 * | 13, 14 | document, pack | a container |
 * | 15 | load | stands before a container's head, nowhere else |
 *
 * A message is a tag and a body. A tag is the number `offset << 4 | kind` in LEB128. A container's body is the number
 * `size of head << 4 | 15`, a head of one tag for each element, and the bodies one after the other; an offset says where an
 * element's body begins among them, and it ends where the next begins.
 *
 * Promise. Reading is total and bounded: it throws a `Fault` or hands out ranges inside the message, each byte of it in one
 * element at most, and no more elements and levels than the limits name. It is strict where two readers could differ: the
 * first body begins at 0, offsets do not fall, kinds without a body have none, numbers in tags have one spelling.
 */
import { bytesFromUtf8 } from '../../../base/bytes.ts'
import { Fault } from '../../../base/fault.ts'
import { POLO_BYTES_MAX, POLO_DEPTH_MAX, POLO_ITEMS_MAX } from '../../../base/limits.ts'

export const WIRE = {
  null: 0,
  false: 1,
  true: 2,
  positive: 3,
  negative: 4,
  raw: 5,
  word: 6,
  float: 7,
  document: 13,
  pack: 14,
  load: 15,
} as const

/**
 * What a message is written into, from its end to its front: an element's size is known once it is written, and so the offsets
 * in front of it are, without a second walk and without moving a byte.
 */
export type PoloOut = {
  buffer: Uint8Array
  /** Where the last written byte is. */
  at: number
  /** Elements of open containers: how much was written once each was, and its kind. */
  marks: Uint32Array
  wires: Uint8Array
  marked: number
}

export const createOut = (): PoloOut => ({
  buffer: new Uint8Array(1024),
  at: 1024,
  marks: new Uint32Array(256),
  wires: new Uint8Array(256),
  marked: 0,
})

/** Makes room for so many bytes in front of what is written. Raises `polo/too-large`. */
export const reserve = (out: PoloOut, size: number): number => {
  if (out.at < size) grow(out, size)
  out.at -= size
  return out.at
}

const grow = (out: PoloOut, size: number): void => {
  const written = out.buffer.length - out.at
  if (written + size > POLO_BYTES_MAX) throw tooLarge(written + size, 'bytes', POLO_BYTES_MAX)
  // Never larger than a message may be, so that whatever still fits may be written.
  const room = Math.min(POLO_BYTES_MAX, Math.max(out.buffer.length * 2, written + size))
  const grown = new Uint8Array(room)
  grown.set(out.buffer.subarray(out.at), grown.length - written)
  out.at = grown.length - written
  out.buffer = grown
}

export const putBytes = (out: PoloOut, bytes: Uint8Array): void => {
  const at = reserve(out, bytes.length)
  out.buffer.set(bytes, at)
}

/** Longer texts are left to the runtime. */
const SHORT_TEXT_MAX = 64

/** Puts a text as UTF-8. Raises `text/not-utf8` for half a character, which would come back as another. */
export const putText = (out: PoloOut, text: string): void => {
  if (text.length <= SHORT_TEXT_MAX && putAscii(out, text)) return
  if (!text.isWellFormed()) throw new Fault('text/not-utf8', 'a text with half a character')
  putBytes(out, bytesFromUtf8(text))
}

const putAscii = (out: PoloOut, text: string): boolean => {
  const at = reserve(out, text.length)
  const { buffer } = out
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code >= 0x80) {
      out.at = at + text.length
      return false
    }
    buffer[at + index] = code
  }
  return true
}

export const putTag = (out: PoloOut, offset: number, wire: number): void => {
  let value = offset * 16 + wire
  const size = value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : 4
  let at = reserve(out, size)
  while (value >= 0x80) {
    out.buffer[at++] = (value & 0x7f) | 0x80
    value >>>= 7
  }
  out.buffer[at] = value
}

/** Says that an element of the innermost open container has been written. They are written last to first. */
export const markElement = (out: PoloOut, wire: number): void => {
  const at = out.marked
  if (at === out.marks.length) {
    const marks = new Uint32Array(at * 2)
    marks.set(out.marks)
    out.marks = marks
    const wires = new Uint8Array(at * 2)
    wires.set(out.wires)
    out.wires = wires
  }
  out.marks[at] = out.buffer.length - out.at
  out.wires[at] = wire
  out.marked = at + 1
}

/** Writes the head of a container whose elements were marked from `first` on. */
export const closeContainer = (out: PoloOut, first: number): void => {
  const bodies = out.marked === first ? 0 : (out.marks[out.marked - 1] ?? 0)
  const before = out.buffer.length - out.at
  for (let at = first; at < out.marked; at++)
    putTag(out, bodies - (out.marks[at] ?? 0), out.wires[at] ?? 0)
  out.marked = first
  putTag(out, out.buffer.length - out.at - before, WIRE.load)
}

/** A message being read, and what it may still cost. */
export type PoloIn = {
  readonly bytes: Uint8Array
  items: number
  depth: number
  /** Where the number ends that was read last. */
  next: number
}

/** Raises `polo/too-large`. */
export const createIn = (bytes: Uint8Array): PoloIn => {
  if (bytes.length > POLO_BYTES_MAX) throw tooLarge(bytes.length, 'bytes', POLO_BYTES_MAX)
  // A Node Buffer is a Uint8Array whose `slice` copies nothing; what was decoded must not change with the input.
  const isPlain = Object.getPrototypeOf(bytes) === Uint8Array.prototype
  const plain = isPlain ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return { bytes: plain, items: POLO_ITEMS_MAX, depth: 0, next: 0 }
}

/**
 * Counts values that are about to be made, those for which the message has no byte too: one null may stand for a struct of
 * hundreds. Raises `polo/too-large`.
 */
export const spend = (from: PoloIn, count: number): void => {
  from.items -= count
  if (from.items < 0) throw tooLarge(POLO_ITEMS_MAX - from.items, 'elements', POLO_ITEMS_MAX)
}

/** Reads a number of at most four bytes: it names a kind and an offset below 2^24. Raises `polo/malformed`. */
export const readNumber = (from: PoloIn, start: number, end: number): number => {
  let value = 0
  let at = start
  for (let shift = 0; shift <= 21; shift += 7) {
    if (at >= end) throw truncated('a tag', at)
    const byte = from.bytes[at++] ?? 0
    value |= (byte & 0x7f) << shift
    if (byte < 0x80) {
      if (byte === 0 && shift > 0) throw malformed('a number with zeros in front', start)
      from.next = at
      return value
    }
  }
  throw malformed('a number of more than four bytes', start)
}

/** One container being read; `wire`, `start` and `end` are of the element that `nextElement` found. */
export type Cursor = {
  head: number
  readonly headEnd: number
  readonly body: number
  readonly bodyEnd: number
  /** Tag of the element after, −1 when there is none. */
  ahead: number
  wire: number
  start: number
  end: number
}

/** Raises `polo/truncated`, `polo/malformed` or `polo/too-large`. */
export const openContainer = (from: PoloIn, start: number, end: number): Cursor => {
  from.depth += 1
  if (from.depth > POLO_DEPTH_MAX) throw tooLarge(from.depth, 'levels', POLO_DEPTH_MAX)
  const load = readNumber(from, start, end)
  if ((load & 15) !== WIRE.load) throw malformed('a container without a load', start)
  const head = from.next
  const body = head + (load >>> 4)
  if (body > end) throw truncated('a head', head)
  let ahead = -1
  let next = head
  if (head < body) {
    ahead = readNumber(from, head, body)
    next = from.next
    if (ahead >>> 4 !== 0) throw malformed('bytes before the first element', body)
  } else if (body < end) throw malformed('a container with bytes and no element', body)
  return { head: next, headEnd: body, body, bodyEnd: end, ahead, wire: 0, start: body, end: body }
}

/** Moves on, or returns false at the container's end, which closes it. */
export const nextElement = (from: PoloIn, cursor: Cursor): boolean => {
  const { ahead } = cursor
  if (ahead < 0) {
    from.depth -= 1
    return false
  }
  spend(from, 1)
  cursor.wire = ahead & 15
  cursor.start = cursor.body + (ahead >>> 4)
  if (cursor.head < cursor.headEnd) {
    cursor.ahead = readNumber(from, cursor.head, cursor.headEnd)
    cursor.head = from.next
    cursor.end = cursor.body + (cursor.ahead >>> 4)
    if (cursor.end < cursor.start)
      throw malformed('an element that ends before it begins', cursor.start)
    if (cursor.end > cursor.bodyEnd) throw truncated('an element', cursor.start)
  } else {
    cursor.ahead = -1
    cursor.end = cursor.bodyEnd
  }
  return true
}

export const truncated = (what: string, at: number): Fault =>
  new Fault('polo/truncated', `${what} at ${at} goes on after the end`)

export const malformed = (what: string, at: number): Fault =>
  new Fault('polo/malformed', `${what} at ${at}`)

export const tooLarge = (size: number, what: string, max: number): Fault =>
  new Fault('polo/too-large', `${size} ${what} where at most ${max} are allowed`)
