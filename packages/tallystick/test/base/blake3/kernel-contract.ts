/** What every BLAKE3 kernel must do, checked against an independent library. */
import { blake3 as noble } from '@noble/hashes/blake3.js'
import { describe, expect, test } from 'vitest'
import {
  CHECK,
  CHUNK_END,
  CHUNK_START,
  HEAP_AT,
  IV_AT,
  type Kernel,
  MOVE,
  ROOT,
} from '../../../src/base/blake3/layout.ts'

const WHOLE_MESSAGE = CHUNK_START | CHUNK_END | ROOT
const JOB = HEAP_AT
const OTHER_JOB = JOB + 64
const BLOCKS = JOB + 1024
const OUT = BLOCKS + 2048
const COUNT = 8

type Fields = { readonly [Name in (typeof FIELDS)[number]]?: number }
const FIELDS = ['cv', 'cvStride', 'block', 'blockStride', 'out', 'outStride', 'mode'] as const

export const kernelContract = (name: string, create: () => Kernel): void => {
  const fresh = (): Kernel => {
    const kernel = create()
    for (let at = 0; at < 2048; at++) kernel.bytes[BLOCKS + at] = (at * 7 + (at >> 5) * 13) & 255
    return kernel
  }
  const write = (kernel: Kernel, at: number, fields: Fields, length = 64): void => {
    const defaults = { cv: IV_AT, block: BLOCKS, blockStride: 64, out: OUT, outStride: 32 }
    const all: Fields = { ...defaults, ...fields }
    const words = [...FIELDS.map((field) => all[field] ?? 0), 0, 0, 0, length, WHOLE_MESSAGE]
    kernel.words.set(words, at >>> 2)
  }
  const result = (kernel: Kernel, item: number): Uint8Array =>
    kernel.bytes.slice(OUT + 32 * item, OUT + 32 * item + 32)
  const block = (kernel: Kernel, item: number, length: number): Uint8Array =>
    kernel.bytes.slice(BLOCKS + 64 * item, BLOCKS + 64 * item + length)

  const ways: Record<string, (kernel: Kernel, fields: Fields, length?: number) => number> = {
    row: (kernel, fields, length) => {
      write(kernel, JOB, fields, length)
      return kernel.row(JOB, COUNT)
    },
    pair: (kernel, fields, length) => {
      const { block: at = BLOCKS, out = OUT } = fields
      write(kernel, JOB, fields, length)
      const half = COUNT / 2
      write(kernel, OTHER_JOB, { ...fields, block: at + 64 * half, out: out + 32 * half }, length)
      return kernel.pair(JOB, OTHER_JOB, half)
    },
    four: (kernel, fields, length) => {
      write(kernel, JOB, fields, length)
      return kernel.four(JOB, COUNT)
    },
  }

  describe.each(Object.entries(ways))(`${name}: %s`, (_, work) => {
    test('compresses a block of every length, and reads nothing beyond it', () => {
      const kernel = fresh()
      for (let length = 0; length <= 64; length++) {
        expect(work(kernel, {}, length)).toBe(0)
        for (let item = 0; item < COUNT; item++) {
          expect(result(kernel, item)).toEqual(noble(block(kernel, item, length)))
        }
      }
    })

    test('finds any difference in any item when it checks, and changes nothing', () => {
      const kernel = fresh()
      work(kernel, {})
      const before = kernel.bytes.slice(OUT, OUT + 32 * COUNT)
      expect(work(kernel, { mode: CHECK })).toBe(0)
      for (let byte = 0; byte < before.length; byte += 3) {
        kernel.bytes.set(before, OUT)
        kernel.bytes[OUT + byte] = (before[byte] ?? 0) ^ 0x40
        expect(work(kernel, { mode: CHECK })).toBe(1)
        expect(kernel.bytes[OUT + byte]).toBe((before[byte] ?? 0) ^ 0x40)
      }
    })
  })

  test(`${name}: row and four move chaining values without compressing them`, () => {
    for (const way of [ways['row'], ways['four']]) {
      const kernel = fresh()
      way?.(kernel, { cv: BLOCKS, cvStride: 64, mode: MOVE })
      for (let item = 0; item < COUNT; item++) {
        expect(result(kernel, item)).toEqual(block(kernel, item, 32))
      }
      expect(way?.(kernel, { cv: BLOCKS, cvStride: 64, mode: MOVE | CHECK })).toBe(0)
      kernel.bytes[BLOCKS + 64] = (kernel.bytes[BLOCKS + 64] ?? 0) ^ 1
      expect(way?.(kernel, { cv: BLOCKS, cvStride: 64, mode: MOVE | CHECK })).toBe(1)
    }
  })

  test(`${name}: row and pair let an item use what the one before it put out`, () => {
    for (const way of ['row', 'pair'] as const) {
      const kernel = fresh()
      // Each result is written over the middle of the block after it.
      const chain = { outStride: 64, blockStride: 64 }
      write(kernel, JOB, { ...chain, block: BLOCKS, out: BLOCKS + 72 })
      write(kernel, OTHER_JOB, { ...chain, block: BLOCKS + 1024, out: BLOCKS + 1096 })
      const expected = [0, 16].map((start) => {
        let last = block(kernel, start, 64)
        for (let item = 1; item <= COUNT; item++) {
          const next = block(kernel, start + item, 64)
          next.set(noble(last), 8)
          last = next
        }
        return last
      })
      if (way === 'row') [JOB, OTHER_JOB].map((job) => kernel.row(job, COUNT))
      else kernel.pair(JOB, OTHER_JOB, COUNT)
      expect([COUNT, 16 + COUNT].map((item) => block(kernel, item, 64))).toEqual(expected)
    }
  })

  test(`${name}: the memory keeps its content when it grows`, () => {
    const kernel = fresh()
    const before = kernel.bytes.slice()
    kernel.grow(before.length + 1)
    expect(kernel.bytes.length).toBeGreaterThan(before.length)
    expect(kernel.words.byteLength).toBe(kernel.bytes.length)
    expect(kernel.bytes.slice(0, before.length)).toEqual(before)
  })
}
