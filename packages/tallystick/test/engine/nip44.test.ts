import { describe, expect, test } from 'vitest'
import { bytesFromHex, bytesFromUtf8, hexFromBytes } from '../../src/base/bytes.ts'
import { faultFrom, isFault } from '../../src/base/fault.ts'
import { sha256 } from '../../src/base/sha256.ts'
import {
  conversationKey,
  decryptNip44,
  encryptNip44,
  messageKeys,
  paddedSize,
} from '../../src/engine/nip44.ts'
import { createPortableEngine } from '../../src/engine/portable.ts'
import { existsSync } from 'node:fs'
import { readVectorJson, vectorPath, vectorsAreMissing } from '../third-party.ts'

const engine = createPortableEngine()
const secretOf = (digit: string): Uint8Array => bytesFromHex(digit.repeat(64))
const publicOf = (secret: Uint8Array): string =>
  hexFromBytes(engine.fromSeed('bip340', secret).publicKey)
const alice = secretOf('1')
const bob = secretOf('2')
const nonce = bytesFromHex('ab'.repeat(32))
const key = conversationKey(alice, publicOf(bob))
const codeOf = (run: () => unknown): string => {
  const result = faultFrom(run)
  return isFault(result) ? result.code : 'done'
}

describe('encryption between two keys', () => {
  test('gives both the same key, and nobody else', () => {
    expect(conversationKey(bob, publicOf(alice))).toEqual(key)
    expect(conversationKey(secretOf('3'), publicOf(alice))).not.toEqual(key)
    expect(codeOf(() => conversationKey(new Uint8Array(32), publicOf(bob)))).toBe('nip44/bad-key')
    expect(codeOf(() => conversationKey(alice, 'ff'.repeat(32)))).toBe('nip44/bad-key')
  })

  test.each([1, 31, 32, 33, 256, 257, 1000, 65_535])('decrypts %d bytes', (size) => {
    const text = 'x'.repeat(size)
    expect(decryptNip44(key, encryptNip44(key, text, nonce))).toBe(text)
  })

  test('encrypts neither nothing nor more than others read, and under 32 bytes only', () => {
    expect(codeOf(() => encryptNip44(key, '', nonce))).toBe('nip44/wrong-size')
    expect(codeOf(() => encryptNip44(key, 'x'.repeat(65_536), nonce))).toBe('nip44/wrong-size')
    expect(codeOf(() => encryptNip44(key, 'x', nonce.subarray(1)))).toBe('nip44/wrong-size')
  })

  test('refuses a payload with one character changed, wherever it is', () => {
    const payload = encryptNip44(key, 'a text', nonce)
    for (let at = 0; at < payload.length; at += 7) {
      const changed =
        payload.slice(0, at) + (payload[at] === 'A' ? 'B' : 'A') + payload.slice(at + 1)
      expect(codeOf(() => decryptNip44(key, changed))).toMatch(/^nip44\//)
    }
    expect(codeOf(() => decryptNip44(key, `#${payload}`))).toBe('nip44/wrong-version')
    expect(codeOf(() => decryptNip44(key, payload.slice(4)))).toBe('nip44/malformed')
    expect(codeOf(() => decryptNip44(conversationKey(alice, publicOf(alice)), payload))).toBe(
      'nip44/altered',
    )
  })
})

type Vectors = {
  readonly v2: {
    readonly valid: {
      readonly get_conversation_key: readonly {
        sec1: string
        pub2: string
        conversation_key: string
      }[]
      readonly get_message_keys: {
        readonly conversation_key: string
        readonly keys: readonly {
          nonce: string
          chacha_key: string
          chacha_nonce: string
          hmac_key: string
        }[]
      }
      readonly calc_padded_len: readonly (readonly [size: number, padded: number])[]
      readonly encrypt_decrypt: readonly {
        conversation_key: string
        nonce: string
        plaintext: string
        payload: string
      }[]
      readonly encrypt_decrypt_long_msg: readonly {
        conversation_key: string
        nonce: string
        pattern: string
        repeat: number
        payload_sha256: string
      }[]
    }
    readonly invalid: {
      readonly get_conversation_key: readonly { sec1: string; pub2: string }[]
      readonly decrypt: readonly { conversation_key: string; payload: string }[]
    }
  }
}

const file = 'nip44/nip44.vectors.json'
const isMissing = vectorsAreMissing || !existsSync(vectorPath(file))
const reason = isMissing ? ` (skipped: no ${file} in the folder of TALLYSTICK_VECTORS)` : ''

describe.skipIf(isMissing)(`the published vectors of NIP-44${reason}`, () => {
  const { valid, invalid } = isMissing ? emptyVectors() : readVectorJson<Vectors>(file).v2

  test('for keys', () => {
    expect(valid.get_conversation_key).toHaveLength(35)
    for (const one of valid.get_conversation_key) {
      expect(hexFromBytes(conversationKey(bytesFromHex(one.sec1), one.pub2))).toBe(
        one.conversation_key,
      )
    }
    for (const one of invalid.get_conversation_key) {
      expect(codeOf(() => conversationKey(bytesFromHex(one.sec1), one.pub2))).toBe('nip44/bad-key')
    }
    const of = bytesFromHex(valid.get_message_keys.conversation_key)
    for (const one of valid.get_message_keys.keys) {
      const { cipher, start, check } = messageKeys(of, bytesFromHex(one.nonce))
      expect([cipher, start, check].map(hexFromBytes)).toEqual([
        one.chacha_key,
        one.chacha_nonce,
        one.hmac_key,
      ])
    }
  })

  test('for padding', () => {
    for (const [size, padded] of valid.calc_padded_len) expect(paddedSize(size)).toBe(padded)
  })

  test('for texts, both ways', () => {
    for (const one of valid.encrypt_decrypt) {
      const of = bytesFromHex(one.conversation_key)
      expect(encryptNip44(of, one.plaintext, bytesFromHex(one.nonce))).toBe(one.payload)
      expect(decryptNip44(of, one.payload)).toBe(one.plaintext)
    }
    for (const one of valid.encrypt_decrypt_long_msg) {
      const text = one.pattern.repeat(one.repeat)
      const payload = encryptNip44(
        bytesFromHex(one.conversation_key),
        text,
        bytesFromHex(one.nonce),
      )
      expect(hexFromBytes(sha256(bytesFromUtf8(payload)))).toBe(one.payload_sha256)
    }
  })

  test('for what is to be refused', () => {
    expect(invalid.decrypt).toHaveLength(12)
    for (const one of invalid.decrypt) {
      const of = bytesFromHex(one.conversation_key)
      expect(codeOf(() => decryptNip44(of, one.payload))).toMatch(/^nip44\//)
    }
  })
})

const emptyVectors = (): Vectors['v2'] => ({
  valid: {
    get_conversation_key: [],
    get_message_keys: { conversation_key: '', keys: [] },
    calc_padded_len: [],
    encrypt_decrypt: [],
    encrypt_decrypt_long_msg: [],
  },
  invalid: { get_conversation_key: [], decrypt: [] },
})
