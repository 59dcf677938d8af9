/**
 * Keys out of a sentence of words, as MOI's wallets make them: BIP-39 for the seed, BIP-32 on secp256k1 for the tree.
 *
 * Promise. The same words and path give the key that MOI's own wallet has.
 *
 * Not promised. That the words are of the list and belong together: `words.ts` checks that. Nothing keeps them, or the key, from
 * other programs of the same user.
 */
import { createECDH, createHmac, pbkdf2Sync } from 'node:crypto'

/** What MOI's client derives from unless it is told otherwise, and what MOI's own examples tell it. */
export const WALLET_PATH = "m/44'/6174'/0'/0/0"
export const EXAMPLE_PATH = "m/44'/6174'/7020'/0/0"

/** As other development nodes have it: whoever sees it knows that it protects nothing. */
export const DEV_WORDS = 'test test test test test test test test test test test junk'

const ROUNDS = 2048
const SEED_BYTES = 64
const HARDENED = 0x8000_0000
const ORDER = 0xffff_ffff_ffff_ffff_ffff_ffff_ffff_fffe_baae_dce6_af48_a03b_bfd2_5e8c_d036_4141n

type Node = { readonly key: Buffer; readonly chain: Buffer }

/** The private key at a path. Words are taken as they are: whether they are of the list is for whoever reads them to say. */
export const keyFromWords = (words: string, path: string): Uint8Array => {
  const text = words.normalize('NFKD').trim().split(/\s+/).join(' ')
  const seed = pbkdf2Sync(text, 'mnemonic', ROUNDS, SEED_BYTES, 'sha512')
  let node = split(createHmac('sha512', 'Bitcoin seed').update(seed).digest())
  for (const step of stepsOf(path)) node = child(node, step)
  return new Uint8Array(node.key)
}

const stepsOf = (path: string): readonly number[] => {
  const [root, ...steps] = path.split('/')
  if (root !== 'm') throw new Error(`${path} is no path`)
  return steps.map((step) => {
    const [, digits, mark] = /^([0-9]{1,10})('?)$/.exec(step) ?? []
    const number = Number(digits)
    if (!(number < HARDENED)) throw new Error(`${path} is no path`)
    return mark === "'" ? number + HARDENED : number
  })
}

const split = (bytes: Buffer): Node => ({ key: bytes.subarray(0, 32), chain: bytes.subarray(32) })

const child = ({ key, chain }: Node, step: number): Node => {
  const number = Buffer.alloc(4)
  number.writeUInt32BE(step)
  const from = step >= HARDENED ? Buffer.concat([Buffer.alloc(1), key]) : publicKeyOf(key)
  const made = split(createHmac('sha512', chain).update(from).update(number).digest())
  const sum = (toNumber(made.key) + toNumber(key)) % ORDER
  // One in 2^127 paths has no key; BIP-32 says to take the next.
  if (toNumber(made.key) >= ORDER || sum === 0n) return child({ key, chain }, step + 1)
  return { key: Buffer.from(sum.toString(16).padStart(64, '0'), 'hex'), chain: made.chain }
}

const toNumber = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString('hex')}`)

const publicKeyOf = (key: Buffer): Buffer => {
  const curve = createECDH('secp256k1')
  curve.setPrivateKey(key)
  return curve.getPublicKey(null, 'compressed')
}
