import { describe, expect, test } from 'vitest'
import { bytesFromHex, hexFromBytes } from '../../../../src/base/bytes.ts'
import { isFault } from '../../../../src/base/fault.ts'
import { POLO_ITEMS_MAX } from '../../../../src/base/limits.ts'
import {
  poloArray,
  poloArrayOrNull,
  poloDocument,
  poloMap,
  poloNamed,
  poloStruct,
} from '../../../../src/dialects/moi/polo/container.ts'
import {
  poloBytes,
  poloNatural,
  poloText,
  poloWhole,
} from '../../../../src/dialects/moi/polo/scalar.ts'
import { decodePolo, encodePolo, type Polo } from '../../../../src/dialects/moi/polo/schema.ts'
import { doc, pack, rawDoc, word } from './message.ts'

const hexOf = <T>(schema: Polo<T>, value: T): string => hexFromBytes(encodePolo(schema, value))
const read = <T>(schema: Polo<T>, hex: string): unknown => {
  const found = decodePolo(schema, bytesFromHex(hex))
  return isFault(found) ? found.code : found
}

type Fruit = { readonly name: string; readonly unitCost: number; readonly other: number }
const fruit = {
  name: poloText(64),
  unitCost: poloWhole(1000),
  other: poloNamed('Alias', poloWhole(1000)),
}
const packed = poloStruct<Fruit>(fruit)
const named = poloDocument<Fruit>(fruit)
const orange: Fruit = { name: 'orange', unitCost: 300, other: 1 }

describe('structs', () => {
  test('are packs of their fields in order', () => {
    expect(hexOf(packed, orange)).toBe(pack(word('orange'), '03012c', '0301'))
    expect(read(packed, hexOf(packed, orange))).toEqual(orange)
  })

  test('are read as documents too, by names in snake case or of their own', () => {
    const document = doc(['Alias', '0301'], ['name', word('orange')], ['unit_cost', '03012c'])
    expect(hexOf(named, orange)).toBe(document)
    expect(read(packed, document)).toEqual(orange)
    expect(read(named, hexOf(packed, orange))).toEqual(orange)
  })

  test('have zeros where a document says nothing, and for null', () => {
    const zero = { name: '', unitCost: 0, other: 0 }
    expect(read(packed, '00')).toEqual(zero)
    expect(read(packed, doc())).toEqual(zero)
    expect(read(packed, pack('00', '00', '00'))).toEqual(zero)
    expect(read(packed, doc(['name', word('a')]))).toEqual({ ...zero, name: 'a' })
    expect(read(packed, doc(['name', '00']))).toEqual(zero)
  })

  test('do not take a name for theirs that every object inherits', () => {
    expect(read(packed, doc(['constructor', '0301']))).toBe('polo/bad-keys')
    expect(read(packed, doc(['__proto__', '0301']))).toBe('polo/bad-keys')
  })

  test('refuse a field more, a field less, or a field of another kind', () => {
    expect(read(packed, pack(word('a'), '0301', '0302'))).toEqual({
      name: 'a',
      unitCost: 1,
      other: 2,
    })
    expect(read(packed, pack(word('a'), '0301'))).toBe('polo/wrong-count')
    expect(read(packed, pack(word('a'), '0301', '0302', '00'))).toBe('polo/wrong-count')
    expect(read(packed, pack())).toBe('polo/wrong-count')
    expect(read(packed, pack('0301', word('a'), '0302'))).toBe('polo/wrong-kind')
    expect(read(packed, word('a'))).toBe('polo/wrong-kind')
  })

  test('refuse documents with unknown names, names twice or out of order, and values that are no message', () => {
    const good: readonly (readonly [string, string])[] = [
      ['Alias', '0301'],
      ['name', word('a')],
    ]
    expect(read(packed, doc(...good))).toEqual({ name: 'a', unitCost: 0, other: 1 })
    expect(read(packed, doc(...good.toReversed()))).toBe('polo/bad-keys')
    expect(read(packed, doc(...good, ['name', word('a')]))).toBe('polo/bad-keys')
    expect(read(packed, doc(['Alias', '0301'], ['nam', word('a')]))).toBe('polo/bad-keys')
    expect(read(packed, rawDoc(word('name'), word('a')))).toBe('polo/wrong-kind')
    expect(read(packed, rawDoc('0301', `05${word('a')}`))).toBe('polo/wrong-kind')
    expect(read(packed, rawDoc('00', `05${word('a')}`))).toBe('polo/wrong-kind')
    expect(read(packed, rawDoc(word('name'), '05'))).toBe('polo/truncated')
    expect(read(packed, rawDoc(word('name'), '051661'))).toBe('polo/malformed')
    expect(read(packed, rawDoc(word('name')))).toBe('polo/wrong-count')
  })

  test('may stand in structs and arrays', () => {
    type Basket = { readonly fruits: readonly Fruit[]; readonly best: Fruit }
    const basket = poloStruct<Basket>({ fruits: poloArray(packed, 8), best: named })
    const value = { fruits: [orange, { ...orange, name: 'lime' }], best: orange }
    expect(decodePolo(basket, encodePolo(basket, value))).toEqual(value)
  })
})

describe('maps', () => {
  const scores = poloMap(poloText(16), poloNatural(64), 4)

  test('are written in the order of their keys', () => {
    const value = new Map([
      ['b', 2n],
      ['a', 1n],
    ])
    expect(hexOf(scores, value)).toBe('0e4f0613263361016202')
    expect([...(decodePolo(scores, encodePolo(scores, value)) as Map<string, bigint>)]).toEqual([
      ['a', 1n],
      ['b', 2n],
    ])
  })

  test('refuse a key twice, a key out of order, and a key without a value', () => {
    expect(read(scores, '0e4f0613263361016102')).toBe('polo/bad-keys')
    expect(read(scores, '0e4f0613263362016102')).toBe('polo/bad-keys')
    expect(read(scores, '0e3f061326610162')).toBe('polo/wrong-count')
  })

  test('of numbers or bytes may have any order, and still each key once', () => {
    const numbers = poloMap(poloNatural(64), poloText(16), 4)
    expect(read(numbers, '0e4f031623360a780279')).toEqual(
      new Map([
        [10n, 'x'],
        [2n, 'y'],
      ]),
    )
    expect(read(numbers, '0e4f0316233602790a78')).toEqual(
      new Map([
        [2n, 'y'],
        [10n, 'x'],
      ]),
    )
    // Two spellings of one number are one key.
    expect(read(numbers, pack('0302', word('y'), '030002', word('x')))).toBe('polo/bad-keys')
    const words = poloMap(poloBytes(16), poloText(16), 4)
    expect(read(words, pack('0602', word('y'), '0602', word('x')))).toBe('polo/bad-keys')
    const found = read(words, pack('0603', word('y'), '0602', word('x'))) as Map<Uint8Array, string>
    expect([...found]).toEqual([
      [Uint8Array.of(3), 'y'],
      [Uint8Array.of(2), 'x'],
    ])
  })
})

describe('bounds', () => {
  test('hold for items and entries, reading and writing', () => {
    const two = poloArray(poloWhole(9), 2)
    expect(read(two, pack('03', '03'))).toEqual([0, 0])
    expect(read(two, pack('03', '03', '03'))).toBe('polo/too-large')
    expect(() => encodePolo(two, [1, 2, 3])).toThrow('3 items where at most 2')
    const one = poloMap(poloText(8), poloWhole(9), 1)
    expect(read(one, '0e4f0613263361016202')).toBe('polo/too-large')
    expect(() =>
      encodePolo(
        one,
        new Map([
          ['a', 1],
          ['b', 2],
        ]),
      ),
    ).toThrow('2 items where at most 1')
  })

  test('hold for what nulls stand for: a struct of many fields in one byte', () => {
    const wide = poloStruct<Record<string, number>>(
      Object.fromEntries(Array.from({ length: 255 }, (_, at) => [`f${at}`, poloWhole(9)])),
    )
    const schema = poloArray(poloArray(wide, 1024), 1024)
    const nulls = (count: number): string =>
      pack(pack(...Array.from({ length: count }, () => '00')))
    // One element and 255 fields for each null, and one element for the inner array.
    const most = Math.floor((POLO_ITEMS_MAX - 1) / 256)
    expect(isFault(decodePolo(schema, bytesFromHex(nulls(most))))).toBe(false)
    expect(read(schema, nulls(most + 1))).toBe('polo/too-large')
    expect(read(schema, pack(pack(doc(), doc())))).toHaveLength(1)
  })

  test('an array of nothing is written as a pack, or as null where that is asked for', () => {
    expect(hexOf(poloArray(poloWhole(9), 2), [])).toBe('0e0f')
    expect(hexOf(poloArrayOrNull(poloWhole(9), 2), [])).toBe('00')
    expect(hexOf(poloArrayOrNull(poloWhole(9), 2), [1])).toBe('0e1f0301')
    expect(read(poloArrayOrNull(poloWhole(9), 2), '0e0f')).toEqual([])
  })
})
