import { expect, test } from 'vitest'
import { idFromHex } from '../../src/base/brand.ts'
import { outcome, outcomePath } from '../../src/logic/outcome.ts'

test('an outcome is exactly two amounts', () => {
  const split = { toPayee: 2n ** 128n - 1n, toPayer: 1n }
  const bytes = outcome.encode(split)
  expect(bytes).toHaveLength(32)
  expect(outcome.decode(bytes)).toEqual(split)
  expect(() => outcome.decode(bytes.subarray(1))).toThrow(/bytes/)
  expect(() => outcome.encode({ toPayee: -1n, toPayer: 0n })).toThrow(/-1/)
})

test('its path names the lock', () => {
  const id = idFromHex<'lock'>('ab'.repeat(32))
  expect(outcomePath(id)).toEqual(['outcome', new Uint8Array(32).fill(0xab)])
})
