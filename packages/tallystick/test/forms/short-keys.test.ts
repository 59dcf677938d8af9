import { describe, expect, it } from 'vitest'
import { shortKeys } from '../../src/forms/short-keys.ts'

const key = '0123456789abcdef'.repeat(4)

describe('short keys', () => {
  it('leave sixteen digits of every whole key', () => {
    expect(shortKeys(`${key}–${key}: signed`)).toBe('0123456789abcdef…–0123456789abcdef…: signed')
  })

  it('leave alone what is longer, shorter or no key', () => {
    for (const text of [`${key}0`, key.slice(1), key.toUpperCase(), 'alice']) {
      expect(shortKeys(text)).toBe(text)
    }
  })
})
