/** The operator's key: what it signs receipts with, and what policies name it by. */
import type { SignerId, SignerKey, SuiteId, Verifier } from 'tallystick/base'
import { signerId } from 'tallystick/base'

export type OperatorKey = SignerKey & {
  /** Its id on machines of a suite. */
  readonly idIn: (suite: SuiteId) => SignerId
  readonly sign: (digest: Uint8Array) => Uint8Array
}

/** What somebody needs to write the operator into a policy and to reach it. */
export type OperatorCard = SignerKey & { readonly name: string; readonly url: string }

export type Signing = Verifier & {
  readonly sign: (
    scheme: SignerKey['scheme'],
    secret: Uint8Array,
    message: Uint8Array,
  ) => Uint8Array
  readonly fromSeed: (
    scheme: SignerKey['scheme'],
    seed: Uint8Array,
  ) => { readonly publicKey: Uint8Array; readonly secret: Uint8Array }
}

export const operatorKeyFrom = (
  engine: Signing,
  scheme: SignerKey['scheme'],
  seed: Uint8Array,
): OperatorKey => {
  const { publicKey, secret } = engine.fromSeed(scheme, seed)
  return {
    scheme,
    publicKey,
    idIn: (suite) => signerId(suite, scheme, publicKey),
    sign: (digest) => engine.sign(scheme, secret, digest),
  }
}
