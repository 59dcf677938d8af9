/**
 * Operations that carry a consent within and wait to be put forward: what a custodian makes candidates of, head after head, so that
 * whoever sent one need not sign again because somebody else was faster.
 *
 * Order. The first to arrive is the first to be tried, and whoever was served last comes after the others. Nothing here looks at
 * the bytes of an operation, nor at a hash of them (attack: an author tries a hundred thousand spellings until one is
 * first). A sender has so many places and no more; senders that the terms do not name share what is left.
 */
import type { TransitionId } from '../../base/brand.ts'
import { equalBytes } from '../../base/bytes.ts'
import { bytes, type Codec, id, list, optional, struct, u32 } from '../../base/codec.ts'
import {
  ATTACHMENTS_MAX,
  CANDIDATE_ATTACHMENT_BYTES_MAX,
  PREMISES_MAX,
  WAITING_ATTACHMENT_BYTES_MAX,
  WAITING_MAX,
  WAITING_PER_SENDER_MAX,
} from '../../base/limits.ts'
import { operation, type Operation, premise, type Premise } from '../../kernel/interaction.ts'
import type { Carried } from '../../kernel/logic.ts'

/** An operation with what it relies on elsewhere, and the files that show it. */
export type Supported = {
  readonly operation: Operation
  readonly premises: readonly Premise[]
  readonly attachments: readonly Uint8Array[]
}

export type Waiting = Supported & {
  /** The head at which it was tried last, and at how many it was refused. */
  readonly triedAt: TransitionId | undefined
  readonly refused: number
}

export const waitingList: Codec<readonly Waiting[]> = list(
  struct<Waiting>({
    operation,
    premises: list(premise, PREMISES_MAX),
    attachments: list(bytes(CANDIDATE_ATTACHMENT_BYTES_MAX), ATTACHMENTS_MAX),
    triedAt: optional(id<'transition'>()),
    refused: u32,
  }),
  WAITING_MAX,
)

/** What an operation carries; the same for every operation around one consent. */
export type CarriedBy = (of: Operation) => Carried | undefined

/**
 * The list with one more at its end; the same list if it is there, if its sender has enough, or if there is no room. One that
 * was refused here gives its place to the same with other files, which may show what the first did not.
 */
export const withWaiting = (
  waiting: readonly Waiting[],
  added: Supported,
  carriedBy: CarriedBy,
): readonly Waiting[] => {
  const carried = carriedBy(added.operation)
  if (!carried || waiting.length >= WAITING_MAX) return waiting
  let own = 0
  let size = sizeOf(added)
  for (const one of waiting) {
    const other = carriedBy(one.operation)
    if (other?.id === carried.id) return replaced(waiting, one, added)
    if (other?.by !== carried.by) continue
    own += 1
    size += sizeOf(one)
  }
  if (own >= WAITING_PER_SENDER_MAX || size > WAITING_ATTACHMENT_BYTES_MAX) return waiting
  return [...waiting, { ...added, triedAt: undefined, refused: 0 }]
}

const replaced = (
  waiting: readonly Waiting[],
  had: Waiting,
  added: Supported,
): readonly Waiting[] => {
  const isSame =
    had.attachments.length === added.attachments.length &&
    had.attachments.every((one, at) => equalBytes(one, added.attachments[at] ?? NOTHING))
  if (had.refused === 0 || isSame || sizeOf(added) > CANDIDATE_ATTACHMENT_BYTES_MAX) return waiting
  const again: Waiting = { ...had, ...added, triedAt: undefined }
  return waiting.map((one) => (one === had ? again : one))
}

const NOTHING = new Uint8Array(0)

const sizeOf = ({ attachments }: Supported): number =>
  attachments.reduce((sum, one) => sum + one.length, 0)

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
