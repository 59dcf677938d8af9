import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { hexFromBytes } from '../../src/base/bytes.ts'
import { sha256 } from '../../src/base/sha256.ts'

test('plain SHA-256 is what the runtime says it is, at every length up to three blocks', () => {
  for (let length = 0; length <= 192; length++) {
    const bytes = new Uint8Array(length).fill(length)
    expect(hexFromBytes(sha256(bytes))).toBe(createHash('sha256').update(bytes).digest('hex'))
  }
})
