/** Signatures as MOI's wallets make them, by either side read by the other. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { COST_MIN, sealKey } from 'tallystick/command'
import { createNativeEngine } from 'tallystick/engine-native'
import { blake2b256 } from 'tallystick/base'
import { hexFromMoiId, verifiesMoi } from 'tallystick/moi'
import { describe, expect, test } from 'vitest'
import { DEV_WORDS } from '../../src/moi/hd-keys.ts'
import { signerOfKeyFile, signerOfSecret, signerOfWords } from '../../src/moi/signer.ts'
import { loadSdk } from '../moi-sdk/sdk.ts'

const engine = createNativeEngine()
const message = new TextEncoder().encode('an interaction')
const wallet = async (number: number) =>
  loadSdk().Wallet.fromMnemonic(DEV_WORDS, `m/44'/6174'/7020'/0/${number}`)

describe('a signer', () => {
  test('from words is the account that MOI’s wallet makes of them', async () => {
    const signer = signerOfWords(DEV_WORDS, { number: 3 })
    expect(hexFromMoiId(signer.id)).toBe((await (await wallet(3)).getIdentifier()).toHex())
  })

  test('signs in MOI’s form, and one changed bit is no signature', () => {
    const { publicKey, sign } = signerOfWords(DEV_WORDS, { number: 1 })
    const signature = sign(blake2b256(message))
    expect(verifiesMoi(engine, publicKey, message, signature)).toBe(true)
    expect(verifiesMoi(engine, publicKey, message.slice(1), signature)).toBe(false)
    const changed = signature.slice()
    changed[10] = (changed[10] ?? 0) ^ 1
    expect(verifiesMoi(engine, publicKey, message, changed)).toBe(false)
  })

  test('of MOI’s own is read here', async () => {
    const other = await wallet(1)
    const signed = await other.sign(message, 0, other.signingAlgorithms.ecdsa_secp256k1)
    const key = Buffer.from(other.getPublicKey(), 'hex')
    expect(verifiesMoi(engine, key, message, Buffer.from(signed, 'hex'))).toBe(true)
  })

  test('from a key file has its key, if it is one of secp256k1', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tally-key-'))
    const fileOf = (scheme: 'secp256k1-ecdsa' | 'ed25519', suite: 'evm' | 'classic'): string => {
      const seed = new Uint8Array(32).fill(7)
      const { publicKey } = engine.fromSeed(scheme, seed)
      const card = {
        name: 'key',
        suite,
        role: 'device',
        key: { scheme, publicKey },
        nextKey: '00'.repeat(32),
      }
      const path = join(folder, suite)
      const sealed = sealKey(card as never, { seed, nextSeed: seed }, 'long enough', COST_MIN)
      writeFileSync(path, sealed, { mode: 0o600 })
      return path
    }
    try {
      const own = signerOfKeyFile(fileOf('secp256k1-ecdsa', 'evm'), 'long enough')
      expect(own.id).toBe(signerOfSecret(new Uint8Array(32).fill(7)).id)
      const other = fileOf('ed25519', 'classic')
      expect(() => signerOfKeyFile(other, 'long enough')).toThrow('MOI takes secp256k1')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
