/**
 * BLAKE2b with 32 bytes of output, for messages below 2 GiB: the plain hash, which MOI's formats use, and the keyed one,
 * under which the suite `moi` hashes its tags (`moi-suite.ts`).
 *
 * Two kernels behind one interface: `wasm`, and `plain`, which is the library's for where WebAssembly is missing or
 * forbidden. They are proven equal on every length up to some blocks. A kernel of our own, because MOI's state is hashed
 * some dozens of times for each interaction, and 64-bit words cost the library five to eight microseconds each time.
 *
 * Not promised. A message stays in the kernel's memory until the next one takes its place.
 */
import { blake2b } from '@noble/hashes/blake2.js'
import { assert } from './assert.ts'
import { createWasmKernel, IV_AT, KERNEL_BYTES } from './blake2b/wasm-kernel.ts'

export type Blake2bPath = 'wasm' | 'plain'

/** Hashes to a fresh array of 32 bytes. */
export type Hash32 = (bytes: Uint8Array) => Uint8Array

export type Blake2b = {
  readonly path: Blake2bPath
  readonly hash: Hash32
  /** The hash under a key of 1 to 64 bytes, which is worked in once. Each key takes memory for good. */
  readonly keyed: (key: Uint8Array) => Hash32
}

/** BLAKE2b-256, as MOI hashes what it receives. */
export const blake2b256: Hash32 = (bytes) => defaultBlake2b().hash(bytes)

let shared: Blake2b | undefined

/** One instance for everybody, made at the first call: `wasm` where the platform has it, else `plain`. */
export const defaultBlake2b = (): Blake2b => {
  if (shared !== undefined) return shared
  try {
    shared = createBlake2b('wasm')
  } catch {
    shared = createBlake2b('plain')
  }
  return shared
}

/** Raises the engine's own error for `wasm` where WebAssembly is missing or forbidden. */
export const createBlake2b = (path: Blake2bPath): Blake2b =>
  path === 'wasm' ? createWasm() : createPlain()

const createPlain = (): Blake2b => ({
  path: 'plain',
  hash: (bytes) => blake2b(bytes, { dkLen: OUT_BYTES }),
  keyed: (key) => {
    const start = blake2b.create({ dkLen: OUT_BYTES, key: checkedKey(key) })
    return (bytes) => start.clone().update(bytes).digest()
  },
})

const OUT_BYTES = 32
const STATE_BYTES = 64
const BLOCK_BYTES = 128
/** Messages go through the kernel by so many blocks at a time. */
const DESK_BYTES = 128 * BLOCK_BYTES
const DESK_AT = 2 * STATE_BYTES
const OUT_AT = STATE_BYTES
const STATES_AT = DESK_AT + DESK_BYTES

const createWasm = (): Blake2b => {
  const { bytes: memory, compress } = createWasmKernel()
  let end = STATES_AT
  /** A state to start from. The first word holds the sizes of output and key. */
  const stateOf = (keyBytes: number): number => {
    const at = end
    end += STATE_BYTES
    assert(end <= KERNEL_BYTES, 'keys are the tags of a closed list, which fit one page')
    memory.copyWithin(at, IV_AT, IV_AT + STATE_BYTES)
    const sizes = [OUT_BYTES, keyBytes, 1, 1]
    for (const [place, value] of sizes.entries())
      memory[at + place] = (memory[at + place] ?? 0) ^ value
    return at
  }
  /** Hashes on from a state that has taken `before` bytes. An empty message after a key never comes here. */
  const run = (state: number, before: number, message: Uint8Array): Uint8Array => {
    let from = state
    let taken = 0
    do {
      const part = Math.min(DESK_BYTES, message.length - taken)
      const blocks = Math.max(1, Math.ceil(part / BLOCK_BYTES))
      memory.set(part === message.length ? message : message.subarray(taken, taken + part), DESK_AT)
      memory.fill(0, DESK_AT + part, DESK_AT + blocks * BLOCK_BYTES)
      for (let block = 0; block < blocks; block++) {
        const upTo = Math.min(taken + (block + 1) * BLOCK_BYTES, message.length)
        const isLast = upTo === message.length
        const length = 2 * (before + upTo) + (isLast ? 1 : 0)
        compress(from, OUT_AT, DESK_AT + block * BLOCK_BYTES, length)
        from = OUT_AT
      }
      taken += part
    } while (taken < message.length)
    return memory.slice(OUT_AT, OUT_AT + OUT_BYTES)
  }
  const plain = stateOf(0)
  return {
    path: 'wasm',
    hash: (message) => run(plain, 0, message),
    keyed: (key) => {
      const block = new Uint8Array(BLOCK_BYTES)
      block.set(checkedKey(key))
      const start = stateOf(key.length)
      // The key's block is the last one only of an empty message, whose hash is therefore fixed.
      const empty = run(start, 0, block)
      memory.set(block, DESK_AT)
      compress(start, start, DESK_AT, 2 * BLOCK_BYTES)
      return (message) => (message.length === 0 ? empty.slice() : run(start, BLOCK_BYTES, message))
    },
  }
}

const checkedKey = (key: Uint8Array): Uint8Array => {
  assert(key.length > 0 && key.length <= STATE_BYTES, 'a key of BLAKE2b has 1 to 64 bytes')
  return key
}
