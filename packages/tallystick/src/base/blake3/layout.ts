/**
 * What the two BLAKE3 kernels share: constants of the specification, and the job, the form in which equal
 * compressions are ordered. Addresses and strides are in bytes and multiples of 4.
 *
 * Item `i` of a job compresses the block at `block + i × blockStride` into the chaining value at
 * `cv + i × cvStride` and puts the new one at `out + i × outStride`. Bytes of a block from `length` on count as
 * zero, but must lie in the memory. A job has 12 words:
 *
 * | words | fields |
 * |---|---|
 * | 0 to 5 | `cv`, `cvStride`, `block`, `blockStride`, `out`, `outStride` |
 * | 6, 7 | `mode`: sum of `MOVE` and `CHECK`; zero |
 * | 8 to 11 | chunk counter, zero, `length`, `flags`: the last row of the initial state |
 */

export const IV: readonly number[] = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
]
/** Word `i` of the next round's message is word `PERMUTATION[i]` of this round's. */
export const PERMUTATION: readonly number[] = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8]
export const ROUNDS = 7

export const CHUNK_START = 1
export const CHUNK_END = 2
export const PARENT = 4
export const ROOT = 8
export const DERIVE_KEY_CONTEXT = 32
export const DERIVE_KEY_MATERIAL = 64

/** Mode: no compression, the chaining value goes through as it is. */
export const MOVE = 1
/** Mode: instead of writing, compare with what is there. The kernel returns 1 on a difference. */
export const CHECK = 2

export const CV_BYTES = 32
export const JOB_BYTES = 48
export const BLOCK_BYTES = 64
export const CHUNK_BYTES = 1024
export const PAGE_BYTES = 65_536

/** Where a kernel keeps the IV, what it needs for itself, and where free memory begins. */
export const IV_AT = 64
export const SCRATCH_AT = 128
export const HEAP_AT = 256

/** A memory and three ways to work a job in it. `words` and `bytes` are renewed when the memory grows. */
export type Kernel = {
  readonly words: Int32Array<ArrayBuffer>
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Items one after the other: an item may use what the one before it put out. */
  readonly row: (job: number, count: number) => number
  /** Two jobs of one mode side by side, each as in `row`; neither may use what the other puts out. */
  readonly pair: (one: number, other: number, count: number) => number
  /** Independent items, four at a time; `count` is a multiple of 4. */
  readonly four: (job: number, count: number) => number
  readonly grow: (bytesMin: number) => void
}
