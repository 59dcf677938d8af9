/**
 * Token signatures: a stand-in for real ones inside a simulation.
 *
 * A signature is a hash of key and message that only this engine makes, and only for keys it has handed out, so nobody
 * in a simulated world can forge one. Real codecs and hashes run as they are; one seed in fifty runs with a real
 * engine instead, so that both worlds are held to the same transcript. Never for anything outside a simulation.
 */
import { concatBytes, equalBytes, hexFromBytes } from '../base/bytes.ts'
import { Fault } from '../base/fault.ts'
import { hash } from '../base/hash.ts'
import { schemeRules, type SchemeId } from '../base/suite.ts'
import { TAGS } from '../base/tags.ts'
import type { Engine } from '../base/verifier.ts'

export const createTokenEngine = (schemes: readonly SchemeId[] = ['ed25519']): Engine => {
  const handedOut = new Set<string>()
  const publicKeyOf = (scheme: SchemeId, secret: Uint8Array): Uint8Array =>
    stretched(hash('blake3', TAGS.seed, secret), schemeRules(scheme).publicKeyBytes)
  const token = (scheme: SchemeId, publicKey: Uint8Array, message: Uint8Array): Uint8Array =>
    stretched(
      hash('blake3', TAGS.message, concatBytes(publicKey.subarray(0, 32), message)),
      schemeRules(scheme).signatureBytes,
    )
  return {
    name: 'token',
    schemes,
    acceptsKey: (_, publicKey) => handedOut.has(hexFromBytes(publicKey)),
    verify: (scheme, publicKey, message, signature) =>
      handedOut.has(hexFromBytes(publicKey)) &&
      equalBytes(token(scheme, publicKey, message), signature),
    fromSeed: (scheme, seed) => {
      if (seed.length !== 32) throw new Fault('key/wrong-size', `a seed of ${seed.length} bytes`)
      const publicKey = publicKeyOf(scheme, seed)
      handedOut.add(hexFromBytes(publicKey))
      return { publicKey, secret: seed }
    },
    sign: (scheme, secret, message) => token(scheme, publicKeyOf(scheme, secret), message),
  }
}

const stretched = (digest: Uint8Array, size: number): Uint8Array => {
  const long = new Uint8Array(size)
  for (let at = 0; at < size; at += digest.length) long.set(digest.subarray(0, size - at), at)
  return long
}
