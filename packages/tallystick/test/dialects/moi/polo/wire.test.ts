import { describe, expect, test } from 'vitest'
import { bytesFromHex, hexFromBytes } from '../../../../src/base/bytes.ts'
import { faultFrom, isFault } from '../../../../src/base/fault.ts'
import { POLO_BYTES_MAX, POLO_ITEMS_MAX } from '../../../../src/base/limits.ts'
import {
  closeContainer,
  createIn,
  createOut,
  markElement,
  nextElement,
  openContainer,
  putBytes,
  putTag,
  putText,
  readNumber,
  WIRE,
} from '../../../../src/dialects/moi/polo/wire.ts'
import { pack } from './message.ts'

const written = (write: (out: ReturnType<typeof createOut>) => void): string => {
  const out = createOut()
  write(out)
  return hexFromBytes(out.buffer.slice(out.at))
}

const codeOf = (run: () => unknown): string => {
  const found = faultFrom(run)
  return isFault(found) ? found.code : 'read'
}

describe('the writer', () => {
  test('puts what comes last in front', () => {
    expect(
      written((out) => {
        putText(out, 'MOI')
        putBytes(out, Uint8Array.of(1, 2))
      }),
    ).toBe('01024d4f49')
  })

  test('writes tags in as few bytes as they need', () => {
    const tags = [0, 7, 8, 1023, 1024, 131_071, 131_072, 16_777_215]
    expect(tags.map((offset) => written((out) => putTag(out, offset, WIRE.word)))).toEqual([
      '06',
      '76',
      '8601',
      'f67f',
      '868001',
      'f6ff7f',
      '86808001',
      'f6ffff7f',
    ])
  })

  test('writes texts as UTF-8, short and long, plain and not', () => {
    for (const text of [
      '',
      'a',
      'é',
      'aé',
      '😀',
      'x'.repeat(64),
      'x'.repeat(65),
      `${'x'.repeat(63)}é`,
    ])
      expect(written((out) => putText(out, text))).toBe(Buffer.from(text, 'utf8').toString('hex'))
  })

  test('keeps what it has when it grows', () => {
    const out = createOut()
    const size = out.buffer.length
    for (let at = 0; at < 300; at++) {
      putBytes(out, new Uint8Array(100).fill(at))
      markElement(out, WIRE.word)
    }
    closeContainer(out, 0)
    expect(out.buffer.length).toBeGreaterThan(size)
    const bytes = out.buffer.slice(out.at)
    const from = createIn(bytes)
    const cursor = openContainer(from, 0, bytes.length)
    for (let at = 299; at >= 0; at--) {
      expect(nextElement(from, cursor)).toBe(true)
      expect(bytes.subarray(cursor.start, cursor.end)).toEqual(new Uint8Array(100).fill(at))
    }
    expect(nextElement(from, cursor)).toBe(false)
  })

  test('refuses to write more than is read', () => {
    const half = new Uint8Array(POLO_BYTES_MAX / 2 + 1)
    expect(
      codeOf(() =>
        written((out) => {
          putBytes(out, half)
          putBytes(out, half)
        }),
      ),
    ).toBe('polo/too-large')
  })

  test('refuses that too where what it has grown by would have room for more', () => {
    const code = (bytes: number): string =>
      codeOf(() => {
        const out = createOut()
        for (const size of [10_000_000, 1_000_000, bytes - 11_000_000])
          putBytes(out, new Uint8Array(size))
      })
    expect(code(POLO_BYTES_MAX)).toBe('read')
    expect(code(POLO_BYTES_MAX + 1)).toBe('polo/too-large')
  })
})

describe('numbers of tags', () => {
  const numberIn = (hex: string): number => {
    const bytes = bytesFromHex(hex)
    return readNumber(createIn(bytes), 0, bytes.length)
  }

  test('have up to four bytes', () => {
    expect(['00', '7f', '8001', 'ffffff7f'].map(numberIn)).toEqual([0, 127, 128, 2 ** 28 - 1])
  })

  test('have one spelling and an end', () => {
    expect(codeOf(() => numberIn('8000'))).toBe('polo/malformed')
    expect(codeOf(() => numberIn('80808000'))).toBe('polo/malformed')
    expect(codeOf(() => numberIn('ffffffff01'))).toBe('polo/malformed')
    expect(codeOf(() => numberIn('80'))).toBe('polo/truncated')
    expect(codeOf(() => numberIn(''))).toBe('polo/truncated')
  })
})

describe('a cursor', () => {
  const ranges = (hex: string): readonly (readonly number[])[] => {
    const bytes = bytesFromHex(hex)
    const from = createIn(bytes)
    const cursor = openContainer(from, 0, bytes.length)
    const found: number[][] = []
    while (nextElement(from, cursor)) found.push([cursor.wire, cursor.start, cursor.end])
    expect(from.depth).toBe(0)
    return found
  }

  test('hands out every byte of the bodies once', () => {
    expect(ranges('0f')).toEqual([])
    expect(ranges('3f061626616263')).toEqual([
      [6, 4, 5],
      [6, 5, 6],
      [6, 6, 7],
    ])
    expect(ranges('2f030301')).toEqual([
      [3, 3, 3],
      [3, 3, 4],
    ])
  })

  test('refuses heads that do not fit their bodies', () => {
    expect(codeOf(() => ranges('3f061626'))).toBe('polo/truncated')
    expect(codeOf(() => ranges('4f061626'))).toBe('polo/truncated')
    expect(codeOf(() => ranges('3f062616616263'))).toBe('polo/malformed')
    expect(codeOf(() => ranges('1f1661'))).toBe('polo/malformed')
    expect(codeOf(() => ranges('0f61'))).toBe('polo/malformed')
    expect(codeOf(() => ranges('1e0661'))).toBe('polo/malformed')
    expect(codeOf(() => ranges('1f86'))).toBe('polo/truncated')
  })

  test('hands out so many elements of one message and no more', () => {
    const nulls = (count: number): Uint8Array =>
      bytesFromHex(pack(...Array.from({ length: count }, () => '00'))).subarray(1)
    const walk = (bytes: Uint8Array): number => {
      const from = createIn(bytes)
      const cursor = openContainer(from, 0, bytes.length)
      let count = 0
      while (nextElement(from, cursor)) count += 1
      return count
    }
    expect(walk(nulls(POLO_ITEMS_MAX))).toBe(POLO_ITEMS_MAX)
    expect(codeOf(() => walk(nulls(POLO_ITEMS_MAX + 1)))).toBe('polo/too-large')
  })

  test('does not look into a message beyond the size that is read', () => {
    expect(codeOf(() => createIn(new Uint8Array(POLO_BYTES_MAX + 1)))).toBe('polo/too-large')
    expect(codeOf(() => createIn(new Uint8Array(POLO_BYTES_MAX)))).toBe('read')
  })
})
