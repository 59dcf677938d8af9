/**
 * What a receipt says, as a statement of the kernel: an operator's vote to commit to a child, with the time at which it
 * took its vow. Two receipts of one operator for two children of one parent are a `fork`, judged by the kernel alone.
 */
import type { Transition } from '../../kernel/transition.ts'
import type { Vote } from '../../kernel/statement.ts'

/** An operator's signature; `operator` is its position in the policy. */
export type Receipt = {
  readonly operator: number
  /** Milliseconds since 1970 by the operator's clock when it took its vow. */
  readonly time: bigint
  readonly signature: Uint8Array
}

/** The vote that a receipt is the signature of. */
export const receiptVote = (of: Transition, time: bigint): Vote => ({
  is: 'vote',
  transition: of,
  round: 0,
  phase: 'commit',
  cited: 0,
  time,
})
