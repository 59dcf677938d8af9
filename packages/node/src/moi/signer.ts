/**
 * Who signs for an account: a key from words or from a key file, and how it signs in MOI's form.
 *
 * Promise. The key never leaves this process. What it signs is the BLAKE2b-256 of an interaction's bytes and nothing else.
 */
import { KEY_FILE_BYTES_MAX, openKey, readPrivateFile, usageError } from 'tallystick/command'
import { createNativeEngine } from 'tallystick/engine-native'
import { moiFromEcdsa, type MoiId, participantOfKey } from 'tallystick/moi'
import { EXAMPLE_PATH } from './hd-keys.ts'
import { pathAt, secretAt } from './words.ts'

export type MoiSigner = {
  readonly id: MoiId
  readonly keyId: number
  readonly publicKey: Uint8Array
  /** In MOI's form, over a digest. */
  readonly sign: (digest: Uint8Array) => Uint8Array
}

const SCHEME = 'secp256k1-ecdsa'

export type SignerOptions = {
  /** The number of the key in its account. */
  readonly keyId?: number
  /** Whose key this is, where the account is not named by it. */
  readonly account?: MoiId
}

export const signerOfSecret = (secret: Uint8Array, options: SignerOptions = {}): MoiSigner => {
  const engine = createNativeEngine()
  const { publicKey } = engine.fromSeed(SCHEME, secret)
  const parity = publicKey[0] ?? 0
  return {
    id: options.account ?? participantOfKey(publicKey),
    keyId: options.keyId ?? 0,
    publicKey,
    sign: (digest) => moiFromEcdsa({ compact: engine.sign(SCHEME, secret, digest), parity }),
  }
}

/** The signer at a place of a row of accounts: MOI's wallets count the last number of the path. */
export const signerOfWords = (
  words: string,
  at: { readonly path?: string; readonly number?: number },
  options: SignerOptions = {},
): MoiSigner => {
  const path = at.path ?? EXAMPLE_PATH
  const counted = at.number === undefined ? path : pathAt(path, at.number)
  return signerOfSecret(secretAt(words, counted), options)
}

/** From one of our own key files, if its key is one of secp256k1. */
export const signerOfKeyFile = (
  file: string,
  passphrase: string,
  options: SignerOptions = {},
): MoiSigner => {
  const opened = openKey(readPrivateFile(file, KEY_FILE_BYTES_MAX), passphrase)
  if (opened.key.scheme !== SCHEME) {
    throw usageError(
      `the key in ${file} is one of ${opened.key.scheme}, and MOI takes secp256k1`,
      'tally id new --suite evm makes one that it takes',
    )
  }
  return signerOfSecret(opened.seed, options)
}
