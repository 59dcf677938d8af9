import { expect, test } from 'vitest'
import * as layout from '../../../src/base/blake3/layout.ts'

test('the permutation uses every word of the message once', () => {
  expect([...layout.PERMUTATION].sort((a, b) => a - b)).toEqual([...layout.PERMUTATION.keys()])
})

test('flags and modes can be added up', () => {
  const { CHUNK_START, CHUNK_END, PARENT, ROOT, DERIVE_KEY_CONTEXT, DERIVE_KEY_MATERIAL } = layout
  const flags = [CHUNK_START, CHUNK_END, PARENT, ROOT, DERIVE_KEY_CONTEXT, DERIVE_KEY_MATERIAL]
  expect(flags.reduce((sum, flag) => sum | flag)).toBe(flags.reduce((sum, flag) => sum + flag))
  expect(layout.MOVE & layout.CHECK).toBe(0)
})

test('what the kernels keep for themselves does not overlap', () => {
  expect(layout.IV_AT + layout.CV_BYTES).toBeLessThanOrEqual(layout.SCRATCH_AT)
  expect(layout.SCRATCH_AT + 2 * layout.BLOCK_BYTES).toBeLessThanOrEqual(layout.HEAP_AT)
})
