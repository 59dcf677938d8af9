/**
 * Gossip: what somebody knows of operators' checkpoints and convictions, as auditors tell it to each other. Clients and operators
 * exchange it in the same form.
 *
 * Safety. Nothing in it is believed for its own sake: a checkpoint counts with its operator's signature, and becomes evidence
 * only beside another one of the same operator (`account.ts`); an accusation counts if it convicts. Whoever makes gossip up, or
 * leaves things out, changes nothing about what others conclude from what they were told elsewhere.
 *
 * Liveness. Two auditors that were shown different logs learn each other's checkpoint in one exchange, whoever of the two begins
 * it. If sizes and times do not say enough, the operator is asked for the growth between them, which is the second.
 *
 * Not promised. That gossip reaches everybody. An operator that keeps apart those who are shown different logs, and all whom
 * they talk to, is not found out by it.
 *
 * | bytes | field |
 * |---|---|
 * | u32 count, at most 256 | checkpoints: id of the operator's key 32, signed checkpoint |
 * | u32 count, at most 64 | accusations |
 */
import type { SignerId } from '../../base/brand.ts'
import { type Codec, id, list, struct } from '../../base/codec.ts'
import { ACCUSATIONS_MAX, GOSSIP_CHECKPOINTS_MAX } from '../../base/limits.ts'
import { accusation, type Accusation } from './accusation.ts'
import type { AuditorInput, AuditorState } from './auditor.ts'
import { type SignedCheckpoint, signedCheckpoint } from './checkpoint.ts'

/** A checkpoint, and the key that is said to have signed it. */
export type Heard = { readonly operator: SignerId; readonly signed: SignedCheckpoint }

export type Gossip = {
  readonly checkpoints: readonly Heard[]
  readonly accusations: readonly Accusation[]
}

export const gossip: Codec<Gossip> = struct<Gossip>({
  checkpoints: list(
    struct<Heard>({ operator: id<'signer'>(), signed: signedCheckpoint }),
    GOSSIP_CHECKPOINTS_MAX,
  ),
  accusations: list(accusation, ACCUSATIONS_MAX),
})

export const NO_GOSSIP: Gossip = { checkpoints: [], accusations: [] }

/** What an auditor has to tell. What it holds of each operator comes first, so that a bound cuts off rumours. */
export const gossipFrom = ({ accounts }: AuditorState): Gossip => {
  const all = [...accounts]
  const held = all.flatMap(([operator, account]): readonly Heard[] =>
    account.held ? [{ operator, signed: account.held }] : [],
  )
  const rumours = all.flatMap(([operator, account]): readonly Heard[] =>
    account.rumours.map(({ signed }) => ({ operator, signed })),
  )
  return {
    checkpoints: [...held, ...rumours].slice(0, GOSSIP_CHECKPOINTS_MAX),
    accusations: all
      .flatMap(([, { evidence }]): readonly Accusation[] =>
        evidence ? [{ is: 'log', evidence }] : [],
      )
      .slice(0, ACCUSATIONS_MAX),
  }
}

/** What it is to an auditor. Accusations about anything but logs are not its matter. */
export const inputsFrom = ({ checkpoints, accusations }: Gossip): readonly AuditorInput[] => [
  ...checkpoints.map((one): AuditorInput => ({ is: 'checkpoint', ...one })),
  ...accusations.flatMap((one): readonly AuditorInput[] =>
    one.is === 'log' ? [{ is: 'evidence', evidence: one.evidence }] : [],
  ),
]

/** Of several people, one after the other; what is beyond the bounds is left out. */
export const joinGossip = (all: readonly Gossip[]): Gossip => ({
  checkpoints: all.flatMap((one) => one.checkpoints),
  accusations: all.flatMap((one) => one.accusations),
})
