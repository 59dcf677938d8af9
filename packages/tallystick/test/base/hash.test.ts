import { blake3 } from '@noble/hashes/blake3.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { describe, expect, test } from 'vitest'
import { bytesFromUtf8, concatBytes, hexFromBytes } from '../../src/base/bytes.ts'
import { bytes, type Codec, codecFrom } from '../../src/base/codec.ts'
import {
  hash,
  HASH_BYTES,
  hashId,
  hashValue,
  hashValueId,
  taggedHash,
} from '../../src/base/hash.ts'
import { TAGS } from '../../src/base/tags.ts'

const message = bytesFromUtf8('a notch on a stick')
const names = ['blake3', 'sha256', 'keccak256'] as const

describe('tagged hash', () => {
  test('each function is its written definition', () => {
    const tag = bytesFromUtf8(TAGS.transition)
    const definition = {
      blake3: blake3(message, { context: tag }),
      sha256: sha256(concatBytes(sha256(tag), sha256(tag), message)),
      keccak256: keccak_256(concatBytes(keccak_256(tag), message)),
    }
    for (const name of names) expect(hash(name, TAGS.transition, message)).toEqual(definition[name])
  })

  test('the digests on the wire never change', () => {
    expect(names.map((name) => hexFromBytes(hash(name, TAGS.charter, message)))).toEqual([
      '504f3fe1aa3041fe34b6b065eda61d131e3c3e837682b05f972c4242d7a3669d',
      'eedd28cd853f6860d2beb62b58a2ef682130874b24263c7b3f23622238ce25b9',
      'a665ff0fc18e57d11376f6c109e3654673e1e9510f1b3246af6d26665541b7ba',
    ])
  })

  test('a suite hashes with its own function', () => {
    const of = (name: Parameters<typeof hash>[0]): string => hashId(name, TAGS.charter, message)
    expect(of('quantum')).toBe(of('blake3'))
    expect(of('classic')).toBe(of('blake3'))
    expect(of('nostr')).toBe(of('sha256'))
    expect(of('evm')).toBe(of('keccak256'))
  })

  test('another tag gives another digest of the same bytes, for all tags', () => {
    const tags = Object.values(TAGS)
    for (const name of names) {
      expect(new Set(tags.map((tag) => hashId(name, tag, message))).size).toBe(tags.length)
    }
  })

  test('a digest has 32 bytes for inputs around every block boundary and depends on the last byte', () => {
    for (const name of names) {
      for (const size of [
        0, 1, 31, 32, 63, 64, 65, 127, 128, 135, 136, 137, 1023, 1024, 1025, 4097,
      ]) {
        const input = new Uint8Array(size)
        const before = hash(name, TAGS.entry, input)
        expect(before.length).toBe(HASH_BYTES)
        input[size] = 1
        if (size > 0) input[size - 1] = 1
        if (size > 0) expect(hash(name, TAGS.entry, input)).not.toEqual(before)
      }
    }
  })

  test('a value hashes as its encoding, short or long, also while another one is written', () => {
    const texts = bytes(4096)
    for (const name of names) {
      for (const size of [0, 1, 31, 255, 256, 257, 4000]) {
        const value = new Uint8Array(size).fill(size)
        const expected = hash(name, TAGS.entry, texts.encode(value))
        expect(hashValue(name, TAGS.entry, texts, value)).toEqual(expected)
        const id = hashValueId(name, TAGS.entry, texts, value)
        expect(id).toBe(hexFromBytes(expected))
        const around: Codec<Uint8Array> = codecFrom((writer) => {
          writer.u8(1)
          writer.raw(hashValue(name, TAGS.entry, texts, value))
          writer.u8(2)
        }, texts.read)
        expect(around.encode(value)).toEqual(
          concatBytes(Uint8Array.of(1), expected, Uint8Array.of(2)),
        )
      }
    }
  })

  test('a value whose writing fails spoils none after it', () => {
    const texts = bytes(8)
    expect(() => hashValue('blake3', TAGS.entry, texts, new Uint8Array(9))).toThrow(/codec|9 bytes/)
    const value = new Uint8Array(8).fill(7)
    expect(hashValue('blake3', TAGS.entry, texts, value)).toEqual(
      hash('blake3', TAGS.entry, texts.encode(value)),
    )
  })

  test('one call leaves nothing behind for the next', () => {
    for (const name of names) {
      const once = taggedHash(name, TAGS.entropy)
      const first = once(message)
      const copy = first.slice()
      once(bytesFromUtf8('something else'))
      expect(first).toEqual(copy)
      expect(once(message)).toEqual(copy)
    }
  })
})
