/** A guardian that seals what a test asks for, with its vows or without them. */
import type { MachineId, TransitionId } from '../../../src/base/brand.ts'
import { bytesFromUtf8 } from '../../../src/base/bytes.ts'
import { isFault } from '../../../src/base/fault.ts'
import { hash } from '../../../src/base/hash.ts'
import { MOI } from '../../../src/base/moi-suite.ts'
import { TAGS } from '../../../src/base/tags.ts'
import type { Engine, KeyPair } from '../../../src/base/verifier.ts'
import type { Terms } from '../../../src/kernel/charter.ts'
import { soleController } from '../../../src/kernel/controller.ts'
import type { QuorumSigner } from '../../../src/kernel/quorum.ts'
import { type Transition, transitionId } from '../../../src/kernel/transition.ts'
import type { Verdict } from '../../../src/kernel/verdict.ts'
import type { Pledge } from '../../../src/kernel/vow.ts'
import type { Sealed } from '../../../src/models/krama/tesseract.ts'
import { krama, type KramaAnchor } from '../../../src/models/krama/certificate.ts'
import type { CertifiedLeg } from '../../../src/models/krama/evidence.ts'
import { sealBatch, sealedBy } from '../../../src/models/krama/guardian.ts'
import { type KramaPolicy, kramaTerms, loneGuardian } from '../../../src/models/krama/policy.ts'
import {
  certificateUnder,
  type KramaCertificate,
  kramaCertificate,
} from '../../../src/models/krama/seal.ts'
import { createTokenEngine } from '../../../src/sim/token-engine.ts'
import { aTransition } from '../../kernel/sample.ts'

export const engine: Engine = createTokenEngine(['secp256k1-ecdsa'])

export const keysOf = (name: string): KeyPair =>
  engine.fromSeed('secp256k1-ecdsa', hash(MOI, TAGS.seed, bytesFromUtf8(name)))

export const guardian: QuorumSigner = {
  name: 'guardian',
  scheme: 'secp256k1-ecdsa',
  publicKey: keysOf('guardian').publicKey,
}

export const policy: KramaPolicy = loneGuardian(guardian)

export const terms: Terms = {
  suite: MOI,
  participants: [
    { name: 'guardian', controller: soleController('secp256k1-ecdsa', guardian.publicKey) },
  ],
  turn: { is: 'anyone' },
  policy: kramaTerms(policy),
}

/** A step of the machine called `name`. */
export const step = (
  name: string,
  sequence: bigint,
  more: { readonly parent?: Transition; readonly what?: string } = {},
): Transition =>
  aTransition({
    machine: hash32(`machine ${name}`) as MachineId,
    interaction: hash32(`${more.what ?? 'it'} ${name} ${sequence}`) as Transition['interaction'],
    sequence,
    parent: more.parent
      ? transitionId(MOI, more.parent)
      : (hash32(`${name} ${sequence - 1n}`) as TransitionId),
  })

const hash32 = (text: string): string =>
  Buffer.from(hash(MOI, TAGS.seed, bytesFromUtf8(text))).toString('hex')

export type Seal = {
  readonly sealed: Sealed
  readonly pledges: ReadonlyMap<MachineId, Pledge>
  readonly certificate: (tesseract: number, at: number) => KramaCertificate
}

export type SealOptions = {
  readonly now?: bigint
  readonly sealedAt?: bigint
  readonly pledges?: ReadonlyMap<MachineId, Pledge>
  readonly by?: string
}

/** Raises the fault of a guardian that refuses. */
export const seal = (
  tesseracts: readonly (readonly Transition[])[],
  { now = 1000n, sealedAt = 0n, pledges = new Map(), by = 'guardian' }: SealOptions = {},
): Seal => {
  const batch = sealBatch({
    suite: MOI,
    tesseracts,
    now,
    sealedAt,
    pledgeOf: (machine) => pledges.get(machine),
  })
  if (isFault(batch)) throw batch
  const signature = engine.sign('secp256k1-ecdsa', keysOf(by).secret, batch.digest)
  const sealed = sealedBy(batch, signature)
  return {
    sealed,
    pledges: new Map([...pledges, ...batch.pledges]),
    certificate: (tesseract, at) => certificateUnder(MOI, sealed, { tesseract, at }),
  }
}

export const judge = (
  transition: Transition,
  certificate: KramaCertificate,
  more: { readonly policy?: KramaPolicy; readonly anchor?: KramaAnchor } = {},
): Verdict<KramaAnchor> => krama.judge({ ...judgement(transition, certificate), ...more })

export const judgement = (
  transition: Transition,
  certificate: KramaCertificate,
): Parameters<typeof krama.judge>[0] => ({
  terms,
  policy,
  anchor: {},
  transition,
  certificate,
  known: { verifier: engine, now: undefined, read: () => ({ is: 'unknown' }) },
})

export const certified = (transition: Transition, certificate: KramaCertificate): CertifiedLeg => ({
  transition,
  certificate: kramaCertificate.encode(certificate),
})
