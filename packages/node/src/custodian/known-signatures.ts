/**
 * A verifier that remembers which signatures hold: a custodian meets each of them several times, in an event, in the archive, in the rules,
 * in a vote and in the certificate.
 *
 * Safety. Whether a signature holds follows from scheme, key, message and signature, and all four are looked at. What does not hold is
 * asked about each time (attack: filling the memory with signatures that do not).
 */
import type { Verifier } from 'tallystick/base'
import { KNOWN_SIGNATURES_MAX } from './limits.ts'

export const rememberingVerifier = (verifier: Verifier): Verifier => {
  let young = new Set<string>()
  let old = new Set<string>()
  return {
    ...verifier,
    verify: (scheme, publicKey, message, signature) => {
      const name = [scheme, ...[publicKey, message, signature].map(textOf)].join(' ')
      if (young.has(name)) return true
      if (!old.has(name) && !verifier.verify(scheme, publicKey, message, signature)) return false
      if (young.size >= KNOWN_SIGNATURES_MAX) {
        old = young
        young = new Set()
      }
      young.add(name)
      return true
    },
  }
}

const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
