import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytesFromUtf8 } from '../../src/base/bytes.ts'
import { faultFrom, isFault } from '../../src/base/fault.ts'
import { base32FromBytes, bytesFromBase32 } from '../../src/forms/base32.ts'

describe('base32', () => {
  test('agrees with the examples of RFC 4648', () => {
    for (const [plain, text] of [
      ['', ''],
      ['f', 'MY'],
      ['fo', 'MZXQ'],
      ['foo', 'MZXW6'],
      ['foob', 'MZXW6YQ'],
      ['fooba', 'MZXW6YTB'],
      ['foobar', 'MZXW6YTBOI'],
    ] as const) {
      expect(base32FromBytes(bytesFromUtf8(plain))).toBe(text)
      expect(bytesFromBase32(text)).toEqual(bytesFromUtf8(plain))
    }
  })

  test('gives any bytes back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
        expect(bytesFromBase32(base32FromBytes(bytes))).toEqual(bytes)
      }),
    )
  })

  test('has one spelling: what is read is written again as it was', () => {
    for (const text of ['M', 'MZ2', 'MZXW6Y', 'MZ', 'MZXR', 'my', 'MY======', 'M1', 'MY ', 'ÄÄ']) {
      const read = faultFrom(() => bytesFromBase32(text))
      expect([text, isFault(read) ? read.code : base32FromBytes(read)]).toEqual([
        text,
        'base32/malformed',
      ])
    }
  })
})
