import { describe, expect, test } from 'vitest'
import { bytesFromHex, hexFromBytes } from '../../../../src/base/bytes.ts'
import { faultFrom, isFault } from '../../../../src/base/fault.ts'
import {
  poloBool,
  poloBytes,
  poloBytesOrNull,
  poloFloat,
  poloInteger,
  poloNatural,
  poloRaw,
  poloText,
  poloWhole,
} from '../../../../src/dialects/moi/polo/scalar.ts'
import { decodePolo, encodePolo, type Polo } from '../../../../src/dialects/moi/polo/schema.ts'
import { createStreams } from '../../../../src/sim/random.ts'
import { randomInteger, randomText } from './random.ts'

const hexOf = <T>(schema: Polo<T>, value: T): string => hexFromBytes(encodePolo(schema, value))
const read = <T>(schema: Polo<T>, hex: string): unknown => {
  const found = decodePolo(schema, bytesFromHex(hex))
  return isFault(found) ? found.code : found
}
const refusal = (run: () => unknown): string => {
  const found = faultFrom(run)
  return isFault(found) ? found.code : 'done'
}

describe('integers', () => {
  const u256 = poloNatural(256)
  const i64 = poloInteger(64)

  test('come back as they were, at every length', () => {
    const random = createStreams(1)('integers')
    const any = poloInteger(257)
    for (let at = 0; at < 2000; at++) {
      const value = randomInteger(random)
      expect(decodePolo(any, encodePolo(any, value))).toBe(value)
    }
  })

  test('come back at each power of two, one below and one above', () => {
    for (let bits = 0n; bits < 256n; bits++) {
      for (const value of [(1n << bits) - 1n, 1n << bits, (1n << bits) + 1n]) {
        if (value >= 1n << 256n) continue
        expect(decodePolo(u256, encodePolo(u256, value))).toBe(value)
        // The shortest spelling: two digits for each byte and no zeros in front.
        const digits = value.toString(16)
        expect(hexOf(u256, value)).toBe(
          value === 0n ? '03' : `03${digits.padStart(digits.length + (digits.length % 2), '0')}`,
        )
      }
    }
  })

  test('are read with zeros in front, up to 32 bytes', () => {
    for (let zeros = 0; zeros <= 30; zeros++)
      expect(read(u256, `03${'00'.repeat(zeros)}012c`)).toBe(300n)
    expect(read(u256, `03${'00'.repeat(31)}012c`)).toBe('polo/out-of-range')
    expect(read(poloWhole(300), `03${'00'.repeat(30)}012c`)).toBe(300)
    expect(read(u256, `03${'00'.repeat(32)}`)).toBe(0n)
  })

  test('stop at the bounds of the schema, reading and writing', () => {
    expect(read(poloNatural(64), '03ffffffffffffffff')).toBe(2n ** 64n - 1n)
    expect(read(poloNatural(64), '03010000000000000000')).toBe('polo/out-of-range')
    expect(read(poloWhole(255), '03ff')).toBe(255)
    expect(read(poloWhole(255), '030100')).toBe('polo/out-of-range')
    expect(read(poloWhole(Number.MAX_SAFE_INTEGER), '03001fffffffffffff')).toBe('polo/out-of-range')
    expect(read(i64, '047fffffffffffffff')).toBe(-(2n ** 63n) + 1n)
    expect(read(i64, '048000000000000000')).toBe(-(2n ** 63n))
    expect(read(i64, '048000000000000001')).toBe('polo/out-of-range')
    expect(read(i64, '037fffffffffffffff')).toBe(2n ** 63n - 1n)
    expect(read(i64, '038000000000000000')).toBe('polo/out-of-range')
    expect(refusal(() => hexOf(poloNatural(64), 2n ** 64n))).toBe('polo/out-of-range')
    expect(refusal(() => hexOf(u256, -1n))).toBe('polo/out-of-range')
    expect(refusal(() => hexOf(u256, 2n ** 256n))).toBe('polo/out-of-range')
    expect(refusal(() => hexOf(poloWhole(255), 256))).toBe('polo/out-of-range')
    expect(refusal(() => hexOf(poloWhole(255), 1.5))).toBe('polo/out-of-range')
    expect(refusal(() => hexOf(poloWhole(255), Number.NaN))).toBe('polo/out-of-range')
  })

  test('have no negative zero, and no sign where none belongs', () => {
    expect(read(i64, '04')).toBe('polo/malformed')
    expect(read(i64, '0400')).toBe('polo/malformed')
    expect(read(u256, '0401')).toBe('polo/wrong-kind')
    expect(read(poloWhole(255), '0401')).toBe('polo/wrong-kind')
  })
})

describe('other scalars', () => {
  test('are zero for null, and null has no body', () => {
    expect(read(poloBool, '00')).toBe(false)
    expect(read(poloNatural(8), '00')).toBe(0n)
    expect(read(poloInteger(8), '00')).toBe(0n)
    expect(read(poloWhole(8), '00')).toBe(0)
    expect(read(poloFloat, '00')).toBe(0)
    expect(read(poloText(8), '00')).toBe('')
    expect(read(poloBytes(8), '00')).toEqual(new Uint8Array(0))
    expect(read(poloRaw(8), '00')).toEqual(new Uint8Array(1))
    for (const schema of [poloBool, poloNatural(8), poloFloat, poloText(8), poloRaw(8)])
      expect(read<unknown>(schema as Polo<unknown>, '0001')).toBe('polo/malformed')
  })

  test('refuse every kind but their own', () => {
    const kinds = ['01', '02', '0301', '0401', '0506', '0661', '073ff8000000000000', '0d0f', '0e0f']
    const accepted = <T>(schema: Polo<T>): readonly string[] =>
      kinds.filter((hex) => read(schema, hex) !== 'polo/wrong-kind')
    expect(accepted(poloBool)).toEqual(['01', '02'])
    expect(accepted(poloNatural(64))).toEqual(['0301'])
    expect(accepted(poloInteger(64))).toEqual(['0301', '0401'])
    expect(accepted(poloWhole(64))).toEqual(['0301'])
    expect(accepted(poloFloat)).toEqual(['073ff8000000000000'])
    expect(accepted(poloText(64))).toEqual(['0661'])
    expect(accepted(poloBytes(64))).toEqual(['0661'])
    expect(accepted(poloRaw(64))).toEqual(['0506'])
  })

  test('texts come back, and half characters do not come in', () => {
    const random = createStreams(2)('texts')
    const schema = poloText(4096)
    for (let at = 0; at < 1000; at++) {
      const text = randomText(random, 80)
      expect(decodePolo(schema, encodePolo(schema, text))).toBe(text)
    }
    expect(read(schema, '06eda080')).toBe('text/not-utf8')
    expect(read(schema, `06${'61'.repeat(40)}80`)).toBe('text/not-utf8')
    for (const half of ['a\ud83d', '\ude00a', `${'a'.repeat(80)}\ud83d`])
      expect(refusal(() => hexOf(schema, half))).toBe('text/not-utf8')
    expect(hexOf(schema, '\ud83d\ude00')).toBe('06f09f9880')
  })

  test('stop at the size of the schema, counted in bytes', () => {
    expect(read(poloText(2), '06c3a9')).toBe('é')
    expect(read(poloText(1), '06c3a9')).toBe('polo/too-large')
    expect(refusal(() => hexOf(poloText(1), 'é'))).toBe('polo/too-large')
    expect(read(poloBytes(1), '060102')).toBe('polo/too-large')
    expect(refusal(() => hexOf(poloBytes(1), Uint8Array.of(1, 2)))).toBe('polo/too-large')
    expect(read(poloRaw(1), '050301')).toBe('polo/too-large')
  })

  test('no bytes are written as a word, or as null where that is asked for', () => {
    expect(hexOf(poloBytes(8), new Uint8Array(0))).toBe('06')
    expect(hexOf(poloBytesOrNull(8), new Uint8Array(0))).toBe('00')
    expect(hexOf(poloBytesOrNull(8), Uint8Array.of(7))).toBe('0607')
  })

  test('floats have eight bytes', () => {
    for (const value of [0, -0, 0.5, -123.456, Number.MAX_VALUE, Infinity])
      expect(decodePolo(poloFloat, encodePolo(poloFloat, value))).toBe(value)
    expect(read(poloFloat, '07')).toBe('polo/malformed')
    expect(read(poloFloat, `07${'00'.repeat(9)}`)).toBe('polo/malformed')
  })

  test('a message inside a message has at least a tag', () => {
    expect(read(poloRaw(8), '05')).toBe('polo/truncated')
    expect(read(poloRaw(8), '0503')).toEqual(Uint8Array.of(3))
  })
})
