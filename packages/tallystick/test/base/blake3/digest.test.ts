import { blake3 as noble } from '@noble/hashes/blake3.js'
import { expect, test } from 'vitest'
import { createDigest } from '../../../src/base/blake3/digest.ts'
import { HEAP_AT, IV_AT } from '../../../src/base/blake3/layout.ts'
import { createPlainKernel } from '../../../src/base/blake3/plain-kernel.ts'

const noise = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, at) => (at * 31 + (at >> 8) * 17) & 255)

/** Chunks are 1,024 bytes: trees with every shape of a last branch. */
test.each([0, 1, 1024, 1025, 2048, 2049, 3072, 3073, 5120, 6144, 7168, 7169, 16_385, 50_000])(
  'hashes a message of %i bytes through the whole tree',
  (length) => {
    const digest = createDigest(createPlainKernel(), HEAP_AT)
    expect(digest(IV_AT, 0, noise(length))).toEqual(noble(noise(length)))
  },
)

test('a long message leaves nothing behind for the next one', () => {
  const digest = createDigest(createPlainKernel(), HEAP_AT)
  digest(IV_AT, 0, noise(9000))
  expect(digest(IV_AT, 0, noise(10))).toEqual(noble(noise(10)))
})
