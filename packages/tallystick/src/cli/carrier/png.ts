/**
 * PNG pictures: as many kinds as cameras, screens and scanners write, as pixels; and pixels as a picture.
 *
 * Promise. What is read is bounded before it is unpacked: by the size that the picture states, and by what it may
 * unpack to. A picture that is cut, changed or of another kind gives a typed fault.
 *
 * Not promised. Interlaced pictures, and colours: profiles and gamma are ignored, since black on white is all there is to
 * tell apart.
 */
import { crc32, deflateSync, inflateSync } from 'node:zlib'
import { bytesFromHex, bytesFromUtf8, concatBytes, equalBytes } from '../../base/bytes.ts'
import { Fault } from '../../base/fault.ts'
import { PICTURE_PIXELS_MAX } from '../../base/limits.ts'
import type { Pixels } from './qr.ts'

const SIGNATURE: Uint8Array = bytesFromHex('89504e470d0a1a0a')

/** Whether bytes begin as a PNG picture does. */
export const isPng = (bytes: Uint8Array): boolean =>
  bytes.length >= SIGNATURE.length && equalBytes(bytes.subarray(0, SIGNATURE.length), SIGNATURE)

/** Raises `picture/damaged`, `picture/too-large` or `picture/other-kind`. */
export const pixelsFromPng = (bytes: Uint8Array): Pixels => {
  if (!isPng(bytes)) throw new Fault('picture/other-kind', 'no PNG picture')
  const parts = chunksIn(bytes)
  const header = headerFrom(parts.find((one) => one.name === 'IHDR')?.bytes)
  const packed = concatBytes(...parts.filter((one) => one.name === 'IDAT').map((one) => one.bytes))
  const palette = parts.find((one) => one.name === 'PLTE')?.bytes ?? new Uint8Array(0)
  const rows = unfiltered(unpacked(packed, header), header)
  return { width: header.width, height: header.height, data: coloured(rows, header, palette) }
}

/** A picture of grey values, as small as they pack. */
export const pngFromPixels = ({ width, height, data }: Pixels): Uint8Array => {
  const rows = new Uint8Array(height * (width + 1))
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      rows[y * (width + 1) + 1 + x] = data[(y * width + x) * 4] ?? 0
    }
  }
  const head = new Uint8Array(13)
  const view = new DataView(head.buffer)
  view.setUint32(0, width)
  view.setUint32(4, height)
  view.setUint8(8, 8)
  return concatBytes(
    SIGNATURE,
    chunkFrom('IHDR', head),
    chunkFrom('IDAT', new Uint8Array(deflateSync(rows))),
    chunkFrom('IEND', new Uint8Array(0)),
  )
}

type Part = { readonly name: string; readonly bytes: Uint8Array }

type Header = {
  readonly width: number
  readonly height: number
  /** Bits of one sample. */
  readonly depth: number
  readonly kind: Kind
}

/** Colour types by their number: samples of one pixel, and what they are. */
type Kind = { readonly samples: number; readonly is: 'grey' | 'colour' | 'palette' }

const KINDS: ReadonlyMap<number, Kind> = new Map([
  [0, { samples: 1, is: 'grey' }],
  [2, { samples: 3, is: 'colour' }],
  [3, { samples: 1, is: 'palette' }],
  [4, { samples: 2, is: 'grey' }],
  [6, { samples: 4, is: 'colour' }],
])

const chunksIn = (bytes: Uint8Array): readonly Part[] => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const parts: Part[] = []
  for (let at = SIGNATURE.length; at + 12 <= bytes.length;) {
    const end = at + 8 + view.getUint32(at)
    if (end + 4 > bytes.length) throw damaged('a part of it is cut')
    if (crc32(bytes.subarray(at + 4, end)) !== view.getUint32(end)) {
      throw damaged('a checksum is wrong')
    }
    const name = String.fromCharCode(...bytes.subarray(at + 4, at + 8))
    parts.push({ name, bytes: bytes.subarray(at + 8, end) })
    if (name === 'IEND') return parts
    at = end + 4
  }
  throw damaged('its end is missing')
}

const headerFrom = (bytes: Uint8Array | undefined): Header => {
  if (bytes?.length !== 13) throw damaged('it has no header')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const [width, height, depth] = [view.getUint32(0), view.getUint32(4), view.getUint8(8)]
  if (width === 0 || height === 0) throw damaged('it has no pixels')
  if (width * height > PICTURE_PIXELS_MAX) {
    const says = `${width} × ${height} pixels, at most ${PICTURE_PIXELS_MAX} in all`
    throw new Fault('picture/too-large', says)
  }
  const kind = KINDS.get(view.getUint8(9))
  const isKnown = kind !== undefined && [1, 2, 4, 8, 16].includes(depth)
  if (!isKnown || (kind.samples > 1 && depth < 8)) throw damaged('its kind of colours is unknown')
  if (view.getUint8(12) !== 0) throw new Fault('picture/other-kind', 'an interlaced picture')
  return { width, height, depth, kind }
}

const rowBytes = ({ width, depth, kind }: Header): number =>
  Math.ceil((width * depth * kind.samples) / 8)

const unpacked = (packed: Uint8Array, header: Header): Uint8Array => {
  const size = header.height * (rowBytes(header) + 1)
  try {
    const rows = new Uint8Array(inflateSync(packed, { maxOutputLength: size }))
    if (rows.length === size) return rows
  } catch {
    // Whatever the reason, the rows cannot be had.
  }
  throw damaged('its rows do not unpack to its size')
}

/** Takes back the filter that each row was stored with, in place; returns the rows without the filters' bytes. */
const unfiltered = (stored: Uint8Array, header: Header): Uint8Array => {
  const size = rowBytes(header)
  const step = Math.max(1, (header.depth * header.kind.samples) >> 3)
  const rows = new Uint8Array(header.height * size)
  for (let y = 0; y < header.height; y++) {
    const filter = stored[y * (size + 1)] ?? 0
    if (filter > 4) throw damaged('a row is stored in an unknown way')
    const [from, to] = [y * (size + 1) + 1, y * size]
    for (let x = 0; x < size; x++) {
      const left = x < step ? 0 : (rows[to + x - step] ?? 0)
      const above = y === 0 ? 0 : (rows[to + x - size] ?? 0)
      const corner = x < step || y === 0 ? 0 : (rows[to + x - size - step] ?? 0)
      const guess = guessOf(filter, left, above, corner)
      rows[to + x] = ((stored[from + x] ?? 0) + guess) & 0xff
    }
  }
  return rows
}

const guessOf = (filter: number, left: number, above: number, corner: number): number => {
  switch (filter) {
    case 1:
      return left
    case 2:
      return above
    case 3:
      return (left + above) >> 1
    case 4:
      return nearest(left, above, corner)
    default:
      return 0
  }
}

/** The neighbour that is nearest to left + above − corner: the filter that the format calls Paeth. */
const nearest = (left: number, above: number, corner: number): number => {
  const [a, b, c] = [above - corner, left - corner, left + above - 2 * corner].map(Math.abs)
  if (a === undefined || b === undefined || c === undefined) return 0
  if (a <= b && a <= c) return left
  return b <= c ? above : corner
}

const coloured = (rows: Uint8Array, header: Header, palette: Uint8Array): Uint8Array => {
  const { width, height, depth, kind } = header
  const data = new Uint8Array(width * height * 4).fill(255)
  const size = rowBytes(header)
  // Only the upper byte of a sample of 16 bits is looked at.
  const sampleAt = (y: number, index: number): number => {
    if (depth >= 8) return rows[y * size + index * (depth >> 3)] ?? 0
    const bit = index * depth
    const byte = rows[y * size + (bit >> 3)] ?? 0
    return (byte >> (8 - depth - (bit & 7))) & ((1 << depth) - 1)
  }
  const scale = depth >= 8 ? 1 : 255 / ((1 << depth) - 1)
  const hasAlpha = kind.samples % 2 === 0
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 4
      const start = x * kind.samples
      const first = sampleAt(y, start)
      // On white paper, as it would be looked at.
      const opacity = hasAlpha ? sampleAt(y, start + kind.samples - 1) / 255 : 1
      for (let part = 0; part < 3; part++) {
        const grey = kind.is === 'palette' ? (palette[first * 3 + part] ?? 0) : first * scale
        const value = kind.is === 'colour' ? sampleAt(y, start + part) : grey
        data[at + part] = 255 - (255 - value) * opacity
      }
    }
  }
  return data
}

const chunkFrom = (name: string, bytes: Uint8Array): Uint8Array => {
  const named = concatBytes(bytesFromUtf8(name), bytes)
  const ends = new Uint8Array(8)
  const view = new DataView(ends.buffer)
  view.setUint32(0, bytes.length)
  view.setUint32(4, crc32(named))
  return concatBytes(ends.subarray(0, 4), named, ends.subarray(4))
}

const damaged = (why: string): Fault => new Fault('picture/damaged', `the PNG picture: ${why}`)
