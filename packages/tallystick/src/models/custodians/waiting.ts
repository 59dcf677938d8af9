/**
 * Operations that carry a consent within and wait to be put forward: what a custodian makes candidates of, head after head, so that
 * whoever sent one need not sign again because somebody else was faster.
 *
 * Order. The first to arrive is the first to be tried, and whoever was served last comes after the others. Nothing here looks at
 * the bytes of an operation, nor at a hash of them (attack: an author tries a hundred thousand spellings until one is
 * first). A sender has so many places and no more; senders that the terms do not name share what is left.
 */
import type { TransitionId } from '../../base/brand.ts'
import { type Codec, id, list, optional, struct, u32 } from '../../base/codec.ts'
import { WAITING_MAX, WAITING_PER_SENDER_MAX } from '../../base/limits.ts'
import { operation, type Operation } from '../../kernel/interaction.ts'
import type { Carried } from '../../kernel/logic.ts'

export type Waiting = {
  readonly operation: Operation
  /** The head at which it was tried last, and at how many it was refused. */
  readonly triedAt: TransitionId | undefined
  readonly refused: number
}

export const waitingList: Codec<readonly Waiting[]> = list(
  struct<Waiting>({ operation, triedAt: optional(id<'transition'>()), refused: u32 }),
  WAITING_MAX,
)

/** What an operation carries; the same for every operation around one consent. */
export type CarriedBy = (of: Operation) => Carried | undefined

/** The list with one more at its end; the same list if it is there, if its sender has enough, or if there is no room. */
export const withWaiting = (
  waiting: readonly Waiting[],
  added: Operation,
  carriedBy: CarriedBy,
): readonly Waiting[] => {
  const carried = carriedBy(added)
  if (!carried || waiting.length >= WAITING_MAX) return waiting
  let own = 0
  for (const one of waiting) {
    const other = carriedBy(one.operation)
    if (other?.id === carried.id) return waiting
    if (other?.by === carried.by) own += 1
  }
  if (own >= WAITING_PER_SENDER_MAX) return waiting
  return [...waiting, { operation: added, triedAt: undefined, refused: 0 }]
}

/** In which order to try: by arrival, but for those of the sender that was served last. */
export const inTurn = (
  waiting: readonly Waiting[],
  lastServed: string | undefined,
  carriedBy: CarriedBy,
): readonly Waiting[] => {
  if (lastServed === undefined) return waiting
  const isLast = (one: Waiting): boolean => carriedBy(one.operation)?.by === lastServed
  return [...waiting.filter((one) => !isLast(one)), ...waiting.filter((one) => isLast(one))]
}
