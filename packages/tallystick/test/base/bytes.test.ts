import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  bytesFromHex,
  bytesFromUtf8,
  compareBytes,
  concatBytes,
  equalBytes,
  hexFromBytes,
  utf8FromBytes,
} from '../../src/base/bytes.ts'

const anyBytes = fc.uint8Array({ maxLength: 80 })

describe('hexadecimal', () => {
  test('goes both ways and agrees with the platform', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        expect(hexFromBytes(bytes)).toBe(Buffer.from(bytes).toString('hex'))
        expect(bytesFromHex(hexFromBytes(bytes))).toEqual(bytes)
      }),
    )
  })

  test('has one spelling', () => {
    expect(bytesFromHex('0aff')).toEqual(Uint8Array.of(10, 255))
    for (const bad of ['0aFf', '0af', '0x0aff', ' 0aff', '0a\uff41f', '0a\u{1d7d8}f']) {
      expect(() => bytesFromHex(bad)).toThrow(
        expect.objectContaining({ code: 'hex/not-canonical' }),
      )
    }
  })
})

describe('joining and comparing', () => {
  test('joins in order, without holding on to its parts', () => {
    const part = Uint8Array.of(1, 2)
    const joined = concatBytes(part, new Uint8Array(), Uint8Array.of(3))
    part[0] = 9
    expect(joined).toEqual(Uint8Array.of(1, 2, 3))
    expect(concatBytes()).toEqual(new Uint8Array())
  })

  test('equality and order agree with each other and with the platform', () => {
    fc.assert(
      fc.property(anyBytes, anyBytes, (a, b) => {
        expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(a, b))
        expect(equalBytes(a, b)).toBe(Buffer.compare(a, b) === 0)
        expect(equalBytes(a, Uint8Array.from(a))).toBe(true)
      }),
    )
  })

  test('a prefix comes before what it starts, and is not equal to it', () => {
    const short = Uint8Array.of(1, 2)
    const long = Uint8Array.of(1, 2, 0)
    expect(compareBytes(short, long)).toBeLessThan(0)
    expect(compareBytes(long, short)).toBeGreaterThan(0)
    expect(equalBytes(short, long)).toBe(false)
  })
})

describe('UTF-8', () => {
  test('goes both ways, the mark at the start included', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(utf8FromBytes(bytesFromUtf8(text))).toBe(text)
      }),
    )
    expect(utf8FromBytes(bytesFromUtf8('\ufeffa'))).toBe('\ufeffa')
  })

  test('is refused, not repaired, when it is broken', () => {
    const broken = [[0xff], [0xc3], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80]]
    for (const bytes of broken) {
      expect(() => utf8FromBytes(Uint8Array.from(bytes))).toThrow(
        expect.objectContaining({ code: 'text/not-utf8' }),
      )
    }
  })
})
