/**
 * A verifier that checks the same signature once in a run.
 *
 * Promise. It answers as the verifier inside does: a remembered answer is given only for the same scheme, key, message
 * and signature, all compared byte by byte. Nothing is written on objects that come from a file, and nothing
 * outlives the run (attack: an object marked as checked and changed afterwards).
 */
import { hexFromBytes } from '../base/bytes.ts'
import type { Verifier } from '../base/verifier.ts'

export const createMemo = (inner: Verifier): Verifier => {
  // Attack: one message with very many good signatures. Each is found by its whole text, not among its fellows.
  const valid = new Set<string>()
  return {
    acceptsKey: inner.acceptsKey,
    verify: (scheme, publicKey, message, signature) => {
      const asked = [scheme, ...[publicKey, message, signature].map(hexFromBytes)].join(' ')
      if (valid.has(asked)) return true
      const isValid = inner.verify(scheme, publicKey, message, signature)
      // A false answer ends the step it belongs to, so only true ones come up again.
      if (isValid) valid.add(asked)
      return isValid
    },
  }
}
