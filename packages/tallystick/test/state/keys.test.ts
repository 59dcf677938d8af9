import { blake3 } from '@noble/hashes/blake3.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytesFromId, idFromHex, type LogicId } from '../../src/base/brand.ts'
import { bytesFromUtf8, concatBytes, hexFromBytes } from '../../src/base/bytes.ts'
import { faultFrom } from '../../src/base/fault.ts'
import { STATE_KEY_PART_BYTES_MAX, STATE_KEY_PARTS_MAX } from '../../src/base/limits.ts'
import { keyBit, type KeyPart, sharedBits, stateKey } from '../../src/state/keys.ts'
import { anyKey, bitOf, keyWith } from './forge.ts'

const owner: LogicId = idFromHex('11'.repeat(32))
const stranger: LogicId = idFromHex('12'.repeat(32))

const anyPart: fc.Arbitrary<KeyPart> = fc.oneof(
  fc.uint8Array({ maxLength: 3 }),
  fc.constantFrom('', 'a', 'b', 'ab'),
)

const spelling = (parts: readonly KeyPart[]): string =>
  parts
    .map((part) => (typeof part === 'string' ? `t${part.length}:${part}` : `b[${part.join()}]`))
    .join('/')

describe('a state key', () => {
  test('is the tagged hash of the owner and the framed parts', () => {
    const framed = concatBytes(
      bytesFromId(owner),
      Uint8Array.of(2, 0, 0, 0),
      Uint8Array.of(1, 3, 0, 0, 0, 0x62, 0x61, 0x6c),
      Uint8Array.of(0, 2, 0, 0, 0, 7, 8),
    )
    const context = bytesFromUtf8('tallystick/1 state key')
    expect(stateKey('quantum', owner, 'bal', Uint8Array.of(7, 8))).toBe(
      hexFromBytes(blake3(framed, { context })),
    )
  })

  test('differs for any two paths: other parts, other borders, other kind, other owner, other suite', () => {
    fc.assert(
      fc.property(
        fc.array(anyPart, { maxLength: 4 }),
        fc.array(anyPart, { maxLength: 4 }),
        (a, b) => {
          const same = stateKey('nostr', owner, ...a) === stateKey('nostr', owner, ...b)
          expect(same).toBe(spelling(a) === spelling(b))
        },
      ),
      { numRuns: 200 },
    )
    const keys = [
      stateKey('quantum', owner, 'ab', 'c'),
      stateKey('quantum', owner, 'a', 'bc'),
      stateKey('quantum', owner, 'abc'),
      stateKey('quantum', owner, 'abc', ''),
      stateKey('quantum', owner, bytesFromUtf8('abc')),
      stateKey('quantum', stranger, 'abc'),
      stateKey('nostr', owner, 'abc'),
      stateKey('quantum', owner),
    ]
    expect(new Set(keys).size).toBe(keys.length)
  })

  test('takes the longest path and refuses one part, or one byte in a part, more', () => {
    const parts = (count: number): KeyPart[] => Array.from({ length: count }, () => 'p')
    const made = (...path: readonly KeyPart[]): unknown =>
      faultFrom(() => stateKey('quantum', owner, ...path))
    expect(made(...parts(STATE_KEY_PARTS_MAX))).toHaveLength(64)
    expect(made(...parts(STATE_KEY_PARTS_MAX + 1))).toMatchObject({ code: 'state/too-many-parts' })
    expect(made(new Uint8Array(STATE_KEY_PART_BYTES_MAX))).toHaveLength(64)
    expect(made(new Uint8Array(STATE_KEY_PART_BYTES_MAX + 1))).toMatchObject({
      code: 'codec/too-long',
    })
  })

  test('refuses a text that two strings would share after UTF-8', () => {
    const made = (text: string): unknown => faultFrom(() => stateKey('quantum', owner, text))
    expect(made('\ufffd')).toHaveLength(64)
    expect(made('\ud800')).toMatchObject({ code: 'text/control-character' })
  })
})

describe('the bits of a key', () => {
  test('are read from the most significant one', () => {
    const key = keyWith('1010 0001')
    expect([0, 1, 2, 3, 4, 5, 6, 7].map((at) => keyBit(key, at))).toEqual([1, 0, 1, 0, 0, 0, 0, 1])
    fc.assert(
      fc.property(
        anyKey,
        fc.integer({ min: 0, max: 255 }),
        (any, at) => keyBit(any, at) === bitOf(any, at),
      ),
    )
  })

  test('are counted as shared up to the first that differs', () => {
    fc.assert(
      fc.property(anyKey, anyKey, (a, b) => {
        let shared = 0
        while (shared < 256 && bitOf(a, shared) === bitOf(b, shared)) shared++
        expect(sharedBits(a, b)).toBe(shared)
      }),
    )
    expect(sharedBits(keyWith('0'), keyWith('0'))).toBe(256)
    expect(sharedBits(keyWith('0'), keyWith(`${'0'.repeat(255)}1`))).toBe(255)
  })
})
