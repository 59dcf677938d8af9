/** What a model for shared machines says of itself, so that one role of a certifier serves all of them. */
import { bytes, type Codec, struct, text } from '../../base/codec.ts'
import { NAME_BYTES_MAX, PUBLIC_KEY_BYTES_MAX } from '../../base/limits.ts'
import { scheme } from '../../base/suite.ts'
import type { Terms } from '../../kernel/charter.ts'
import type { Quorum, QuorumSigner } from '../../kernel/quorum.ts'
import type { RoundCertificate } from '../../kernel/round-certificate.ts'
import type { Millis } from '../../kernel/verdict.ts'

export type RoundModel = {
  /** As policies of this model are called. */
  readonly kind: string
  /** Who decides in rounds under such terms; undefined where these have no rounds. */
  readonly quorumIn: (terms: Terms) => Quorum | undefined
  /** Who accepts such terms, in the order by which acceptances name them. */
  readonly signersIn: (terms: Terms) => readonly QuorumSigner[]
  /** The model's certificate out of rounds, and back; undefined of another form. */
  readonly certificateFrom: (rounds: RoundCertificate) => Uint8Array
  readonly roundsIn: (certificate: Uint8Array) => RoundCertificate | undefined
  /** For how long a signer stays out of what is to be decided; missing where everybody takes part at once. */
  readonly waitsFor?: (terms: Terms, signer: number) => Millis
}

/** A signer as policies write it. */
export const namedSigner: Codec<QuorumSigner> = struct<QuorumSigner>({
  name: text(NAME_BYTES_MAX),
  scheme,
  publicKey: bytes(PUBLIC_KEY_BYTES_MAX),
})

export const modelOf = (models: readonly RoundModel[], { policy }: Terms): RoundModel | undefined =>
  models.find((one) => one.kind === policy.kind)

export const quorumIn = (models: readonly RoundModel[], terms: Terms): Quorum | undefined =>
  modelOf(models, terms)?.quorumIn(terms)
