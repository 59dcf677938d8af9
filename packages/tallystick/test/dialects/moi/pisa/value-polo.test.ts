import { describe, expect, test } from 'vitest'
import { bytesFromHex, hexFromBytes } from '../../../../src/base/bytes.ts'
import { isFault } from '../../../../src/base/fault.ts'
import { createTypes } from '../../../../src/dialects/moi/manifest/type-expression.ts'
import { createValuePolo } from '../../../../src/dialects/moi/pisa/value-polo.ts'
import { type Value, zeroValue } from '../../../../src/dialects/moi/pisa/value.ts'
import { decodePolo, encodePolo } from '../../../../src/dialects/moi/polo/schema.ts'
import { pack } from '../polo/message.ts'
import { sound } from './world.ts'

const types = createTypes([
  {
    name: 'Point',
    fields: [
      { label: 'x', type: 'u64' },
      { label: 'y', type: 'u64' },
    ],
  },
  {
    name: 'Line',
    fields: [
      { label: 'start', type: 'class.Point' },
      { label: 'end', type: 'class.Point' },
    ],
  },
  {
    name: 'Odd',
    fields: [
      { label: '__proto__', type: 'u64' },
      { label: 'fooBar', type: 'bool' },
    ],
  },
])
const polo = createValuePolo()
const read = (type: string, hex: string) => decodePolo(polo.of(types(type)), bytesFromHex(hex))
const write = (type: string, value: Value): string =>
  hexFromBytes(encodePolo(polo.of(types(type)), value))
const u64 = (of: bigint): Value => ({ is: 'u64', of })

describe('values in POLO', () => {
  // Of the tests of MOI's client, `js-moi-manifest/__tests__/abi.test.ts`.
  test('are what the client writes for classes inside classes', () => {
    const calldata =
      '0d2f06456c696e650d6f0635f601c502656e640d4f0615364578030a79031473746172740d4f0615263578037903'
    const fields = polo.fields([{ label: 'line', type: types('class.Line') }])
    const [line] = sound(decodePolo(fields, bytesFromHex(calldata)))
    expect(line).toMatchObject({
      fields: [{ fields: [u64(0n), u64(0n)] }, { fields: [u64(10n), u64(20n)] }],
    })
    expect(hexFromBytes(encodePolo(fields, line ? [line] : []))).toBe(calldata)
  })

  test.each([
    ['null', '00', { is: 'null' }],
    ['bool', '02', { is: 'bool', of: true }],
    ['u64', '0312', u64(18n)],
    ['i64', '0401', { is: 'i64', of: -1n }],
    ['u256', '03', { is: 'u256', of: 0n }],
    ['string', '064d4f49', { is: 'string', of: 'MOI' }],
    ['bytes', '0600', { is: 'bytes', of: Uint8Array.of(0) }],
    ['identifier', `06${'07'.repeat(32)}`, { is: 'identifier', of: new Uint8Array(32).fill(7) }],
  ] as const)('of %s go both ways', (type, hex, value) => {
    expect(read(type, hex)).toEqual(value)
    expect(write(type, value as Value)).toBe(hex)
  })

  test('of arrays and maps go both ways', () => {
    expect(write('[]u64', sound(read('[]u64', '0e2f03130102')))).toBe('0e2f03130102')
    const map = '0e4f0613263361016202'
    expect(write('map[string]u64', sound(read('map[string]u64', map)))).toBe(map)
    for (const type of [
      'map[u64]bool',
      'map[i256]bool',
      'map[bool]u64',
      'map[bytes]u64',
      'map[identifier]u64',
    ])
      expect(isFault(read(type, '0e0f'))).toBe(false)
  })

  test.each([
    'u64',
    'string',
    'identifier',
    'bool',
    '[]u64',
    '[2]u64',
    'map[u64]u64',
    'class.Line',
  ])('that are null are the zero of %s', (type) => {
    expect(read(type, '00')).toEqual(zeroValue(types(type)))
  })

  test.each([
    ['u64', '0401'],
    ['u64', `03${'ff'.repeat(9)}`],
    ['i64', '038000000000000000'],
    ['bool', '0301'],
    ['string', '06ff'],
    ['identifier', '0601'],
    ['[2]u64', '0e1f0301'],
    ['[]u64', '0e1f0661'],
    ['map[u64]u64', '0e1f0301'],
    ['map[u64]u64', '0e4f0313233301010102'],
    ['class.Point', '0e1f0301'],
    ['null', '0301'],
  ])('of %s are not %s', (type, hex) => {
    expect(isFault(read(type, hex))).toBe(true)
  })

  test('hold integers with zeros in front', () => {
    expect(read('u64', '03000000000000012c')).toEqual(u64(300n))
  })

  test('keep labels as they are, whatever they are', () => {
    const odd = zeroValue(types('class.Odd'))
    const hex = write('class.Odd', odd)
    expect(Buffer.from(hex, 'hex').toString('latin1')).toContain('__proto__')
    expect(Buffer.from(hex, 'hex').toString('latin1')).toContain('fooBar')
    expect(read('class.Odd', hex)).toEqual(odd)
  })

  test('of another type are our own mistake', () => {
    expect(() => write('u64', { is: 'bool', of: true })).toThrow('assertion failed')
  })
})

describe('a small message', () => {
  // One byte in the head stands for a whole zero: without a budget these would make tens of millions of values.
  test.each([
    ['arrays of a fixed size', '[][4000]u64', 17],
    ['classes', '[]class.Wide', 80],
  ])('does not become a large value by its nulls: %s', (_, type, most) => {
    const wide = createTypes([
      {
        name: 'Wide',
        fields: Array.from({ length: 200 }, (_unused, at) => ({ label: `f${at}`, type: '[3]u64' })),
      },
    ])
    const schema = createValuePolo().of(wide(type))
    const message = (count: number) =>
      bytesFromHex(pack(...Array.from({ length: count }, () => '00')))
    const codeOf = (count: number): string => {
      const found = decodePolo(schema, message(count))
      return isFault(found) ? found.code : 'read'
    }
    expect(codeOf(1)).toBe('read')
    const start = performance.now()
    expect(codeOf(most)).toBe('polo/too-large')
    expect(codeOf(16_384)).toBe('polo/too-large')
    expect(performance.now() - start).toBeLessThan(1000)
  })
})
