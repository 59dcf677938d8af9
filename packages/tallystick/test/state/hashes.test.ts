import { describe, expect, test } from 'vitest'
import { bytesFromHex, hexFromBytes } from '../../src/base/bytes.ts'
import { stateHashes, zeroHash } from '../../src/state/hashes.ts'
import { keyWith, leafHash, nodeHash, TEST_SUITES, valueHash, valueOf } from './forge.ts'

describe.each(TEST_SUITES)('the state hashes of %s', (suite) => {
  const hashes = stateHashes(suite)
  const key = bytesFromHex(keyWith('1'))
  const value = valueOf(4)

  test('are their written definitions', () => {
    expect(hashes.value(value)).toEqual(valueHash(suite, value))
    expect(hashes.leaf(key, hashes.value(value))).toEqual(leafHash(suite, keyWith('1'), value))
    expect(hashes.node(key, value.slice(0, 0))).not.toEqual(hashes.node(key, key))
    expect(hashes.node(key, zeroHash)).toEqual(nodeHash(suite, key, zeroHash))
  })

  test('never agree on the same 64 bytes', () => {
    const both = new Uint8Array([...key, ...zeroHash])
    const made = [
      hashes.leaf(key, zeroHash),
      hashes.node(key, zeroHash),
      hashes.value(both),
      hashes.key(both),
    ]
    expect(new Set(made.map(hexFromBytes)).size).toBe(4)
  })

  test('leave an earlier result alone', () => {
    const first = hashes.node(key, zeroHash)
    const copy = first.slice()
    hashes.node(zeroHash, key)
    expect(first).toEqual(copy)
  })
})
