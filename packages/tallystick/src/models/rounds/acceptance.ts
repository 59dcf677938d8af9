/**
 * Acceptances: how certifiers of new terms say that they go on from the step that brings these.
 *
 * Safety. An acceptance is a vote to commit to the certified step, in any round and with any citation, so each signer is
 * bound to this child as by any vote. It adds no safety to the step, which the old certificate has. A certifier that served
 * under the old terms signs in a round and with a citation that its vows permit, so these may differ from one to the next.
 */
import { bytes, type Codec, list, struct, u32, u64, u8 } from '../../base/codec.ts'
import { PARTICIPANTS_MAX, SIGNATURE_BYTES_MAX } from '../../base/limits.ts'
import type { Vote } from '../../kernel/statement.ts'
import type { Transition } from '../../kernel/transition.ts'

export type Acceptance = {
  /** Position among the signers of the new terms. */
  readonly signer: number
  readonly round: number
  readonly cited: number
  /** Milliseconds since 1970. */
  readonly time: bigint
  readonly signature: Uint8Array
}

export const acceptance: Codec<Acceptance> = struct<Acceptance>({
  signer: u8,
  round: u32,
  cited: u32,
  time: u64,
  signature: bytes(SIGNATURE_BYTES_MAX),
})

export const acceptances: Codec<readonly Acceptance[]> = list(acceptance, PARTICIPANTS_MAX)

/** The vote that an acceptance is the signature of. */
export const acceptanceVote = (
  of: Transition,
  { round, cited, time }: Pick<Acceptance, 'round' | 'cited' | 'time'>,
): Vote => ({ is: 'vote', transition: of, round, phase: 'commit', cited, time })

/** In the order of the signers, the first of each. */
export const firstOfEach = (of: readonly Acceptance[]): readonly Acceptance[] => {
  const first = new Map<number, Acceptance>()
  for (const one of of) if (!first.has(one.signer)) first.set(one.signer, one)
  return [...first.values()].sort((a, b) => a.signer - b.signer)
}
