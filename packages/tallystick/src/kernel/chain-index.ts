/**
 * The sparse index of a chain: its head at every k-th step, to start a walk near the step that is wanted.
 *
 * Promise. A walk from a checkpoint gives the records up to the step, and the head that they build on.
 *
 * Not promised. An index is local and proves nothing: a checkpoint that somebody else wrote saves no hash, since a range
 * is only as good as the anchor it is verified against.
 * Source: `SI`, `GetCheckpoint` and `Traverse` of DSM. Its formula takes the checkpoint strictly before a step, also for
 * a step that is a checkpoint itself, and says nothing of step 0, for which the answer here is step 0.
 */
import { assert } from '../base/assert.ts'
import { Fault } from '../base/fault.ts'
import type { ChainHead } from './chain-record.ts'
import type { Chain } from './chain.ts'

export type SparseIndex = {
  readonly interval: number
  /** Remembers a head if it is a checkpoint. */
  readonly note: (head: ChainHead) => void
  /** The checkpoint to walk to a step from. Raises `chain/no-checkpoint` if its head was never noted. */
  readonly checkpointFor: (step: number) => ChainHead
}

/** An index with a checkpoint at every step that `interval` divides. */
export const createSparseIndex = (interval: number): SparseIndex => {
  assert(Number.isInteger(interval) && interval > 0, 'an interval is at least one step')
  const heads = new Map<number, ChainHead>()
  return {
    interval,
    note: (head) => {
      const step = Number(head.sequence)
      if (step % interval === 0) heads.set(step, head)
    },
    checkpointFor: (step) => {
      const checkpoint = checkpointBefore(interval, step)
      const head = heads.get(checkpoint)
      if (head !== undefined) return head
      throw new Fault('chain/no-checkpoint', `no head of step ${checkpoint} was noted`, { step })
    },
  }
}

/** max { ik : ik < step }, and 0 for step 0. */
export const checkpointBefore = (interval: number, step: number): number =>
  step === 0 ? 0 : Math.floor((step - 1) / interval) * interval

/** The way to a step: a checkpoint, and the records behind it up to the step. Verify it before relying on it. */
export const traverse = (
  index: SparseIndex,
  chain: Pick<Chain, 'records'>,
  step: number,
): { readonly checkpoint: ChainHead; readonly records: Uint8Array } => {
  const checkpoint = index.checkpointFor(step)
  const first = Number(checkpoint.sequence) + 1
  const records = step < first ? new Uint8Array(0) : chain.records(first, step)
  return { checkpoint, records }
}
