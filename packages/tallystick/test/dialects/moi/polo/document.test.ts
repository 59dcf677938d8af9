import { describe, expect, test } from 'vitest'
import { bytesFromHex, hexFromBytes } from '../../../../src/base/bytes.ts'
import { isFault } from '../../../../src/base/fault.ts'
import { poloArray } from '../../../../src/dialects/moi/polo/container.ts'
import {
  poloEntries,
  readDocument,
  writeDocument,
} from '../../../../src/dialects/moi/polo/document.ts'
import { decodePolo, encodePolo } from '../../../../src/dialects/moi/polo/schema.ts'
import { doc, pack, rawDoc, word } from './message.ts'

const read = (hex: string): unknown => {
  const found = readDocument(bytesFromHex(hex))
  return isFault(found) ? found.code : [...found].map(([name, at]) => [name, hexFromBytes(at)])
}

describe('documents', () => {
  test('hand out whole messages by name', () => {
    expect(read('0d9f010635569501c601e50161676503076e616d6506416c6f6b02')).toEqual([
      ['age', '0307'],
      ['name', '06416c'],
      ['ok', '02'],
    ])
    expect(read('0d0f')).toEqual([])
    expect(read('00')).toEqual([])
  })

  test('are written in the order of names', () => {
    const entries = new Map([
      ['b', bytesFromHex('0302')],
      ['a', bytesFromHex('0301')],
    ])
    expect(hexFromBytes(writeDocument(entries))).toBe(doc(['a', '0301'], ['b', '0302']))
    expect(hexFromBytes(writeDocument(new Map()))).toBe('0d0f')
  })

  test('refuse names out of order or twice, and values that are no messages', () => {
    expect(read(doc(['a', '01'], ['b', '01']))).toEqual([
      ['a', '01'],
      ['b', '01'],
    ])
    expect(read(doc(['b', '01'], ['a', '01']))).toBe('polo/bad-keys')
    expect(read(doc(['a', '01'], ['a', '01']))).toBe('polo/bad-keys')
    expect(read(rawDoc(word('a'), '0661'))).toBe('polo/wrong-kind')
    expect(read(rawDoc(word('a'), '05'))).toBe('polo/truncated')
    expect(read(doc(['a', '1661']))).toBe('polo/malformed')
    expect(read(rawDoc(word('a')))).toBe('polo/wrong-count')
    expect(read(pack(word('a'), '0501'))).toBe('polo/wrong-kind')
    expect(read('0061')).toBe('polo/wrong-kind')
  })

  test('may stand in other messages', () => {
    const list = poloArray(poloEntries, 4)
    const value = [new Map([['a', bytesFromHex('0301')]]), new Map<string, Uint8Array>()]
    expect(decodePolo(list, encodePolo(list, value))).toEqual(value)
  })
})
