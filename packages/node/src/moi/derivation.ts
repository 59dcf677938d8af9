/**
 * Keys from words, as MOI's wallets make them: BIP-39 for the seed, BIP-32 for the key at a path.
 *
 * Promise. The same words and path give the key that MOI's own wallet has. Words that do not belong together are refused, by
 * their checksum; no message holds one of them.
 *
 * Not promised. Nothing here keeps words or keys away from other programs of the same user.
 */
import { createHmac } from 'node:crypto'
import { mnemonicToSeedSync, validateMnemonic } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { bytesFromHex, concatBytes, hexFromBytes } from 'tallystick/base'
import { createNativeEngine } from 'tallystick/engine-native'
import { usageError } from 'tallystick/command'

/** Where MOI's development tools derive the first account; the last number counts on. */
export const MOI_PATH = "m/44'/6174'/7020'/0/0"

/** What everybody may know, and what therefore protects nothing: words of development networks. */
export const DEV_WORDS = 'test test test test test test test test test test test junk'

/** The path of another account in the same row. */
export const pathAt = (path: string, number: number): string =>
  path.replace(/\d+('?)$/, `${number}$1`)

const STEPS_MAX = 16
const HARDENED = 0x8000_0000
/** The order of secp256k1. */
const ORDER = 0xffff_ffff_ffff_ffff_ffff_ffff_ffff_fffe_baae_dce6_af48_a03b_bfd2_5e8c_d036_4141n

type Node = { readonly secret: Uint8Array; readonly chain: Uint8Array }

/** The secret at a path. Raises a usage error for words or a path that are none. */
export const secretAt = (words: string, path: string): Uint8Array => {
  const plain = words.normalize('NFKD').toLowerCase().trim().split(/\s+/).join(' ')
  if (!validateMnemonic(plain, wordlist)) {
    throw usageError('these words do not belong together', 'check each of them and their order')
  }
  const steps = stepsOf(path)
  let node = halves(hmac(new TextEncoder().encode('Bitcoin seed'), mnemonicToSeedSync(plain)))
  for (const step of steps) node = childOf(node, step)
  return node.secret
}

const stepsOf = (path: string): readonly number[] => {
  const [root, ...steps] = path.split('/')
  const found = steps.map((step) => {
    const [, digits, mark] = /^(\d{1,10})('?)$/.exec(step) ?? []
    const number = Number(digits)
    return number < HARDENED ? number + (mark === "'" ? HARDENED : 0) : Number.NaN
  })
  if (root === 'm' && found.length <= STEPS_MAX && !found.some(Number.isNaN)) return found
  throw usageError(`${path} is no path of keys`, `--path "${MOI_PATH}"`)
}

const childOf = ({ secret, chain }: Node, step: number): Node => {
  const number = new Uint8Array(4)
  new DataView(number.buffer).setUint32(0, step)
  const above = step >= HARDENED ? concatBytes(Uint8Array.of(0), secret) : publicOf(secret)
  const next = halves(hmac(chain, concatBytes(above, number)))
  const tweak = numberFrom(next.secret)
  const sum = (tweak + numberFrom(secret)) % ORDER
  // One path in 2^127 has no key; BIP-32 says to take the next number.
  if (tweak >= ORDER || sum === 0n) throw usageError('this path has no key', 'take the next one')
  return { secret: bytesFromHex(sum.toString(16).padStart(64, '0')), chain: next.chain }
}

const publicOf = (secret: Uint8Array): Uint8Array =>
  createNativeEngine().fromSeed('secp256k1-ecdsa', secret).publicKey

const hmac = (key: Uint8Array, of: Uint8Array): Uint8Array =>
  new Uint8Array(createHmac('sha512', key).update(of).digest())

const halves = (of: Uint8Array): Node => ({ secret: of.slice(0, 32), chain: of.slice(32) })

const numberFrom = (of: Uint8Array): bigint => BigInt(`0x${hexFromBytes(of)}`)
