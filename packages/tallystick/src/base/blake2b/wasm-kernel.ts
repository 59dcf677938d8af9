/**
 * The BLAKE2b compression function as WebAssembly, which has the 64-bit words that JavaScript lacks, in the text of
 * `blake3/assembler.ts`. One function of straight code: `compress(from, to, block, length)` reads a state of 64
 * bytes and a block of 128 and writes the next state; addresses are bytes, `length` is twice the number of
 * bytes so far, and one more at the last block.
 */
import { moduleBytes, type Operations, type WasmFunction } from '../blake3/assembler.ts'

export type Blake2bKernel = {
  readonly bytes: Uint8Array
  readonly compress: (from: number, to: number, block: number, length: number) => number
}

/** The whole memory: one page, of which the first 64 bytes are the initial state. */
export const KERNEL_BYTES = 65_536
export const IV_AT = 0

/** Raises the engine's own error where WebAssembly is missing or forbidden. */
export const createWasmKernel = (): Blake2bKernel => {
  compiled ??= new WebAssembly.Module(moduleBytes([compression()], 1, WIDE))
  const { memory, compress } = new WebAssembly.Instance<Exports>(compiled).exports
  const words = new BigUint64Array(memory.buffer)
  words.set(IV, IV_AT)
  return { bytes: new Uint8Array(memory.buffer), compress }
}

type Exports = Pick<Blake2bKernel, 'compress'> & { readonly memory: WebAssembly.Memory }

let compiled: WebAssembly.Module | undefined

/** Of SHA-512: the first 64 bits of the fractional parts of the square roots of the first eight primes. */
const IV = [
  0x6a09e667f3bcc908n,
  0xbb67ae8584caa73bn,
  0x3c6ef372fe94f82bn,
  0xa54ff53a5f1d36f1n,
  0x510e527fade682d1n,
  0x9b05688c2b3e6c1fn,
  0x1f83d9abfb41bd6bn,
  0x5be0cd19137e2179n,
]

const WIDE: Operations = {
  'w.load': [0x29],
  'w.store': [0x37],
  'w.const': [0x42],
  'w.add': [0x7c],
  'w.sub': [0x7d],
  'w.and': [0x83],
  'w.xor': [0x85],
  'w.shr': [0x88],
  'w.rotr': [0x8a],
  'w.from': [0xad],
}

/** The order in which a round takes the words of the block; rounds 10 and 11 repeat 0 and 1. */
// oxfmt-ignore
const SIGMA = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
  [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
  [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
  [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
  [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
  [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
  [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
  [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
  [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
]

/** Words that the eight mixings of a round work on: columns, then diagonals. */
// oxfmt-ignore
const PLACES = [
  [0, 4, 8, 12], [1, 5, 9, 13], [2, 6, 10, 14], [3, 7, 11, 15],
  [0, 5, 10, 15], [1, 6, 11, 12], [2, 7, 8, 13], [3, 4, 9, 14],
] as const

const compression = (): WasmFunction => {
  const eight = Array.from({ length: 8 }, (_, at) => at)
  const start = eight.map(
    (at) => `from w.load:${8 * at} =w${at} ${IV_AT} w.load:${8 * at} =w${at + 8}`,
  )
  const rounds = Array.from({ length: 12 }, (_, round) =>
    PLACES.map((places, at) => {
      const order = SIGMA[round % 10] ?? []
      return mixing(places, order[2 * at] ?? 0, order[2 * at + 1] ?? 0)
    }).join('\n'),
  )
  const end = eight.map(
    (at) => `to from w.load:${8 * at} w${at} w.xor w${at + 8} w.xor w.store:${8 * at}`,
  )
  return {
    name: 'compress',
    params: ['from', 'to', 'block', 'length'],
    text: `
      ${start.join('\n')}
      w12 length w.from w.const:1 w.shr w.xor =w12
      w14 w.const:0 length w.from w.const:1 w.and w.sub w.xor =w14
      ${rounds.join('\n')}
      ${end.join('\n')}
      0`,
  }
}

/** The function G, with two words of the block. */
const mixing = (
  [a, b, c, d]: readonly [number, number, number, number],
  x: number,
  y: number,
): string => `
  w${a} w${b} w.add block w.load:${8 * x} w.add =w${a}
  w${d} w${a} w.xor w.const:32 w.rotr =w${d}
  w${c} w${d} w.add =w${c}
  w${b} w${c} w.xor w.const:24 w.rotr =w${b}
  w${a} w${b} w.add block w.load:${8 * y} w.add =w${a}
  w${d} w${a} w.xor w.const:16 w.rotr =w${d}
  w${c} w${d} w.add =w${c}
  w${b} w${c} w.xor w.const:63 w.rotr =w${b}`
