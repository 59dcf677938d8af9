/**
 * Base32 (RFC 4648) without padding: capital letters and digits that survive paper, speech and the alphanumeric mode of QR codes.
 *
 * Promise. Bytes have one spelling: unused bits are zero, and no length is read that no bytes have.
 */
import { Fault } from '../base/fault.ts'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

export const base32FromBytes = (bytes: Uint8Array): string => {
  let text = ''
  let bits = 0
  let held = 0
  for (const byte of bytes) {
    held = (held << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += ALPHABET.charAt((held >> bits) & 31)
    }
    held &= (1 << bits) - 1
  }
  return bits > 0 ? text + ALPHABET.charAt((held << (5 - bits)) & 31) : text
}

/** Reads canonical base32. Raises `base32/malformed`. */
export const bytesFromBase32 = (text: string): Uint8Array => {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8))
  let bits = 0
  let held = 0
  let size = 0
  for (const character of text) {
    const value = ALPHABET.indexOf(character)
    if (value < 0) throw new Fault('base32/malformed', `"${character}" is no base32`)
    held = (held << 5) | value
    bits += 5
    if (bits >= 8) {
      bits -= 8
      bytes[size++] = held >> bits
      held &= (1 << bits) - 1
    }
  }
  // A whole character too many, or bits that stand for nothing.
  if (bits >= 5 || held !== 0) {
    throw new Fault('base32/malformed', 'the text ends where no bytes end')
  }
  return bytes
}
