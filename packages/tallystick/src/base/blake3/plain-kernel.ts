/** The BLAKE3 compression function without WebAssembly, for where that or its vectors are missing or forbidden. */
import * as layout from './layout.ts'

export const createPlainKernel = (): layout.Kernel => {
  const row = (job: number, count: number): number => {
    const { words } = kernel
    const at = job >>> 2
    const mode = words[at + 6] ?? 0
    let difference = 0
    for (let item = 0; item < count; item++) {
      const out = addressOf(words, at + 4, item)
      const to = (mode & layout.CHECK) === 0 ? out : (layout.SCRATCH_AT + layout.BLOCK_BYTES) >>> 2
      if ((mode & layout.MOVE) === 0) compress(words, at, item, to)
      else words.copyWithin(to, addressOf(words, at, item), addressOf(words, at, item) + 8)
      if (to === out) continue
      for (let i = 0; i < 8; i++) difference |= (words[out + i] ?? 0) ^ (words[to + i] ?? 0)
    }
    return difference === 0 ? 0 : 1
  }
  const pair = (one: number, other: number, count: number): number =>
    row(one, count) | row(other, count)
  const grow = (bytesMin: number): void => {
    const grown = new Int32Array(Math.max(bytesMin, 2 * kernel.bytes.length) >>> 2)
    grown.set(kernel.words)
    kernel.words = grown
    kernel.bytes = new Uint8Array(grown.buffer)
  }
  const words = new Int32Array(layout.PAGE_BYTES >>> 2)
  const kernel = { words, bytes: new Uint8Array(words.buffer), row, pair, four: row, grow }
  words.set(layout.IV, layout.IV_AT >>> 2)
  return kernel
}

/** Word address of an item, from the address and stride at `field`. */
const addressOf = (words: Int32Array, field: number, item: number): number =>
  ((words[field] ?? 0) + item * (words[field + 1] ?? 0)) >>> 2

/** Address of the block, or of a copy that is zero from `length` bytes on. */
const padded = (words: Int32Array, block: number, length: number): number => {
  if (length === layout.BLOCK_BYTES) return block
  const copy = layout.SCRATCH_AT >>> 2
  const whole = length >>> 2
  for (let at = 0; at < whole; at++) words[copy + at] = words[block + at] ?? 0
  for (let at = whole; at < 16; at++) words[copy + at] = 0
  const mask = (1 << (8 * (length & 3))) - 1
  if (mask !== 0) words[copy + whole] = (words[block + whole] ?? 0) & mask
  return copy
}

const turn = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits))

/** Each word has a variable of its own: over arrays it would take several times as long. */
// oxfmt-ignore
const compress = (words: Int32Array, job: number, item: number, out: number): void => {
  const cv = addressOf(words, job, item)
  const at = padded(words, addressOf(words, job + 2, item), words[job + 10] ?? 0)
  let a0 = words[cv] ?? 0, a1 = words[cv + 1] ?? 0, a2 = words[cv + 2] ?? 0, a3 = words[cv + 3] ?? 0
  let b0 = words[cv + 4] ?? 0, b1 = words[cv + 5] ?? 0, b2 = words[cv + 6] ?? 0, b3 = words[cv + 7] ?? 0
  let c0 = 0x6a09e667, c1 = 0xbb67ae85 | 0, c2 = 0x3c6ef372, c3 = 0xa54ff53a | 0
  let d0 = words[job + 8] ?? 0, d1 = words[job + 9] ?? 0, d2 = words[job + 10] ?? 0, d3 = words[job + 11] ?? 0
  let m0 = words[at] ?? 0, m1 = words[at + 1] ?? 0, m2 = words[at + 2] ?? 0, m3 = words[at + 3] ?? 0
  let m4 = words[at + 4] ?? 0, m5 = words[at + 5] ?? 0, m6 = words[at + 6] ?? 0, m7 = words[at + 7] ?? 0
  let m8 = words[at + 8] ?? 0, m9 = words[at + 9] ?? 0, m10 = words[at + 10] ?? 0, m11 = words[at + 11] ?? 0
  let m12 = words[at + 12] ?? 0, m13 = words[at + 13] ?? 0, m14 = words[at + 14] ?? 0, m15 = words[at + 15] ?? 0
  for (let round = 0; round < 7; round++) {
    d0 = turn(d0 ^ (a0 = (a0 + b0 + m0) | 0), 16); b0 = turn(b0 ^ (c0 = (c0 + d0) | 0), 20)
    d0 = turn(d0 ^ (a0 = (a0 + b0 + m1) | 0), 24); b0 = turn(b0 ^ (c0 = (c0 + d0) | 0), 25)
    d1 = turn(d1 ^ (a1 = (a1 + b1 + m2) | 0), 16); b1 = turn(b1 ^ (c1 = (c1 + d1) | 0), 20)
    d1 = turn(d1 ^ (a1 = (a1 + b1 + m3) | 0), 24); b1 = turn(b1 ^ (c1 = (c1 + d1) | 0), 25)
    d2 = turn(d2 ^ (a2 = (a2 + b2 + m4) | 0), 16); b2 = turn(b2 ^ (c2 = (c2 + d2) | 0), 20)
    d2 = turn(d2 ^ (a2 = (a2 + b2 + m5) | 0), 24); b2 = turn(b2 ^ (c2 = (c2 + d2) | 0), 25)
    d3 = turn(d3 ^ (a3 = (a3 + b3 + m6) | 0), 16); b3 = turn(b3 ^ (c3 = (c3 + d3) | 0), 20)
    d3 = turn(d3 ^ (a3 = (a3 + b3 + m7) | 0), 24); b3 = turn(b3 ^ (c3 = (c3 + d3) | 0), 25)
    d3 = turn(d3 ^ (a0 = (a0 + b1 + m8) | 0), 16); b1 = turn(b1 ^ (c2 = (c2 + d3) | 0), 20)
    d3 = turn(d3 ^ (a0 = (a0 + b1 + m9) | 0), 24); b1 = turn(b1 ^ (c2 = (c2 + d3) | 0), 25)
    d0 = turn(d0 ^ (a1 = (a1 + b2 + m10) | 0), 16); b2 = turn(b2 ^ (c3 = (c3 + d0) | 0), 20)
    d0 = turn(d0 ^ (a1 = (a1 + b2 + m11) | 0), 24); b2 = turn(b2 ^ (c3 = (c3 + d0) | 0), 25)
    d1 = turn(d1 ^ (a2 = (a2 + b3 + m12) | 0), 16); b3 = turn(b3 ^ (c0 = (c0 + d1) | 0), 20)
    d1 = turn(d1 ^ (a2 = (a2 + b3 + m13) | 0), 24); b3 = turn(b3 ^ (c0 = (c0 + d1) | 0), 25)
    d2 = turn(d2 ^ (a3 = (a3 + b0 + m14) | 0), 16); b0 = turn(b0 ^ (c1 = (c1 + d2) | 0), 20)
    d2 = turn(d2 ^ (a3 = (a3 + b0 + m15) | 0), 24); b0 = turn(b0 ^ (c1 = (c1 + d2) | 0), 25)
    ;[m0, m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15] =
      [m2, m6, m3, m10, m7, m0, m4, m13, m1, m11, m12, m5, m9, m14, m15, m8]
  }
  words[out] = a0 ^ c0; words[out + 1] = a1 ^ c1
  words[out + 2] = a2 ^ c2; words[out + 3] = a3 ^ c3
  words[out + 4] = b0 ^ d0; words[out + 5] = b1 ^ d1
  words[out + 6] = b2 ^ d2; words[out + 7] = b3 ^ d3
}
