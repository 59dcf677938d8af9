/**
 * Messages of the tests of `go-polo`, MOI's library for Go (github.com/sarvalabs/go-polo at 0f49e51c, Apache-2.0 or MIT): those
 * that it writes, and those that it calls malformed. Its floats of four bytes are left out: no message of MOI has any.
 */
import { describe, expect, test } from 'vitest'
import { bytesFromHex, hexFromBytes } from '../../../../src/base/bytes.ts'
import { isFault } from '../../../../src/base/fault.ts'
import { poloArray, poloStruct } from '../../../../src/dialects/moi/polo/container.ts'
import { poloText, poloWhole } from '../../../../src/dialects/moi/polo/scalar.ts'
import { decodePolo, encodePolo } from '../../../../src/dialects/moi/polo/schema.ts'
import { poloValue } from '../../../../src/dialects/moi/polo/value.ts'

const WRITTEN: readonly string[] = [
  '00',
  '02',
  '0e0f',
  '03012c',
  '0e1f00',
  '0e1f02',
  '06626f6f',
  '06666f6f',
  '0e2f0000',
  '0e2f0201',
  '0506626f6f',
  '0601010101',
  '0e1f03012c',
  '0e1f0e1f00',
  '0e2f000305',
  '0e3f000000',
  '0e1f06626f6f',
  '0e1f06666f6f',
  '0e1f0506626f6f',
  '0e1f0601010101',
  '0e2f0323012cfa',
  '0e2f0324012cfa',
  '0e2f0630626f6f',
  '0e3f00031305012c',
  '0e3f032430012cfa',
  '0e3f063030626f6f',
  '07405edd2f1a9fbe77',
  '0e2f054506626f6f00',
  '0e2f0636666f6f626172',
  '0e1f07405edd2f1a9fbe77',
  '0e3f05455506626f6f0000',
  '0e2f06460101010102020202',
  '0e4f0003133e05012c2f0323012cfa',
  '0d5f0635568501666172037b666f6f06626172',
  '0e1f0d5f0635568501666172037b666f6f06626172',
  '0e3f078701405edd2f1a9fbe77c058ff5c28f5c28f',
  '0e3f0da0025f0635568501666172037b666f6f06626172',
]

const MALFORMED: readonly string[] = [
  'ff80808080808080807f5d0303030303',
  '0e2f0686',
  '0e4e03030303',
  '0eff80808080808080807f0303030303',
  '0daf',
  '0eaf',
  '0d3f063556656172037b666f6f06626172',
  '0e2f06e6666f6f',
  '0e4f063666e6010101010101',
  '0e2f07e7666f6f',
  '0e3f0636e6010101010101',
  '0e2f07e7666f6fe7666f6f',
  '0e2f05a5012cfa',
  '0e2f0383',
  '0e2f06cb',
  '0d2f0635626f6f83',
]

describe('the library for Go', () => {
  test.each(WRITTEN)('writes %s, and so do we for what it says', (hex) => {
    const found = decodePolo(poloValue, bytesFromHex(hex))
    if (isFault(found)) throw found
    expect(hexFromBytes(encodePolo(poloValue, found))).toBe(hex)
  })

  test.each(MALFORMED)('refuses %s, and so do we', (hex) => {
    expect(isFault(decodePolo(poloValue, bytesFromHex(hex)))).toBe(true)
  })

  test('has an example, which we write the same', () => {
    type Fruit = { readonly name: string; readonly cost: number; readonly alias: readonly string[] }
    const fruit = poloStruct<Fruit>({
      name: poloText(64),
      cost: poloWhole(1000),
      alias: poloArray(poloText(64), 8),
    })
    const orange = { name: 'orange', cost: 300, alias: ['tangerine', 'mandarin'] }
    const hex = '0e4f06638e016f72616e6765012c3f06960174616e676572696e656d616e646172696e'
    expect(hexFromBytes(encodePolo(fruit, orange))).toBe(hex)
    expect(decodePolo(fruit, bytesFromHex(hex))).toEqual(orange)
  })
})
