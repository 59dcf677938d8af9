/** A guardian that seals what a town did. */
import { isFault } from '../../../src/base/fault.ts'
import { MOI } from '../../../src/base/moi-suite.ts'
import type { Prepared } from '../../../src/dialects/moi/lattice.ts'
import { sealBatch, sealedBy } from '../../../src/models/krama/guardian.ts'
import { certificateUnder, type KramaCertificate } from '../../../src/models/krama/seal.ts'
import { guardian } from './lattice-town.ts'
import { engine } from './run/town.ts'

export type Certificates = (tesseract: number, at: number) => KramaCertificate

export const sealAll = (
  of: readonly Pick<Prepared, 'tesseract'>[],
  time = 1_800_000_000_500n,
  by: { readonly secret: Uint8Array } = guardian,
): Certificates => {
  const batch = sealBatch({
    suite: MOI,
    tesseracts: of.map((one) => one.tesseract.steps.map((step) => step.transition)),
    now: time,
    sealedAt: 0n,
    pledgeOf: () => undefined,
  })
  if (isFault(batch)) throw batch
  const signature = engine.sign('secp256k1-ecdsa', by.secret, batch.digest)
  const sealed = sealedBy(batch, signature)
  return (tesseract, at) => certificateUnder(MOI, sealed, { tesseract, at })
}
