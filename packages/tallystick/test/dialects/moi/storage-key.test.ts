import { describe, expect, test } from 'vitest'
import { bytesFromHex, hexFromBytes } from '../../../src/base/bytes.ts'
import { poloText, poloWhole } from '../../../src/dialects/moi/polo/scalar.ts'
import { encodePolo } from '../../../src/dialects/moi/polo/schema.ts'
import { entryKey, partKey, slotKey } from '../../../src/dialects/moi/storage-key.ts'

const text = (of: string): Uint8Array => encodePolo(poloText(64), of)
const foo = entryKey(slotKey(0), text('foo'))
const b = partKey(slotKey(1), 1)

// Of the tests of MOI's client, `js-moi-logic/__tests__/state-accessor.test.ts`.
describe('storage keys are those of the client', () => {
  test.each([
    ['a slot', slotKey(0), '0'.repeat(64)],
    ['another slot', slotKey(255), `${'0'.repeat(62)}ff`],
    ['an entry', foo, '4e599175a4aa8d5f5d36b2f2795b30e910fd43bce5c2bfb423fa941690ab188d'],
    [
      'another entry',
      entryKey(slotKey(0), text('boo')),
      'd2e32084b705074870ff13c6978cdd2a9f0cccb51cacb25596f590210c4f2903',
    ],
    [
      'an entry by a number',
      entryKey(slotKey(0), encodePolo(poloWhole(9), 5)),
      '9f5ed330645660302fde5b2350710a32298ec94764dff274bafcd3e211abef06',
    ],
    [
      'an item of an entry',
      partKey(foo, 8),
      '300464d4748307d603e3807009362bfec9fd1ed997c4f3ec1789d073b0c1c891',
    ],
    [
      'an item of a slot',
      partKey(slotKey(1), 10),
      '33e423980c9b37d048bd5fadbd4a2aeb95146922045405accc2f468d0ef96992',
    ],
    ['a field', b, '33e423980c9b37d048bd5fadbd4a2aeb95146922045405accc2f468d0ef96989'],
    [
      'an item of a field',
      partKey(b, 1),
      '5b291c649aac2341691a24dac6eab0b73560bbf17c6e858fd962147dcf98c970',
    ],
    [
      'an item of an item of a field',
      partKey(partKey(b, 1), 1),
      'ff747fb9e7d6b15138adb83cf0c6b0d7a3fc57b14c6f945083ab1ea199fbc475',
    ],
  ])('%s', (_what, key, hex) => {
    expect(hexFromBytes(key)).toBe(hex)
  })

  test('an index carries into the bytes before', () => {
    const key = bytesFromHex(hexFromBytes(partKey(foo, 0)))
    const more = partKey(foo, 65_536)
    expect(BigInt(`0x${hexFromBytes(more)}`) - BigInt(`0x${hexFromBytes(key)}`)).toBe(65_536n)
  })
})
