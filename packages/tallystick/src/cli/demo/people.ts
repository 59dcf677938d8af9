/** People of a demo: fresh keys, and the one place in a demo that signs. */
import { randomBytes } from 'node:crypto'
import type { SchemeId, SuiteId } from '../../base/suite.ts'
import { suiteRules } from '../../base/suite.ts'
import type { Engine } from '../../base/verifier.ts'
import { type Participant, signerOf, soleController } from '../../kernel/controller.ts'
import type { SignerId } from '../../base/brand.ts'

export type Person = {
  readonly name: string
  readonly suite: SuiteId
  readonly scheme: SchemeId
  readonly publicKey: Uint8Array
  readonly participant: Participant
  readonly signer: SignerId
  readonly sign: (digest: Uint8Array) => Uint8Array
}

/** Somebody with a fresh key that lives as long as the process. */
export const createPerson = (engine: Engine, suite: SuiteId, name: string): Person => {
  const scheme = suiteRules(suite).schemes.step[0] ?? 'ed25519'
  const pair = engine.fromSeed(scheme, new Uint8Array(randomBytes(32)))
  return {
    name,
    suite,
    scheme,
    publicKey: pair.publicKey,
    participant: { name, controller: soleController(scheme, pair.publicKey) },
    signer: signerOf(suite, { scheme, publicKey: pair.publicKey }),
    sign: (digest) => engine.sign(scheme, pair.secret, digest),
  }
}
