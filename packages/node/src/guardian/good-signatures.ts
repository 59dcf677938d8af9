/** Signatures that were found good elsewhere: by a thread when an interaction was taken in, so that it is not checked again. */
import { equalBytes, type Verifier } from 'tallystick/base'
import type { GoodSignature } from './lane-order.ts'

/** The verifier's answers, but for those that are known. */
export const knowing = (verifier: Verifier, good: readonly GoodSignature[]): Verifier => ({
  acceptsKey: verifier.acceptsKey,
  verify: (scheme, publicKey, message, signature) =>
    good.some(
      (one) =>
        equalBytes(one.signature, signature) &&
        equalBytes(one.digest, message) &&
        equalBytes(one.publicKey, publicKey),
    ) || verifier.verify(scheme, publicKey, message, signature),
})
