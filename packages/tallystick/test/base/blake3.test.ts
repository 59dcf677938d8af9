import { readdirSync, readFileSync } from 'node:fs'
import { blake3 as noble } from '@noble/hashes/blake3.js'
import { describe, expect, test, vi } from 'vitest'
import { equalBytes, hexFromBytes } from '../../src/base/bytes.ts'
import {
  CHECK,
  CHUNK_END,
  CHUNK_START,
  DERIVE_KEY_MATERIAL,
  ROOT,
} from '../../src/base/blake3/layout.ts'
import { type Blake3Path, createBlake3, defaultBlake3 } from '../../src/base/blake3.ts'
import { named, readVectorJson, vectorsAreMissing } from '../third-party.ts'

const PATHS: readonly Blake3Path[] = ['wasm', 'plain']
const LENGTH_MAX = 2048

const pattern = (length: number): Uint8Array => Uint8Array.from({ length }, (_, at) => at % 251)

/** Bytes without a short period, so that a block read at the wrong place shows. */
const noise = (length: number): Uint8Array => {
  let state = 0x9e3779b9
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state >>> 24
  })
}

const CONTEXT = 'tallystick/1 transition'
const MESSAGE = noise(LENGTH_MAX)
const EXPECTED = Array.from({ length: LENGTH_MAX + 1 }, (_, length) => {
  const message = MESSAGE.subarray(0, length)
  return {
    length,
    hash: noble(message),
    derived: noble(message, { context: new TextEncoder().encode(CONTEXT) }),
  }
})

describe.each(PATHS)('blake3 on the %s path', (path) => {
  const blake3 = createBlake3(path)

  test(`hashes every length from 0 to ${LENGTH_MAX} as the independent library does`, () => {
    const wrong = EXPECTED.filter(
      ({ length, hash }) => !equalBytes(blake3.hash(MESSAGE.subarray(0, length)), hash),
    )
    expect(wrong.map(({ length }) => length)).toEqual([])
  })

  test(`derives every length from 0 to ${LENGTH_MAX} as the independent library does`, () => {
    const derive = blake3.deriveKey(CONTEXT)
    const wrong = EXPECTED.filter(
      ({ length, derived }) => !equalBytes(derive(MESSAGE.subarray(0, length)), derived),
    )
    expect(wrong.map(({ length }) => length)).toEqual([])
  })

  test.each([4095, 4096, 4097, 31_744, 65_536, 102_400, 300_001])(
    'hashes a long message of %i bytes as the independent library does',
    (length) => {
      const message = noise(length)
      expect(hexFromBytes(blake3.hash(message))).toBe(hexFromBytes(noble(message)))
    },
  )

  test('keeps contexts apart, and from the plain hash', () => {
    const digests = ['a', 'b', 'A', ''].map((context) => blake3.deriveKey(context)(MESSAGE))
    const all = [...digests, blake3.hash(MESSAGE)].map(hexFromBytes)
    expect(new Set(all).size).toBe(all.length)
  })

  test('gives a fresh result that a later call does not change', () => {
    const first = blake3.hash(pattern(3))
    const before = hexFromBytes(first)
    blake3.hash(pattern(4))
    expect(hexFromBytes(first)).toBe(before)
  })

  test('does not read a message after it was hashed', () => {
    const message = pattern(100)
    const derive = blake3.deriveKey(CONTEXT)
    const before = hexFromBytes(derive(message))
    derive(pattern(1024))
    expect(hexFromBytes(derive(message))).toBe(before)
  })

  test('remembers its contexts when its memory grows', () => {
    const growing = createBlake3(path)
    const derive = growing.deriveKey(CONTEXT)
    const before = hexFromBytes(derive(MESSAGE))
    const size = growing.kernel.bytes.length
    growing.reserve(3 * size)
    expect(growing.kernel.bytes.length).toBeGreaterThan(3 * size)
    expect(hexFromBytes(derive(MESSAGE))).toBe(before)
    expect(hexFromBytes(growing.hash(pattern(5000)))).toBe(hexFromBytes(noble(pattern(5000))))
  })

  test('hands out zeroed memory on whole blocks, no byte of it twice', () => {
    const at = blake3.reserve(100)
    const next = blake3.reserve(1)
    expect([at % 64, next % 64]).toEqual([0, 0])
    expect(next).toBeGreaterThanOrEqual(at + 100)
    expect(blake3.kernel.bytes.subarray(at, at + 128).every((byte) => byte === 0)).toBe(true)
  })
})

describe.each(PATHS)('jobs on the %s path', (path) => {
  test.each([1, 2, 3, 4, 5, 7, 8, 13])(
    'work %i independent items, whatever is left over',
    (count) => {
      const blake3 = createBlake3(path)
      const blocks = blake3.reserve(64 * count)
      const out = blake3.reserve(32 * count)
      blake3.kernel.bytes.set(MESSAGE.subarray(0, 64 * count), blocks)
      const cv = blake3.keyAt(CONTEXT)
      const fields = { cv, block: blocks, blockStride: 64, out, outStride: 32, length: 40 }
      const flags = DERIVE_KEY_MATERIAL | CHUNK_START | CHUNK_END | ROOT
      const job = blake3.job({ ...fields, flags })
      expect(blake3.each(job, count)).toBe(0)
      const derive = blake3.deriveKey(CONTEXT)
      for (let at = 0; at < count; at++) {
        const expected = derive(MESSAGE.slice(64 * at, 64 * at + 40))
        expect(blake3.kernel.bytes.slice(out + 32 * at, out + 32 * at + 32)).toEqual(expected)
      }
      const check = blake3.job({ ...fields, flags, mode: CHECK })
      expect(blake3.each(check, count)).toBe(0)
      // Byte 40 is no part of the messages, byte 39 is.
      for (const [byte, difference] of [
        [40, 0],
        [39, 1],
      ] as const) {
        const place = blocks + 64 * (count - 1) + byte
        blake3.kernel.bytes[place] = (blake3.kernel.bytes[place] ?? 0) ^ 1
        expect(blake3.each(check, count)).toBe(difference)
      }
    },
  )
})

test('the default instance is one and the same, and hashes', () => {
  expect(defaultBlake3()).toBe(defaultBlake3())
  expect(defaultBlake3().path).toBe('wasm')
  expect(hexFromBytes(defaultBlake3().hash(pattern(1)))).toBe(hexFromBytes(noble(pattern(1))))
})

test('the default instance is the plain one where WebAssembly is missing', async () => {
  vi.stubGlobal('WebAssembly', undefined)
  vi.resetModules()
  try {
    const fresh = await import('../../src/base/blake3.ts')
    expect(fresh.defaultBlake3().path).toBe('plain')
    expect(() => fresh.createBlake3('wasm')).toThrow()
  } finally {
    vi.unstubAllGlobals()
    vi.resetModules()
  }
})

type OfficialCase = {
  readonly input_len: number
  readonly hash: string
  readonly derive_key: string
}
type OfficialVectors = { readonly context_string: string; readonly cases: readonly OfficialCase[] }

describe.skipIf(vectorsAreMissing)(named('the official vectors'), () => {
  test.each(PATHS)('hold for hash and derive key on the %s path', (path) => {
    const blake3 = createBlake3(path)
    const { context_string, cases } = readVectorJson<OfficialVectors>('blake3/test_vectors.json')
    const derive = blake3.deriveKey(context_string)
    expect(cases.length).toBeGreaterThan(30)
    for (const { input_len, hash, derive_key } of cases) {
      const message = pattern(input_len)
      expect([input_len, hexFromBytes(blake3.hash(message))]).toEqual([
        input_len,
        hash.slice(0, 64),
      ])
      expect([input_len, hexFromBytes(derive(message))]).toEqual([
        input_len,
        derive_key.slice(0, 64),
      ])
    }
  })
})

test('the kernel, being a primitive of our own, stays within 500 lines', () => {
  const folder = new URL('../../src/base/blake3/', import.meta.url)
  const lines = readdirSync(folder).map(
    (file) => readFileSync(new URL(file, folder), 'utf8').split('\n').length - 1,
  )
  expect(lines.length).toBe(5)
  expect(lines.reduce((sum, count) => sum + count)).toBeLessThanOrEqual(500)
})
