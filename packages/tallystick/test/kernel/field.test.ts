import { describe, expect, test } from 'vitest'
import { idFromHex } from '../../src/base/brand.ts'
import { bytesFromUtf8, hexFromBytes } from '../../src/base/bytes.ts'
import { faultFrom, isFault } from '../../src/base/fault.ts'
import { FIELD_NAME_BYTES_MAX, FIELD_VALUE_BYTES_MAX, FIELDS_MAX } from '../../src/base/limits.ts'
import {
  commitmentOf,
  type Field,
  fieldList,
  fieldName,
  fieldsFrom,
  type Opening,
  opening,
  openingsFrom,
  opens,
} from '../../src/kernel/field.ts'

const codeOf = (run: () => unknown): string => {
  const found = faultFrom(run)
  return isFault(found) ? found.code : 'done'
}

const machine = idFromHex<'machine'>('1'.repeat(64))
const record = idFromHex<'record'>('2'.repeat(64))
const interaction = idFromHex<'interaction'>('3'.repeat(64))
const place = { suite: 'classic', machine, record } as const
const PRICE: Opening = {
  machine,
  record,
  interaction,
  name: 'price',
  salt: new Uint8Array(32).fill(7),
  value: '12.50 EUR',
}
const field: Field = { name: 'price', commitment: commitmentOf('classic', PRICE) }

describe('an opening', () => {
  test('opens the field it was committed to', () => {
    expect(opens('classic', PRICE, field)).toBe(true)
  })

  test.each<[string, Partial<Opening>]>([
    ['value', { value: '12.51 EUR' }],
    ['name', { name: 'prices' }],
    ['salt', { salt: new Uint8Array(32).fill(8) }],
    ['record', { record: idFromHex('4'.repeat(64)) }],
    ['machine', { machine: idFromHex('5'.repeat(64)) }],
  ])('opens nothing with another %s', (_, change) => {
    expect(opens('classic', { ...PRICE, ...change }, field)).toBe(false)
  })

  test('is not tied to the interaction by its hash, which covers the commitment', () => {
    const elsewhere = { ...PRICE, interaction: idFromHex<'interaction'>('6'.repeat(64)) }
    expect(opens('classic', elsewhere, field)).toBe(true)
  })

  test('moves no byte from name to value, or from salt to name', () => {
    const shifted = { ...PRICE, name: 'pric', value: 'e12.50 EUR' }
    expect(hexFromBytes(commitmentOf('classic', shifted))).not.toBe(hexFromBytes(field.commitment))
  })

  test('comes back from its bytes, and from no other length', () => {
    const bytes = opening.encode(PRICE)
    expect(opening.decode(bytes)).toEqual(PRICE)
    for (let size = 0; size < bytes.length; size++) {
      expect(() => opening.decode(bytes.subarray(0, size))).toThrow(/./)
    }
    expect(codeOf(() => opening.decode(Uint8Array.of(...bytes, 0)))).toBe('codec/extended')
  })

  test('has a value of at most so many bytes, and none that moves the cursor', () => {
    const long = 'x'.repeat(FIELD_VALUE_BYTES_MAX)
    expect(codeOf(() => opening.encode({ ...PRICE, value: long }))).toBe('done')
    expect(codeOf(() => opening.encode({ ...PRICE, value: `${long}x` }))).toBe('codec/too-long')
    for (const value of ['a\u001b[2Jb', 'a\u202eb', 'a\nb']) {
      expect(codeOf(() => opening.encode({ ...PRICE, value }))).toBe('text/control-character')
    }
  })

  test('has a salt of 32 bytes, no more and no fewer', () => {
    for (const size of [0, 15, 16, 31, 33]) {
      const salt = new Uint8Array(size)
      expect(codeOf(() => opening.encode({ ...PRICE, salt }))).toBe('codec/wrong-size')
    }
  })
})

describe('names of fields', () => {
  test.each(['price', 'max-temperature', 'lot2', 'x'])('may be "%s"', (name) => {
    expect(fieldName.decode(fieldName.encode(name))).toBe(name)
  })

  test.each(['', 'Price', 'pri ce', '-price', 'price-', 'a--b', '2lot', 'prix€', 'prïce'])(
    'may not be "%s"',
    (name) => expect(codeOf(() => fieldName.encode(name))).toBe('field/bad-name'),
  )

  test('are refused alike when they are read', () => {
    const bytes = bytesFromUtf8('Price')
    const framed = Uint8Array.of(bytes.length, 0, 0, 0, ...bytes)
    expect(codeOf(() => fieldName.decode(framed))).toBe('field/bad-name')
  })

  test('have at most so many bytes', () => {
    const long = 'x'.repeat(FIELD_NAME_BYTES_MAX)
    expect(codeOf(() => fieldName.encode(long))).toBe('done')
    expect(codeOf(() => fieldName.encode(`${long}x`))).toBe('codec/too-long')
  })
})

describe('the fields of an operation', () => {
  const named = (...names: readonly string[]): readonly Field[] =>
    names.map((name) => ({ name, commitment: field.commitment }))

  test('stand in the order of their names, each once', () => {
    expect(codeOf(() => fieldList.encode(named('batch', 'origin', 'price')))).toBe('done')
    expect(codeOf(() => fieldList.encode(named('price', 'price')))).toBe('field/out-of-order')
    expect(codeOf(() => fieldList.encode(named('price', 'batch')))).toBe('field/out-of-order')
  })

  test('are so many at most', () => {
    const names = Array.from({ length: FIELDS_MAX + 1 }, (_, at) => `f${10 + at}`)
    expect(codeOf(() => fieldList.encode(named(...names.slice(1))))).toBe('done')
    expect(codeOf(() => fieldList.encode(named(...names)))).toBe('codec/too-long')
  })

  test('and their openings are made of the same values', () => {
    const values = new Map([
      ['price', { salt: PRICE.salt, value: PRICE.value }],
      ['batch', { salt: new Uint8Array(32).fill(9), value: 'B-7' }],
    ])
    const fields = fieldsFrom(place, values)
    expect(fields.map((one) => one.name)).toEqual(['batch', 'price'])
    for (const one of openingsFrom(place, values, interaction)) {
      expect(fields.filter((of) => opens('classic', one, of)).map((of) => of.name)).toEqual([
        one.name,
      ])
    }
  })

  test('of one value under two salts have nothing in common', () => {
    const other = commitmentOf('classic', { ...PRICE, salt: new Uint8Array(32).fill(8) })
    expect(hexFromBytes(other)).not.toBe(hexFromBytes(field.commitment))
  })
})
