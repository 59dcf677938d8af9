import { describe, expect, test } from 'vitest'
import {
  asCount,
  asId,
  contentFrom,
  expectKind,
  KINDS,
  objectIn,
  onlyTag,
  optionalTag,
  textAt,
} from '../../../src/dialects/nostr/message.ts'
import { codeOf } from './sample.ts'

const tags = [
  ['e', 'x', 'y'],
  ['p', 'a'],
  ['p', 'b'],
]

describe('reading what an event says once', () => {
  test('gives the values of an only tag, and none where there may be none', () => {
    expect(onlyTag({ tags }, 'e')).toEqual(['x', 'y'])
    expect(optionalTag({ tags }, 'e')).toEqual(['x', 'y'])
    expect(optionalTag({ tags }, 'z')).toBeUndefined()
  })

  test('refuses none and several', () => {
    expect(codeOf(() => onlyTag({ tags }, 'z'))).toBe('nostr-message/bad-tags')
    expect(codeOf(() => onlyTag({ tags }, 'p'))).toBe('nostr-message/bad-tags')
    expect(codeOf(() => optionalTag({ tags }, 'p'))).toBe('nostr-message/bad-tags')
  })

  test('reads numbers in one spelling, and ids', () => {
    expect(asCount('0', 'n')).toBe(0)
    expect(asCount('12', 'n')).toBe(12)
    for (const text of ['', '01', '-1', '1.5', '1e3', '0x1', '9007199254740993', undefined]) {
      expect(codeOf(() => asCount(text, 'n'))).toBe('nostr-message/bad-tags')
    }
    expect(asId('ab'.repeat(32), 'id')).toBe('ab'.repeat(32))
    expect(codeOf(() => asId('AB'.repeat(32), 'id'))).toBe('nostr-message/bad-tags')
  })

  test('reads an object, and writes one that fits', () => {
    expect(textAt(objectIn('{"a":"b"}'), 'a')).toBe('b')
    expect(contentFrom({ b: 1, a: 2 })).toBe('{"a":2,"b":1}')
    expect(codeOf(() => objectIn('[]'))).toBe('nostr-message/bad-content')
    expect(codeOf(() => objectIn('{'))).toBe('nostr-message/bad-content')
    expect(codeOf(() => textAt(objectIn('{"a":1}'), 'a'))).toBe('nostr-message/bad-content')
    expect(codeOf(() => contentFrom('x'.repeat(9), 10))).toBe('nostr-message/too-large')
    expect(contentFrom('x'.repeat(8), 10)).toHaveLength(10)
  })

  test('refuses another kind', () => {
    expect(codeOf(() => expectKind({ kind: 1 }, KINDS.receipt))).toBe('nostr-message/wrong-kind')
    expect(codeOf(() => expectKind({ kind: 7504 }, KINDS.receipt))).toBe('read')
  })
})
