import { describe, expect, test } from 'vitest'
import { bytesFromHex, bytesFromUtf8, hexFromBytes } from '../../../../src/base/bytes.ts'
import { isFault } from '../../../../src/base/fault.ts'
import { poloArray, poloStruct } from '../../../../src/dialects/moi/polo/container.ts'
import { poloBytes, poloNatural, poloText } from '../../../../src/dialects/moi/polo/scalar.ts'
import {
  decodePolo,
  encodePolo,
  type Polo,
  poloMapped,
  poloNullable,
  readPolo,
} from '../../../../src/dialects/moi/polo/schema.ts'

const text = poloText(64)

describe('a message', () => {
  test('is a tag without an offset, and a body', () => {
    expect(hexFromBytes(encodePolo(text, 'MOI'))).toBe('064d4f49')
    expect(decodePolo(text, bytesFromHex('064d4f49'))).toBe('MOI')
    expect(decodePolo(text, bytesFromHex('164d4f49'))).toMatchObject({ code: 'polo/malformed' })
    expect(decodePolo(text, new Uint8Array(0))).toMatchObject({ code: 'polo/truncated' })
    expect(() => readPolo(text, new Uint8Array(0))).toThrow('a tag at 0')
  })

  test('shares no memory with what was read from it', () => {
    const bytes = bytesFromHex('06010203')
    const read = decodePolo(poloBytes(8), bytes)
    const fromBuffer = decodePolo(poloBytes(8), Buffer.from(bytes))
    const part = Buffer.from('ff06010203ff', 'hex').subarray(1, 5)
    const fromPart = decodePolo(poloBytes(8), part)
    bytes.fill(9)
    part.fill(9)
    expect(read).toEqual(Uint8Array.of(1, 2, 3))
    expect(fromBuffer).toEqual(Uint8Array.of(1, 2, 3))
    expect(fromPart).toEqual(Uint8Array.of(1, 2, 3))
    expect(Object.getPrototypeOf(fromPart)).toBe(Uint8Array.prototype)
  })

  test('is written the same after another was given up halfway', () => {
    const list = poloArray(poloNatural(8), 8)
    expect(() => encodePolo(list, [1n, 2n, 256n])).toThrow('natural number of 8 bits')
    expect(hexFromBytes(encodePolo(list, [1n, 2n]))).toBe('0e2f03130102')
  })

  test('may be written while another is', () => {
    const inner = poloStruct<{ readonly a: string }>({ a: text })
    const nested: Polo<string> = poloMapped(
      poloBytes(64),
      (bytes) => readPolo(inner, bytes).a,
      (a) => encodePolo(inner, { a }),
    )
    const list = poloArray(nested, 8)
    const bytes = encodePolo(list, ['x', 'yy', ''])
    expect(decodePolo(list, bytes)).toEqual(['x', 'yy', ''])
  })

  test('takes long ones and then short ones', () => {
    const long = poloBytes(1_000_000)
    const value = new Uint8Array(500_000).fill(7)
    expect(decodePolo(long, encodePolo(long, value))).toEqual(value)
    expect(hexFromBytes(encodePolo(text, 'MOI'))).toBe('064d4f49')
  })
})

describe('a schema', () => {
  test('takes null for a missing value where that is said', () => {
    const maybe = poloNullable(text)
    expect(hexFromBytes(encodePolo(maybe, undefined))).toBe('00')
    expect(decodePolo(maybe, Uint8Array.of(0))).toBeUndefined()
    expect(decodePolo(maybe, bytesFromHex('06'))).toBe('')
    expect(decodePolo(maybe, bytesFromHex('0061'))).toMatchObject({ code: 'polo/malformed' })
  })

  test('may have another form outside', () => {
    const doubled = poloMapped(
      text,
      (value) => value + value,
      (value) => value.slice(0, value.length / 2),
    )
    expect(decodePolo(doubled, encodePolo(doubled, 'abab'))).toBe('abab')
    expect(encodePolo(doubled, 'abab')).toEqual(Uint8Array.of(6, ...bytesFromUtf8('ab')))
  })

  test('lets no other error out than what is not a fault of the message', () => {
    const broken = poloMapped(
      text,
      (): string => {
        throw new TypeError('ours')
      },
      (value) => value,
    )
    expect(() => decodePolo(broken, bytesFromHex('06'))).toThrow(TypeError)
    expect(isFault(decodePolo(broken, bytesFromHex('03')))).toBe(true)
  })
})
