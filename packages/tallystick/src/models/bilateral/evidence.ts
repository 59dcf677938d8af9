/**
 * Who signed what: signatures of parties as statements that can be held against each other.
 *
 * Promise. A signature becomes an attestation only after it was checked, with the very statement it is over. Two
 * attestations that no honest signer makes both become `Evidence`, which convicts by itself; see `kernel/evidence.ts`
 * for why an honest party is never convicted.
 */
import { bytes, type Codec, struct, u32, u8 } from '../../base/codec.ts'
import { SIGNATURE_BYTES_MAX } from '../../base/limits.ts'
import type { Verifier } from '../../base/verifier.ts'
import type { Terms } from '../../kernel/charter.ts'
import type { Evidence } from '../../kernel/evidence.ts'
import { type Attestation, evidenceBetween } from '../../kernel/model.ts'
import { type Abort, type Statement, statementDigest, type Vote } from '../../kernel/statement.ts'
import type { Transition } from '../../kernel/transition.ts'

/** A signature by a key at its position in a party's controller. What it is over follows from where it stands. */
export type Endorsement = {
  readonly party: number
  readonly key: number
  readonly signature: Uint8Array
}

/** An endorsement of the abort of a round under the parent in question. */
export type RoundAbort = Endorsement & { readonly round: number }

export const endorsement: Codec<Endorsement> = struct<Endorsement>({
  party: u8,
  key: u8,
  signature: bytes(SIGNATURE_BYTES_MAX),
})

export const roundAbort: Codec<RoundAbort> = struct<RoundAbort>({
  round: u32,
  party: u8,
  key: u8,
  signature: bytes(SIGNATURE_BYTES_MAX),
})

/**
 * The vote that a party makes for a transition in a round. From round 1 on it cites the round before, which was
 * aborted: what the signer has committed to there can no longer become final.
 */
export const bilateralVote = (of: Transition, round: number): Vote => {
  const known = votes.get(of)
  if (known?.round === round) return known
  const vote: Vote = {
    is: 'vote',
    transition: of,
    round,
    phase: 'commit',
    cited: round,
    time: 0n,
  }
  votes.set(of, vote)
  return vote
}

/** The last vote made for each header object, so that its digest is made once. */
const votes = new WeakMap<Transition, Vote>()

/** The statement that ends a round under the parent of `child`. */
export const roundAbortStatement = (
  child: Pick<Transition, 'machine' | 'parent' | 'sequence'>,
  round: number,
): Abort => ({
  is: 'abort',
  machine: child.machine,
  parent: child.parent,
  sequence: child.sequence,
  round,
})

/** The statement with its signer, or undefined if the named key did not sign it. */
export const attestationOf = (
  terms: Terms,
  statement: Statement,
  by: Endorsement,
  verifier: Verifier,
): Attestation | undefined => {
  const participant = terms.participants[by.party]
  const key = participant?.controller.keys[by.key]
  if (!participant || !key) return undefined
  const digest = statementDigest(terms.suite, statement)
  if (!verifier.verify(key.scheme, key.publicKey, digest, by.signature)) return undefined
  const { scheme, publicKey } = key
  return { statement, signature: by.signature, scheme, publicKey, name: participant.name }
}

/** What newly checked statements prove together with those known before, and with each other. */
export const accusations = (
  terms: Terms,
  known: readonly Attestation[],
  fresh: readonly Attestation[],
): readonly Evidence[] => [
  ...evidenceBetween(terms, known, fresh),
  ...fresh.flatMap((one, at) => evidenceBetween(terms, [one], fresh.slice(at + 1))),
]
