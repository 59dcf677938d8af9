import { describe, expect, test } from 'vitest'
import { idFromHex } from '../../src/base/brand.ts'
import { type FlatChain, flatChain } from '../../src/verify/flat-chain.ts'

const chain: FlatChain = {
  machine: idFromHex('11'.repeat(32)),
  records: new Uint8Array(512).fill(3),
  batches: [
    { size: 1, signatures: [{ party: 0, key: 0, signature: Uint8Array.of(1, 2) }] },
    { size: 1, signatures: [] },
  ],
  certificate: Uint8Array.of(4),
}

describe('flat chains as bytes', () => {
  test('come back as they were and have one spelling', () => {
    const bytes = flatChain.encode(chain)
    expect(flatChain.decode(bytes)).toEqual(chain)
    for (let size = 0; size < bytes.length; size++) {
      expect(() => flatChain.decode(bytes.subarray(0, size))).toThrow()
    }
  })
})
