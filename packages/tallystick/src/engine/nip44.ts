/**
 * Encryption between holders of Nostr keys: NIP-44, version 2.
 *
 * Promise. What one of two keys encrypted, the other decrypts; a payload that was changed anywhere is refused, and one text
 * under one nonce has one payload. Every step is the published one, so any client of Nostr reads it.
 *
 * Not promised. Who wrote it: both keys can, so what is inside carries a signature of its own. Secrecy of earlier texts once a key is
 * known (there is no forward secrecy), or of how long a text is, beyond the padding. The nonce is the caller's: 32 fresh random
 * bytes for each text, or two texts under one key give each other away.
 *
 * | bytes | what |
 * |---|---|
 * | 0 | 2, the version |
 * | 1–32 | nonce |
 * | then | ChaCha20 of: u16 size, big-endian; text in UTF-8; zeros up to the padded size |
 * | last 32 | HMAC-SHA256 over nonce and ciphertext |
 *
 * Keys: HKDF-SHA256, extract with the salt `nip44-v2` over the shared x coordinate, expand with the nonce to 32, 12 and 32 bytes.
 * Texts of more than 65,535 bytes, which a later edition of the document permits, are neither made nor read.
 */
import { chacha20 } from '@noble/ciphers/chacha.js'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { expand, extract } from '@noble/hashes/hkdf.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesFromHex, bytesFromUtf8, concatBytes, utf8FromBytes } from '../base/bytes.ts'
import { Fault } from '../base/fault.ts'
import { NIP44_BYTES_MAX, NIP44_PAYLOAD_MAX } from '../base/limits.ts'

/** What two keys share. Keep it as secret as either of them. */
export type ConversationKey = Uint8Array

/** Raises `nip44/bad-key` where a secret or the other's public key, 64 digits, is none. */
export const conversationKey = (secret: Uint8Array, publicKey: string): ConversationKey => {
  try {
    const point = concatBytes(Uint8Array.of(2), bytesFromHex(publicKey))
    const shared = secp256k1.getSharedSecret(secret, point).subarray(1, 33)
    return extract(sha256, shared, bytesFromUtf8('nip44-v2'))
  } catch {
    throw new Fault('nip44/bad-key', 'a secret or a public key that is none on secp256k1')
  }
}

/** Encrypts a text of 1 to 65,535 bytes under 32 random bytes. Raises `nip44/wrong-size` for any other. */
export const encryptNip44 = (key: ConversationKey, text: string, nonce: Uint8Array): string => {
  const plain = bytesFromUtf8(text)
  if (plain.length === 0 || plain.length > NIP44_BYTES_MAX || nonce.length !== 32) {
    throw new Fault('nip44/wrong-size', `${plain.length} bytes under a nonce of ${nonce.length}`)
  }
  const padded = new Uint8Array(2 + paddedSize(plain.length))
  padded.set([plain.length >> 8, plain.length & 0xff])
  padded.set(plain, 2)
  const { cipher, start, check } = messageKeys(key, nonce)
  const hidden = chacha20(cipher, start, padded)
  const mac = hmac(sha256, check, concatBytes(nonce, hidden))
  return base64FromBytes(concatBytes(Uint8Array.of(VERSION), nonce, hidden, mac))
}

/**
 * Decrypts a payload. Raises `nip44/malformed`, `nip44/wrong-version`, `nip44/altered` for whatever was not encrypted under
 * this key, and `text/not-utf8`.
 */
export const decryptNip44 = (key: ConversationKey, payload: string): string => {
  if (payload.startsWith('#')) throw new Fault('nip44/wrong-version', 'a version of the future')
  if (payload.length < PAYLOAD_MIN || payload.length > NIP44_PAYLOAD_MAX) {
    throw malformed(`${payload.length} characters`)
  }
  const bytes = bytesFromBase64(payload)
  if (bytes[0] !== VERSION) throw new Fault('nip44/wrong-version', `version ${bytes[0] ?? 0}`)
  const nonce = bytes.subarray(1, 33)
  const hidden = bytes.subarray(33, -32)
  const { cipher, start, check } = messageKeys(key, nonce)
  const mac = hmac(sha256, check, concatBytes(nonce, hidden))
  if (!isSame(mac, bytes.subarray(-32))) {
    throw new Fault('nip44/altered', 'the check fails: another key, or changed on its way')
  }
  const padded = chacha20(cipher, start, hidden)
  const size = ((padded[0] ?? 0) << 8) | (padded[1] ?? 0)
  if (size === 0 || padded.length !== 2 + paddedSize(size)) throw malformed('the padding is wrong')
  return utf8FromBytes(padded.subarray(2, 2 + size))
}

/** Bytes that a text is padded to: steps of 32 up to 256, then eighths of a power of two. */
export const paddedSize = (size: number): number => {
  if (size <= 32) return 32
  const power = 2 ** (32 - Math.clz32(size - 1))
  const step = power <= 256 ? 32 : power / 8
  return step * Math.ceil(size / step)
}

/** The three keys of one message. */
export const messageKeys = (
  key: ConversationKey,
  nonce: Uint8Array,
): { readonly cipher: Uint8Array; readonly start: Uint8Array; readonly check: Uint8Array } => {
  const keys = expand(sha256, key, nonce, 76)
  return { cipher: keys.slice(0, 32), start: keys.slice(32, 44), check: keys.slice(44, 76) }
}

const VERSION = 2
/** One byte of version, two times 32 bytes, and the least that is encrypted, in base64. */
const PAYLOAD_MIN = 132

/** In a time that does not depend on where they differ. */
const isSame = (a: Uint8Array, b: Uint8Array): boolean => {
  let difference = a.length ^ b.length
  for (let at = 0; at < a.length; at++) difference |= (a[at] ?? 0) ^ (b[at] ?? 0)
  return difference === 0
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const VALUE_OF = new Map(Array.from(ALPHABET, (character, value) => [character, value]))

const base64FromBytes = (bytes: Uint8Array): string => {
  const parts: string[] = []
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b, c] = bytes.subarray(at, at + 3)
    const bits = (a << 16) | ((b ?? 0) << 8) | (c ?? 0)
    const digit = (shift: number): string => ALPHABET.charAt((bits >> shift) & 63)
    const tail = b === undefined ? '==' : digit(6) + (c === undefined ? '=' : digit(0))
    parts.push(digit(18) + digit(12) + tail)
  }
  return parts.join('')
}

/** The one spelling only: padded, and with zeros where bits stand for nothing. */
const bytesFromBase64 = (text: string): Uint8Array => {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  if (text.length % 4 !== 0) throw malformed('no whole number of groups')
  const bytes = new Uint8Array((text.length / 4) * 3 - padding)
  let bits = 0
  let held = 0
  let to = 0
  for (const character of text.slice(0, text.length - padding)) {
    const value = VALUE_OF.get(character)
    if (value === undefined) throw malformed(`"${character}" is no base64`)
    held = (held << 6) | value
    bits += 6
    if (bits < 8) continue
    bits -= 8
    bytes[to++] = held >> bits
    held &= (1 << bits) - 1
  }
  if (held !== 0 || to !== bytes.length) throw malformed('bits that stand for nothing')
  return bytes
}

const malformed = (why: string): Fault => new Fault('nip44/malformed', why)
