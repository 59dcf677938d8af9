/**
 * KramaIDs: names of MOI's guardians. Two characters say what it is, then 53 are its peer id of libp2p, which is its public key.
 *
 * | part | characters | what |
 * |---|---|---|
 * | tag | first two, base 58 of two bytes | kind and version, 00 for a guardian; then its zone, 0 to 3, times 16 |
 * | peer id | 53, base 58 of 39 bytes | 00 25 08 02 12 21, then a compressed key of secp256k1 |
 */
import { concatBytes } from '../../base/bytes.ts'
import { Fault, faultFrom } from '../../base/fault.ts'

export type KramaId = {
  /** 0 to 3. */
  readonly zone: number
  readonly publicKey: Uint8Array
}

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
const BASE = 58n

const PREFIX_CHARACTERS = 2
const PEER_ID_CHARACTERS = 53
/** Identity multihash of 37 bytes that are a message of protobuf: kind of key 2, key of 33 bytes. */
const PEER_ID_HEAD: Uint8Array = Uint8Array.of(0, 0x25, 0x08, 0x02, 0x12, 0x21)
const KEY_BYTES = 33
const PEER_ID_BYTES = 39
const ZONE_MAX = 3

const badId = (why: string): Fault => new Fault('krama-id/malformed', why)

/** Reads the one spelling. Whether the key is a point of the curve is for an engine to say. */
export const readKramaId = (text: string): KramaId | Fault =>
  faultFrom(() => {
    if (text.length !== PREFIX_CHARACTERS + PEER_ID_CHARACTERS)
      throw badId(`a KramaID of ${text.length} characters`)
    const [tag, zoneByte = 0] = bytesFromBase58(text.slice(0, PREFIX_CHARACTERS), 2)
    if (tag !== 0) throw badId(`no kind and version have the number ${tag}`)
    if (zoneByte % 16 !== 0 || zoneByte >> 4 > ZONE_MAX)
      throw badId(`no zone is written ${zoneByte}`)
    const peer = bytesFromBase58(text.slice(PREFIX_CHARACTERS), PEER_ID_BYTES)
    if (!PEER_ID_HEAD.every((byte, at) => peer[at] === byte))
      throw badId('a peer id that holds no key of secp256k1')
    const publicKey = peer.slice(PEER_ID_HEAD.length)
    checkKey(publicKey)
    return { zone: zoneByte >> 4, publicKey }
  })

/** Raises `krama-id/malformed` for another zone than 0 to 3, or a key that is not compressed. */
export const writeKramaId = ({ zone, publicKey }: KramaId): string => {
  if (!Number.isInteger(zone) || zone < 0 || zone > ZONE_MAX)
    throw badId(`there is no zone ${zone}`)
  checkKey(publicKey)
  return base58FromBytes(Uint8Array.of(0, zone << 4)) + peerIdOf(publicKey)
}

/** How libp2p names a peer by its key. */
export const peerIdOf = (publicKey: Uint8Array): string =>
  base58FromBytes(concatBytes(PEER_ID_HEAD, publicKey))

const checkKey = (publicKey: Uint8Array): void => {
  if (publicKey.length !== KEY_BYTES || (publicKey[0] !== 2 && publicKey[0] !== 3))
    throw badId('a key that is not compressed')
}

/** Zeros in front are ones; the rest is a number. */
const base58FromBytes = (bytes: Uint8Array): string => {
  let value = bytes.reduce((all, byte) => (all << 8n) | BigInt(byte), 0n)
  let text = ''
  for (; value > 0n; value /= BASE) text = (ALPHABET[Number(value % BASE)] ?? '') + text
  const zeros = bytes.findIndex((byte) => byte !== 0)
  return '1'.repeat(zeros < 0 ? bytes.length : zeros) + text
}

/** Reads exactly so many bytes. Raises `krama-id/malformed` for another alphabet, another size or another spelling. */
const bytesFromBase58 = (text: string, size: number): Uint8Array => {
  let value = 0n
  for (const character of text) {
    const digit = ALPHABET.indexOf(character)
    if (digit < 0) throw badId('characters that are not of base 58')
    value = value * BASE + BigInt(digit)
  }
  const bytes = new Uint8Array(size)
  for (let at = size - 1; at >= 0; at--, value >>= 8n) bytes[at] = Number(value & 0xffn)
  // What did not fit, and a wrong number of ones in front, show when it is written again.
  if (base58FromBytes(bytes) !== text) throw badId('another spelling, or another size, of base 58')
  return bytes
}
