import { describe, expect, test } from 'vitest'
import { bytesFromHex, hexFromBytes } from '../../../../src/base/bytes.ts'
import { isFault } from '../../../../src/base/fault.ts'
import { POLO_DEPTH_MAX } from '../../../../src/base/limits.ts'
import { decodePolo, encodePolo } from '../../../../src/dialects/moi/polo/schema.ts'
import { poloValue } from '../../../../src/dialects/moi/polo/value.ts'
import { createStreams } from '../../../../src/sim/random.ts'
import { mutated, noise, randomValue } from './random.ts'

const read = (bytes: Uint8Array): unknown => {
  const found = decodePolo(poloValue, bytes)
  return isFault(found) ? found.code : found
}

describe('any message', () => {
  test('comes back as it was, whatever it holds', () => {
    const random = createStreams(3)('values')
    for (let at = 0; at < 3000; at++) {
      const value = randomValue(random, 5)
      const bytes = encodePolo(poloValue, value)
      expect(decodePolo(poloValue, bytes)).toEqual(value)
      // What was read is written as the same bytes again: the writer has one spelling for each value.
      expect(hexFromBytes(encodePolo(poloValue, value))).toBe(hexFromBytes(bytes))
    }
  })

  test('is read up to so many levels', () => {
    const nested = (levels: number): Uint8Array => bytesFromHex(`0e${'1f0e'.repeat(levels - 1)}0f`)
    expect(read(nested(POLO_DEPTH_MAX))).toMatchObject({ is: 'pack' })
    expect(read(nested(POLO_DEPTH_MAX + 1))).toBe('polo/too-large')
    expect(read(nested(100_000))).toBe('polo/too-large')
  })

  test('has no kinds that are not given out', () => {
    for (const kind of ['08', '09', '0a', '0b', '0c', '0f'])
      expect(read(bytesFromHex(kind))).toBe('polo/malformed')
  })

  test('cut short anywhere is refused or says something else', () => {
    const random = createStreams(4)('cuts')
    for (let at = 0; at < 100; at++) {
      const value = randomValue(random, 3)
      if (value.is !== 'pack' && value.is !== 'document') continue
      const bytes = encodePolo(poloValue, value)
      for (let size = 0; size < bytes.length; size++)
        expect(read(bytes.subarray(0, size))).not.toEqual(value)
    }
  })

  test('changed by chance gives a value that comes back, or a fault, and in time', () => {
    const random = createStreams(5)('mutants')
    const start = performance.now()
    const codes = new Set<unknown>()
    for (let at = 0; at < 5000; at++) {
      const from = encodePolo(poloValue, randomValue(random, 4))
      const found = read(at % 10 === 0 ? noise(random, 200) : mutated(random, from))
      if (typeof found === 'string') codes.add(found)
      else expect(read(encodePolo(poloValue, found as never))).toEqual(found)
    }
    expect(codes.size).toBeGreaterThan(4)
    expect(performance.now() - start).toBeLessThan(10_000)
  })
})
