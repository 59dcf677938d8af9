import { describe, expect, test } from 'vitest'
import { createWriter } from '../../src/base/codec.ts'

describe('writer', () => {
  test('keeps what each kind of write puts across the end of its buffer', () => {
    for (let hint = 1; hint <= 40; hint++) {
      const writer = createWriter(hint)
      writer.u8(1)
      writer.u32(0x02030405)
      writer.u64(0x060708090a0b0c0dn)
      writer.raw(Uint8Array.of(14, 15, 16))
      writer.u8(17)
      expect([...writer.finish()]).toEqual([
        1, 5, 4, 3, 2, 13, 12, 11, 10, 9, 8, 7, 6, 14, 15, 16, 17,
      ])
    }
  })
})
