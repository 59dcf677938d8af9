import { describe, expect, test } from 'vitest'
import { ask, fault } from './ask.ts'

describe('texts', () => {
  test('stand in single or double quotes, once or three times', () => {
    expect(ask(`'a"b'`)).toBe('a"b')
    expect(ask(`"a'b"`)).toBe("a'b")
    expect(ask(`'''a'\n''b'''`)).toBe("a'\n''b")
    expect(ask(`"""a\\"""b"""`)).toBe('a"""b'.slice(0, 2) + '""b')
    expect(ask(`''`)).toBe('')
    expect(ask(`"😀é"`)).toBe('😀é')
  })

  test('know the escapes of CEL', () => {
    expect(ask(String.raw`'\a\b\f\n\r\t\v\\\?\"\'` + "\\`'")).toBe('\u0007\b\f\n\r\t\v\\?"\'`')
    expect(ask(String.raw`'\x41\X42\u00e9\U0001F600\101'`)).toBe('ABé😀A')
  })

  test('are left as they stand after an r', () => {
    expect(ask(String.raw`r'\n'`)).toBe('\\n')
    expect(ask(String.raw`R"""\u"""`)).toBe('\\u')
  })

  test('are refused where they do not end, break or name no character', () => {
    const refused = [
      `'a`,
      `"a'`,
      `'''a''`,
      `'a\nb'`,
      `'a\rb'`,
      `'\\`,
      String.raw`'\q'`,
      String.raw`'\x4'`,
      String.raw`'\xg0'`,
      String.raw`'\ud83d'`,
      String.raw`'\ud83d\ude00'`,
      String.raw`'\U00110000'`,
      String.raw`'\418'`,
      String.raw`'\400'`,
      `'\ud83d'`,
    ]
    for (const source of refused) {
      expect([source, ask(source)]).toEqual([source, fault('malformed')])
    }
  })
})
