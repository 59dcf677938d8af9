import fc from 'fast-check'
import { expect, test } from 'vitest'
import { textFromMillis } from '../../src/logic/calendar.ts'

test('moments read as the calendar has them', () => {
  expect(textFromMillis(0n)).toBe('1970-01-01 00:00:00 UTC')
  expect(textFromMillis(951_782_400_000n)).toBe('2000-02-29 00:00:00 UTC')
  expect(textFromMillis(4_107_542_399_999n)).toBe('2100-02-28 23:59:59 UTC')
  expect(textFromMillis(253_402_300_799_999n)).toBe('9999-12-31 23:59:59 UTC')
})

test('agrees with the platform on every moment it writes as a date', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 253_402_300_799_999n }), (millis) => {
      const platform = new Date(Number(millis)).toISOString().slice(0, 19).replace('T', ' ')
      expect(textFromMillis(millis)).toBe(`${platform} UTC`)
    }),
  )
})

test('what no four-digit year holds is left as a number', () => {
  expect(textFromMillis(253_402_300_800_000n)).toBe('253402300800000 ms after 1970')
  expect(textFromMillis(2n ** 64n - 1n)).toBe('18446744073709551615 ms after 1970')
})
