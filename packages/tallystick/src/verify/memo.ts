/**
 * A verifier that checks the same signature once in a run.
 *
 * Promise. It answers as the verifier inside does: a remembered answer is given only for the same scheme, key, message
 * and signature, all compared byte by byte. Nothing is written on objects that come from a file, and nothing
 * outlives the run (attack: an object marked as checked and changed afterwards).
 */
import { equalBytes, hexFromBytes } from '../base/bytes.ts'
import type { SchemeId } from '../base/suite.ts'
import type { Verifier } from '../base/verifier.ts'

type Answer = {
  readonly scheme: SchemeId
  readonly publicKey: Uint8Array
  readonly signature: Uint8Array
  readonly valid: boolean
}

export const createMemo = (inner: Verifier): Verifier => {
  const answers = new Map<string, Answer[]>()
  return {
    acceptsKey: inner.acceptsKey,
    verify: (scheme, publicKey, message, signature) => {
      const about = hexFromBytes(message)
      const known = answers.get(about) ?? []
      const same = known.find(
        (one) =>
          one.scheme === scheme &&
          equalBytes(one.signature, signature) &&
          equalBytes(one.publicKey, publicKey),
      )
      if (same) return same.valid
      const valid = inner.verify(scheme, publicKey, message, signature)
      // A false answer ends the step it belongs to, so only true ones come up again.
      if (valid) {
        const copy = { scheme, publicKey: publicKey.slice(), signature: signature.slice(), valid }
        answers.set(about, [...known, copy])
      }
      return valid
    },
  }
}
