import { expect, test } from 'vitest'
import { idFromHex } from '../../src/base/brand.ts'
import { pathKey } from '../../src/kernel/execute.ts'
import { keyText } from '../../src/logic/key-text.ts'
import { short } from '../../src/logic/ledger-describe.ts'
import { contextPath } from '../../src/logic/statechart/leaves.ts'
import { A, B } from './books.ts'

test('a key is told by its first digits, and by its path where that is known, whatever the suite', () => {
  for (const suite of ['quantum', 'classic', 'nostr', 'evm'] as const) {
    const key = pathKey(suite, { machine: A, logic: 0 }, contextPath('winner'))
    expect(keyText({ machine: A, key })).toBe(`key ${short(key)} (context.winner)`)
  }
  const key = pathKey('nostr', { machine: A, logic: 0 }, ['value'])
  expect(keyText({ machine: A, key })).toBe(`key ${short(key)} (value)`)
})

test('words stand for the path of that machine’s first logic and for nothing else', () => {
  const path = contextPath('winner')
  const key = pathKey('nostr', { machine: A, logic: 0 }, path)
  expect(keyText({ machine: B, key })).toBe(`key ${short(key)}`)
  const second = pathKey('nostr', { machine: A, logic: 1 }, path)
  expect(keyText({ machine: A, key: second })).toBe(`key ${short(second)}`)
  const other = pathKey('nostr', { machine: A, logic: 0 }, contextPath('loser'))
  expect(keyText({ machine: A, key: other })).toBe(`key ${short(other)}`)
  // Digits can be met by trying; the words then are missing.
  const alike = idFromHex<'state-key'>(`${key.slice(0, 8)}${'0'.repeat(56)}`)
  expect(keyText({ machine: A, key: alike })).toBe(`key ${short(key)}`)
})
