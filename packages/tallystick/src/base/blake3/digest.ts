/** Messages of any length: blocks into chunks, chunks into the tree, 32 bytes of output. */
import * as layout from './layout.ts'

/** Hashes from the starting value at address `key` and with the flags of a mode. */
export type Digest = (key: number, flags: number, bytes: Uint8Array) => Uint8Array<ArrayBuffer>

/** Works with 1,136 bytes of the kernel's memory from `desk` on. */
export const createDigest = (kernel: layout.Kernel, desk: number): Digest => {
  const out = desk + layout.CHUNK_BYTES
  const job = out + layout.BLOCK_BYTES
  const field = job >>> 2
  kernel.words.set([out, 0, desk, 0, out], field)
  const step = (cv: number, block: number, length: number, flags: number): void => {
    const { words } = kernel
    words[field] = cv
    words[field + 2] = block
    words[field + 10] = length
    words[field + 11] = flags
    kernel.row(job, 1)
  }
  const chunk = (key: number, flags: number, bytes: Uint8Array): void => {
    kernel.bytes.set(bytes, desk)
    let cv = key
    let flag = (flags & ~layout.ROOT) | layout.CHUNK_START
    let at = 0
    for (; bytes.length - at > layout.BLOCK_BYTES; at += layout.BLOCK_BYTES) {
      step(cv, desk + at, layout.BLOCK_BYTES, flag)
      cv = out
      flag &= ~layout.CHUNK_START
    }
    step(cv, desk + at, bytes.length - at, flags | flag | layout.CHUNK_END)
  }
  const parent = (key: number, flags: number, pair: Uint8Array): void => {
    kernel.bytes.set(pair, desk)
    step(key, desk, layout.BLOCK_BYTES, flags | layout.PARENT)
  }
  const result = (): Uint8Array<ArrayBuffer> => kernel.bytes.slice(out, out + layout.CV_BYTES)
  return (key, flags, bytes) => {
    if (bytes.length <= layout.CHUNK_BYTES) {
      chunk(key, flags | layout.ROOT, bytes)
      return result()
    }
    let level = mapped(bytes, layout.CHUNK_BYTES, (part, at) => {
      kernel.words[field + 8] = at
      chunk(key, flags, part)
      return result()
    })
    kernel.words[field + 8] = 0
    while (level.length > layout.BLOCK_BYTES) {
      level = mapped(level, layout.BLOCK_BYTES, (pair) => {
        // One without a partner goes up as it is.
        if (pair.length < layout.BLOCK_BYTES) return pair
        parent(key, flags, pair)
        return result()
      })
    }
    parent(key, flags | layout.ROOT, level)
    return result()
  }
}

/** Each part of `size` bytes, the last one maybe shorter, made into a chaining value. */
const mapped = (
  bytes: Uint8Array,
  size: number,
  join: (part: Uint8Array, at: number) => Uint8Array,
): Uint8Array => {
  const count = Math.ceil(bytes.length / size)
  const level = new Uint8Array(count * layout.CV_BYTES)
  for (let at = 0; at < count; at++) {
    level.set(join(bytes.subarray(at * size, (at + 1) * size), at), at * layout.CV_BYTES)
  }
  return level
}
