import { blake2b as noble } from '@noble/hashes/blake2.js'
import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  type Blake2bPath,
  blake2b256,
  createBlake2b,
  defaultBlake2b,
} from '../../src/base/blake2b.ts'
import { bytesFromUtf8, equalBytes, hexFromBytes } from '../../src/base/bytes.ts'

const PATHS: readonly Blake2bPath[] = ['wasm', 'plain']
const LENGTH_MAX = 1024

/** Bytes without a short period, so that a block read at the wrong place shows. */
const noise = (length: number): Uint8Array => {
  let state = 0x9e3779b9
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state >>> 24
  })
}

const KEY = bytesFromUtf8('tallystick/1 state key')
const MESSAGE = noise(LENGTH_MAX)
const lengths = Array.from({ length: LENGTH_MAX + 1 }, (_, at) => at)

describe.each(PATHS)('blake2b on the %s path', (path) => {
  const blake2b = createBlake2b(path)

  test(`hashes every length from 0 to ${LENGTH_MAX} as the independent library does`, () => {
    const wrong = lengths.filter((length) => {
      const message = MESSAGE.subarray(0, length)
      return !equalBytes(blake2b.hash(message), noble(message, { dkLen: 32 }))
    })
    expect(wrong).toEqual([])
  })

  test(`hashes every length from 0 to ${LENGTH_MAX} under a key as the independent library does`, () => {
    const keyed = blake2b.keyed(KEY)
    const wrong = lengths.filter((length) => {
      const message = MESSAGE.subarray(0, length)
      return !equalBytes(keyed(message), noble(message, { dkLen: 32, key: KEY }))
    })
    expect(wrong).toEqual([])
  })

  test.each([16_383, 16_384, 16_385, 32_768, 131_072, 200_001])(
    'hashes a long message of %i bytes as the independent library does',
    (length) => {
      const message = noise(length)
      expect(equalBytes(blake2b.hash(message), noble(message, { dkLen: 32 }))).toBe(true)
      const expected = noble(message, { dkLen: 32, key: KEY })
      expect(equalBytes(blake2b.keyed(KEY)(message), expected)).toBe(true)
    },
  )

  test('takes keys of 1 to 64 bytes and no others', () => {
    for (const size of [1, 32, 64]) {
      const key = noise(size)
      const expected = noble(MESSAGE, { dkLen: 32, key })
      expect(equalBytes(blake2b.keyed(key)(MESSAGE), expected)).toBe(true)
    }
    for (const size of [0, 65]) expect(() => blake2b.keyed(noise(size))).toThrow('1 to 64')
  })

  test('hands out results that later calls leave as they are', () => {
    const first = blake2b.hash(MESSAGE)
    const empty = blake2b.keyed(KEY)(new Uint8Array(0))
    const [kept, keptEmpty] = [hexFromBytes(first), hexFromBytes(empty)]
    empty.fill(0)
    blake2b.hash(KEY)
    expect(hexFromBytes(first)).toBe(kept)
    expect(hexFromBytes(blake2b.keyed(KEY)(new Uint8Array(0)))).toBe(keptEmpty)
  })
})

test('gives the known digests of nothing and of abc', () => {
  expect(hexFromBytes(blake2b256(new Uint8Array(0)))).toBe(
    '0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8',
  )
  expect(hexFromBytes(blake2b256(bytesFromUtf8('abc')))).toBe(
    'bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319',
  )
})

afterEach(() => {
  vi.unstubAllGlobals()
  vi.resetModules()
})

test('takes the kernel where the platform has it, and the library where it is missing', async () => {
  expect(defaultBlake2b().path).toBe('wasm')
  vi.stubGlobal('WebAssembly', undefined)
  vi.resetModules()
  const again = await import('../../src/base/blake2b.ts')
  expect(again.defaultBlake2b().path).toBe('plain')
})
