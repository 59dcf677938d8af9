/**
 * BLAKE3: hash and derive-key mode with 32 bytes of output, synchronous, for messages of up to 4 GiB; and the memory
 * in which chains and trees are hashed in bulk, without a copy or an allocation for each hash.
 *
 * Two kernels behind one interface, `wasm` (128-bit vectors) and `plain`, proven equal to an independent library on
 * every length up to 2,048 and to the official vectors. This is the one primitive of our own, since the speed of a
 * chain is the speed of its hash.
 *
 * Not promised. A message, and what comes of it, stays in the memory until the next one takes its place.
 */
import { assert } from './assert.ts'
import { createDigest } from './blake3/digest.ts'
import * as layout from './blake3/layout.ts'
import { createPlainKernel } from './blake3/plain-kernel.ts'
import { createWasmKernel } from './blake3/wasm-kernel.ts'
import { bytesFromUtf8 } from './bytes.ts'

export type Blake3Path = 'wasm' | 'plain'

/** A row of equal compressions, as `blake3/layout.ts` describes it. What is left out is 0, and `block` is then `cv`. */
export type Job = {
  readonly cv: number
  readonly cvStride?: number
  readonly block?: number
  readonly blockStride?: number
  readonly out: number
  readonly outStride?: number
  readonly mode?: number
  readonly length?: number
  readonly flags?: number
}

export type Blake3 = {
  readonly path: Blake3Path
  /** 32 bytes. */
  readonly hash: (bytes: Uint8Array) => Uint8Array
  /** The hash function of a context, which is worked out once. 32 bytes. */
  readonly deriveKey: (context: string) => (bytes: Uint8Array) => Uint8Array
  readonly kernel: layout.Kernel
  /** Address of the chaining value that messages under `context` start from. */
  readonly keyAt: (context: string) => number
  /** Address of `size` zeroed bytes on a boundary of 64, for good. The memory may grow: read `kernel.words` anew. */
  readonly reserve: (size: number) => number
  /** Reserves a job and writes it. */
  readonly job: (job: Job) => number
  /** Independent items, four at a time and the rest one by one. Returns 1 where `CHECK` found a difference. */
  readonly each: (job: number, count: number) => number
}

/** Raises the engine's own error for `wasm` where WebAssembly or its vectors are missing or forbidden. */
export const createBlake3 = (path: Blake3Path): Blake3 => {
  assert(isLittleEndian, 'a kernel reads and writes words with the low byte first')
  const kernel = path === 'wasm' ? createWasmKernel() : createPlainKernel()
  const memory = createMemory(kernel)
  const digest = createDigest(kernel, memory.reserve(DESK_BYTES))
  // Bounded: contexts are the tags of a closed list.
  const keys = new Map<string, number>()
  const keyAt = (context: string): number => {
    const known = keys.get(context)
    if (known !== undefined) return known
    const key = digest(layout.IV_AT, layout.DERIVE_KEY_CONTEXT, bytesFromUtf8(context))
    const at = memory.reserve(layout.CV_BYTES)
    kernel.bytes.set(key, at)
    keys.set(context, at)
    return at
  }
  return {
    path,
    hash: (bytes) => digest(layout.IV_AT, 0, bytes),
    deriveKey: (context) => {
      const key = keyAt(context)
      return (bytes) => digest(key, layout.DERIVE_KEY_MATERIAL, bytes)
    },
    kernel,
    keyAt,
    ...memory,
    each: (job, count) => each(kernel, job, count),
  }
}

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

const DESK_BYTES = 1152

let shared: Blake3 | undefined

/** One instance for everybody, made at the first call: `wasm` where the platform has it, else `plain`. */
export const defaultBlake3 = (): Blake3 => {
  if (shared !== undefined) return shared
  try {
    shared = createBlake3('wasm')
  } catch {
    shared = createBlake3('plain')
  }
  return shared
}

/** Makes something for an instance at the first call, and gives the same back for it ever after. */
export const onceFor = <T extends object>(make: (blake3: Blake3) => T): ((blake3: Blake3) => T) => {
  const made = new WeakMap<Blake3, T>()
  return (blake3) => {
    const known = made.get(blake3)
    if (known !== undefined) return known
    const fresh = make(blake3)
    made.set(blake3, fresh)
    return fresh
  }
}

const createMemory = (kernel: layout.Kernel): Pick<Blake3, 'reserve' | 'job'> => {
  let end = layout.HEAP_AT
  const reserve = (size: number): number => {
    const at = end
    end += Math.ceil(size / layout.BLOCK_BYTES) * layout.BLOCK_BYTES
    if (end > kernel.bytes.length) kernel.grow(end + layout.PAGE_BYTES)
    return at
  }
  const job = (fields: Job): number => {
    const at = reserve(layout.JOB_BYTES)
    const { cv, cvStride = 0, block = cv, blockStride = 0, out, outStride = 0 } = fields
    const { mode = 0, length = 0, flags = 0 } = fields
    const words = [cv, cvStride, block, blockStride, out, outStride, mode, 0, 0, 0, length, flags]
    kernel.words.set(words, at >>> 2)
    return at
  }
  return { reserve, job }
}

const each = (kernel: layout.Kernel, job: number, count: number): number => {
  const fours = count - (count % 4)
  const difference = fours === 0 ? 0 : kernel.four(job, fours)
  if (fours === count) return difference
  const shift = (items: number): void => {
    const { words } = kernel
    for (let field = job >>> 2, last = field + 4; field <= last; field += 2) {
      words[field] = (words[field] ?? 0) + items * (words[field + 1] ?? 0)
    }
  }
  shift(fours)
  const rest = kernel.row(job, count - fours)
  shift(-fours)
  return difference | rest
}
