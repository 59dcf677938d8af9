/**
 * The policy of KRAMA: guardians, and the sets of them that have to agree.
 *
 * A step is firm with a quorum in *every* set: the quorum is a conjunction. The sets are those of the network's contexts, its
 * behaviour set and its random set, each with its own k and f. Anybody may propose (turn `anyone`): an account is credited by
 * every payer.
 *
 * Promise. Any two certificates under terms that are admitted share, in every set, more guardians than may lie.
 *
 * Not promised. A cluster. Several guardians who vow at first sight may split over two proposals and never agree; they need
 * rounds, in which a proposer asks for locks and guardians hold a tesseract before they commit to it. Until those are here, terms
 * with more than one guardian are not admitted. The seam is drawn where they will stand: the certificate begins with its form,
 * the sets are in the policy, and whoever proposes (`dialects/moi/lattice.ts`) is apart from whoever vows (`guardian.ts`).
 *
 * | wire | |
 * |---|---|
 * | guardians | list of name, scheme, key |
 * | sets | list of name, seats as a list of u8, k u8, f u8 |
 */
import { type Codec, list, struct, text, u8 } from '../../base/codec.ts'
import { Fault } from '../../base/fault.ts'
import { NAME_BYTES_MAX, PARTICIPANTS_MAX, QUORUM_SETS_MAX } from '../../base/limits.ts'
import type { Verifier } from '../../base/verifier.ts'
import type { PolicyTerms, Terms } from '../../kernel/charter.ts'
import { checkQuorum, type Quorum, type QuorumSigner } from '../../kernel/quorum.ts'
import { namedSigner } from '../rounds/round-model.ts'

export const KRAMA = 'krama'

export type GuardianSet = {
  /** Which set of a context it is; for people. */
  readonly name: string
  /** Positions among the guardians. */
  readonly seats: readonly number[]
  /** k: guardians of the set that are enough. */
  readonly threshold: number
  /** f: guardians of the set that may lie without harm. */
  readonly faulty: number
}

export type KramaPolicy = {
  readonly guardians: readonly QuorumSigner[]
  readonly sets: readonly GuardianSet[]
}

export const kramaPolicy: Codec<KramaPolicy> = struct<KramaPolicy>({
  guardians: list(namedSigner, PARTICIPANTS_MAX),
  sets: list(
    struct<GuardianSet>({
      name: text(NAME_BYTES_MAX),
      seats: list(u8, PARTICIPANTS_MAX),
      threshold: u8,
      faulty: u8,
    }),
    QUORUM_SETS_MAX,
  ),
})

/** What a charter writes to use this model. */
export const kramaTerms = (policy: KramaPolicy): PolicyTerms => ({
  kind: KRAMA,
  params: kramaPolicy.encode(policy),
})

/** One guardian, who is the behaviour set and the random set of everybody. */
export const loneGuardian = (guardian: QuorumSigner): KramaPolicy => ({
  guardians: [guardian],
  sets: ['behaviour', 'random'].map((name) => ({ name, seats: [0], threshold: 1, faulty: 0 })),
})

/** The sets as the kernel counts them; made once for each policy. */
export const quorumOf = (policy: KramaPolicy): Quorum => {
  const known = quorums.get(policy)
  if (known) return known
  const quorum: Quorum = {
    signers: policy.guardians,
    sets: policy.sets.map(({ seats, threshold, faulty }) => ({
      seats: seats.map((signer) => ({ signer, weight: 1 })),
      threshold,
      faulty,
    })),
  }
  quorums.set(policy, quorum)
  return quorum
}

const quorums = new WeakMap<KramaPolicy, Quorum>()

/**
 * Whether terms can use this model. Returns `krama/wrong-turn`, `krama/no-rounds` or a fault of `checkQuorum`.
 */
export const admitKrama = (
  terms: Terms,
  policy: KramaPolicy,
  verifier: Verifier,
): Fault | undefined => {
  if (terms.turn.is !== 'anyone') {
    return new Fault('krama/wrong-turn', `turn "${terms.turn.is}" where anyone belongs`)
  }
  if (policy.guardians.length > 1) {
    const count = policy.guardians.length
    return new Fault('krama/no-rounds', `${count} guardians would need rounds to agree`)
  }
  return checkQuorum(terms.suite, quorumOf(policy), verifier)
}
