import { describe, expect, test } from 'vitest'
import { bytesFromHex, bytesFromUtf8, utf8FromBytes } from '../../../../src/base/bytes.ts'
import { isFault } from '../../../../src/base/fault.ts'
import { MANIFEST_BYTES_MAX } from '../../../../src/base/limits.ts'
import { readManifest } from '../../../../src/dialects/moi/manifest/read.ts'
import { fixture } from '../pisa/world.ts'

const json = fixture('flipper.json')
const polo = bytesFromHex(utf8FromBytes(fixture('flipper.polo')).trim().slice(2))

describe('a manifest', () => {
  test('is the same from JSON bytes, a JSON value and POLO', () => {
    const read = readManifest(json)
    expect(isFault(read)).toBe(false)
    expect(readManifest(JSON.parse(utf8FromBytes(json)) as never)).toEqual(read)
    expect(readManifest(polo)).toEqual(read)
  })

  test.each([
    ['no bytes', new Uint8Array()],
    ['neither', bytesFromUtf8('syntax: 1')],
    ['no UTF-8', Uint8Array.of(0x7b, 0xff)],
    ['a POLO number', Uint8Array.of(3, 1)],
    ['half of the POLO', polo.subarray(0, polo.length / 2)],
    ['too much', new Uint8Array(MANIFEST_BYTES_MAX + 1)],
  ])('is a fault where there is %s', (_what, bytes) => {
    expect(isFault(readManifest(bytes))).toBe(true)
  })
})
