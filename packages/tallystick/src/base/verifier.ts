/**
 * What judges and shells know about signatures: three interfaces, no cryptography. Engines implement them
 * (`src/engine/`); the pure layers receive one as an argument.
 *
 * What is signed. `message` is the bytes that the scheme itself takes. Ed25519, ML-DSA and SLH-DSA take any length;
 * BIP-340 and ECDSA take a 32-byte digest as it is and hash nothing. Our own messages are tagged hashes
 * (`hash.ts`) of 32 bytes under every scheme. ML-DSA and SLH-DSA also bind `SIGNATURE_CONTEXT`.
 */
import type { SchemeId } from './suite.ts'

/** FIPS 204 and 205 context string bound into every ML-DSA and SLH-DSA signature, as UTF-8. */
export const SIGNATURE_CONTEXT = 'tallystick/1'

/**
 * Checks signatures.
 *
 * Promise. Both functions are total: whatever the bytes, they return and never throw, and the answer is false for
 * everything malformed or not supported. Every engine gives the same answer to the same bytes on every runtime.
 */
export type Verifier = {
  /** Whether the bytes are a usable public key. `verify` is false for every key that is refused here. */
  readonly acceptsKey: (scheme: SchemeId, publicKey: Uint8Array) => boolean
  readonly verify: (
    scheme: SchemeId,
    publicKey: Uint8Array,
    message: Uint8Array,
    signature: Uint8Array,
  ) => boolean
}

/** One key that can sign. Shells hold signers; signing is an effect of theirs and never happens in the pure core. */
export type Signer = {
  readonly scheme: SchemeId
  readonly publicKey: Uint8Array
  readonly sign: (message: Uint8Array) => Uint8Array
}

export type SignOptions = {
  /**
   * True gives the same signature every time, for vectors and simulations. Otherwise the engine mixes in fresh
   * randomness where the scheme and the engine can (Ed25519 is deterministic either way).
   */
  readonly deterministic?: boolean
}

export type KeyPair = {
  readonly publicKey: Uint8Array
  /** 32 bytes under every scheme: the seed that the pair was made from. */
  readonly secret: Uint8Array
}

/**
 * A verifier that can also make keys and sign.
 *
 * Signing takes the secret alone and derives the public key itself: a public key handed in beside a foreign
 * secret would let one signature give the secret away.
 */
export type Engine = Verifier & {
  readonly name: string
  /** The schemes that this engine was made with. For any other, `verify` is false and signing raises a fault. */
  readonly schemes: readonly SchemeId[]
  /** Raises `key/wrong-size` unless the seed has 32 bytes, `key/unusable` if it makes no key, `scheme/not-available`. */
  readonly fromSeed: (scheme: SchemeId, seed: Uint8Array) => KeyPair
  /** Raises what `fromSeed` raises, and `message/wrong-size` where the scheme takes 32 bytes only. */
  readonly sign: (
    scheme: SchemeId,
    secret: Uint8Array,
    message: Uint8Array,
    options?: SignOptions,
  ) => Uint8Array
}
