import { describe, expect, test } from 'vitest'
import { idText, jsonText, printable } from '../../src/cli/print.ts'

describe('printing', () => {
  test.each([
    ['\u001b[2Kok', '\\u001b[2Kok'],
    ['a\rb\nc\td', 'a\\u000db\\u000ac\\u0009d'],
    ['\u202epay', '\\u202epay'],
    ['\u2028', '\\u2028'],
    ['\ud800', '\\ud800'],
    ['al\u200bice', 'al\\u200bice'],
    ['bob\u{e0041}', 'bob\\ue0041'],
    ['Zoë 🙂 ✓', 'Zoë 🙂 ✓'],
  ])('makes what moves the cursor or turns the text visible: %j', (text, shown) => {
    expect(printable(text)).toBe(shown)
  })

  test('writes numbers that JSON cannot hold as text, and bytes as digits', () => {
    const text = jsonText({ amount: 2n ** 70n, bytes: Uint8Array.of(1, 255) })
    expect(JSON.parse(text)).toEqual({ amount: '1180591620717411303424', bytes: '01ff' })
  })

  test('shows ids in groups that people compare', () => {
    expect(idText('0123456789abcdef'.repeat(4))).toBe('0123 4567 89ab cdef')
    expect(idText('0123456789abcdef'.repeat(4), 6)).toBe('0123 45')
  })
})
