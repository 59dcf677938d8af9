/**
 * The form of a certificate with a seal, and the check of its signatures (`certificate.ts` argues what it is worth).
 *
 * | wire | |
 * |---|---|
 * | form | u8 0, the seal |
 * | before, after | lists of transition ids: the siblings in the order of the interaction's written legs |
 * | path | size u32, index u32, list of 32 bytes |
 * | time | u64 |
 * | signatures | list of guardian u8, signature; strictly ascending |
 */
import { bytesFromId, type TransitionId } from '../../base/brand.ts'
import { type Codec, id, list, literal, struct, u64, union } from '../../base/codec.ts'
import { Fault, faultFrom, isFault } from '../../base/fault.ts'
import { LEGS_MAX } from '../../base/limits.ts'
import type { SuiteId } from '../../base/suite.ts'
import type { Verifier } from '../../base/verifier.ts'
import { type BatchPath, batchPath, pathInBatch, rootFromPath } from '../../kernel/chain-batch.ts'
import type { Terms } from '../../kernel/charter.ts'
import { type Transition, transitionId } from '../../kernel/transition.ts'
import type { Millis } from '../../kernel/verdict.ts'
import {
  tesseractBytes,
  tesseractOf,
  kramaSealDigest,
  type Sealed,
  type SealSignature,
  sealSignatures,
} from './tesseract.ts'
import type { KramaPolicy } from './policy.ts'

export type KramaCertificate = {
  readonly is: 'seal'
  readonly before: readonly TransitionId[]
  readonly after: readonly TransitionId[]
  readonly path: BatchPath
  readonly time: Millis
  readonly signatures: readonly SealSignature[]
}

const siblings = list(id<'transition'>(), LEGS_MAX)

export const kramaCertificate: Codec<KramaCertificate> = union<KramaCertificate>({
  seal: struct({
    is: literal('seal'),
    before: siblings,
    after: siblings,
    path: batchPath,
    time: u64,
    signatures: sealSignatures,
  }),
})

/** The certificate of leg `at` of a tesseract below a seal. Raises `batch/wrong-place` where there is no such tesseract. */
export const certificateUnder = (
  suite: SuiteId,
  of: Sealed,
  place: { readonly tesseract: number; readonly at: number },
): KramaCertificate => {
  const ids = of.tesseracts[place.tesseract] ?? []
  return {
    is: 'seal',
    before: ids.slice(0, place.at),
    after: ids.slice(place.at + 1),
    path: pathInBatch(suite, tesseractBytes(suite, of.tesseracts), place.tesseract),
    time: of.time,
    signatures: of.signatures,
  }
}

export type SealCheck = {
  readonly terms: Pick<Terms, 'suite'>
  readonly policy: KramaPolicy
  readonly transition: Transition
  readonly certificate: KramaCertificate
  readonly verifier: Verifier
}

/** Who signed the seal, each signature checked. Cheap before dear: order and names, then the path, then signatures. */
export const checkSeal = (of: SealCheck): readonly SealSignature[] | Fault => {
  const { certificate, policy, terms } = of
  let last = -1
  for (const { guardian } of certificate.signatures) {
    if (!policy.guardians[guardian]) return new Fault('krama/unknown-guardian', `no ${guardian}`)
    if (guardian <= last) {
      return new Fault('krama/counted-twice', `guardian ${guardian} twice or out of order`)
    }
    last = guardian
  }
  const root = faultFrom(() => rootOf(of))
  if (isFault(root)) return root
  const digest = kramaSealDigest(terms.suite, { root, time: certificate.time })
  for (const { guardian, signature } of certificate.signatures) {
    const by = policy.guardians[guardian]
    if (by && of.verifier.verify(by.scheme, by.publicKey, digest, signature)) continue
    const party = by?.name ?? `${guardian}`
    return new Fault('krama/bad-signature', 'not signed by the named guardian', { party })
  }
  return certificate.signatures
}

/** The root that a certificate leads to from a transition. Raises faults of a path that leads nowhere. */
const rootOf = ({
  certificate: { before, after, path },
  terms: { suite },
  transition,
}: SealCheck): Uint8Array => {
  const tesseract = tesseractOf(suite, [...before, transitionId(suite, transition), ...after])
  return rootFromPath(suite, path, bytesFromId(tesseract))
}
