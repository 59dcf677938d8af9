import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytesFromId, idFromHex, zeroId } from '../../src/base/brand.ts'
import { hexFromBytes } from '../../src/base/bytes.ts'
import { faultFrom, isFault } from '../../src/base/fault.ts'

const codeOf = (hex: string): string | undefined => {
  const result = faultFrom(() => idFromHex(hex))
  return isFault(result) ? result.code : undefined
}

describe('an id', () => {
  test('is exactly the 64 lower-case digits of its 32 bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        const hex = hexFromBytes(bytes)
        expect(idFromHex(hex)).toBe(hex)
        expect(bytesFromId(idFromHex(hex))).toEqual(bytes)
      }),
    )
  })

  test('is refused in any other spelling', () => {
    const good = 'ab'.repeat(32)
    expect(codeOf(good)).toBeUndefined()
    const bad = [
      good.slice(1),
      `${good}a`,
      good.toUpperCase(),
      good.replace('a', 'g'),
      '',
      `0x${good.slice(2)}`,
      `${good}\n`,
    ]
    for (const hex of bad) expect(codeOf(hex)).toBe('id/malformed')
  })

  test('of nothing is 32 zero bytes', () => {
    expect(bytesFromId(zeroId())).toEqual(new Uint8Array(32))
  })
})
