/**
 * Identities at a directory: which event of a key log an operator keeps, and what it answers.
 *
 * Safety. A key log's journal has one entry for each number, stored before anything is signed; what is signed is the head that
 * the entry makes. So an operator gives receipts for one event of a number, the first that it has seen, however many of its
 * processes race. Who hands over another one gets the first as answer; the two are evidence against the keys that signed
 * both (`kernel/key-evidence.ts`).
 *
 * Liveness. An event that follows the operator's head and that the log's rules allow is kept. An operator that is behind is given
 * the events before it first.
 *
 * Not promised. That the first event seen is the owner's: with the keys in use stolen, a thief's change of devices may come
 * first. The owner then rotates or recovers on top of it.
 */
import { bytesFromId } from '../../base/brand.ts'
import { concatBytes } from '../../base/bytes.ts'
import {
  bytes,
  bytesWritten,
  type Codec,
  list,
  literal,
  struct,
  u64,
  union,
} from '../../base/codec.ts'
import { Fault, isFault } from '../../base/fault.ts'
import { KEY_EVENTS_MAX, SIGNATURE_BYTES_MAX } from '../../base/limits.ts'
import type { Verifier } from '../../base/verifier.ts'
import {
  type IdentityId,
  keyEventId,
  type SignedKeyEvent,
  signedKeyEvent,
} from '../../kernel/key-event.ts'
import {
  type CertifiedKeyHead,
  isReceipt,
  keyHeadFrom,
  type KeyReceipt,
} from '../../kernel/key-head.ts'
import { applyKeyEvent, type KeyState } from '../../kernel/key-log.ts'
import { type Quorum, reachesQuorum } from '../../kernel/quorum.ts'

/** An operator's time and signature for a head; which operator is known from whom it came. */
export type KeyStamp = Omit<KeyReceipt, 'operator'>

/** An event as an operator keeps and shows it. */
export type KeptKeyEvent = { readonly signed: SignedKeyEvent; readonly stamp: KeyStamp }

export type KeyAnswer =
  | { readonly is: 'kept'; readonly stamp: KeyStamp }
  /** Another event was first with this number: this one. */
  | { readonly is: 'taken'; readonly by: KeptKeyEvent }

const keyStamp = struct<KeyStamp>({ time: u64, signature: bytes(SIGNATURE_BYTES_MAX) })

export const keptKeyEvent: Codec<KeptKeyEvent> = struct<KeptKeyEvent>({
  signed: signedKeyEvent,
  stamp: keyStamp,
})

/** A part of a key log, in the order of its events. */
export const keptKeyEvents: Codec<readonly KeptKeyEvent[]> = list(keptKeyEvent, KEY_EVENTS_MAX)

export const keyAnswer: Codec<KeyAnswer> = union<KeyAnswer>({
  kept: struct({ is: literal('kept'), stamp: keyStamp }),
  taken: struct({ is: literal('taken'), by: keptKeyEvent }),
})

/** The 36 bytes under which an event stands: identity, and the number with its highest byte first. */
export const keyEventKey = (identity: IdentityId, sequence: number): Uint8Array =>
  concatBytes(bytesFromId(identity), bytesWritten((writer) => writer.u32(sequence)).reverse())

/**
 * The identity after an event that an operator has not seen, or why it keeps it not: `identity/not-next` for one that does not follow
 * its head, and what `applyKeyEvent` returns. `before` is missing where it knows nothing of the identity.
 */
export const judgeKeyEvent = (
  before: KeyState | undefined,
  signed: SignedKeyEvent,
  verifier: Verifier,
): KeyState | Fault => {
  const next = before ? before.sequence + 1 : 0
  if (signed.event.sequence > next) {
    const says = `event ${signed.event.sequence} where ${next} would be the next`
    return new Fault('identity/not-next', says, { step: next })
  }
  return applyKeyEvent(before, signed, verifier)
}

/** What operators showed of one identity: each one's log, by its position among them. */
export type ShownLog = { readonly operator: number; readonly kept: readonly KeptKeyEvent[] }

export type GatheredLog =
  | {
      readonly is: 'known'
      /** The longest log of which every event has a quorum's receipts, up to its end. */
      readonly log: readonly SignedKeyEvent[]
      readonly state: KeyState
      readonly certified: CertifiedKeyHead
      /** Events after it that somebody shows, each signed by those who may make it, and not certified. */
      readonly pending: readonly SignedKeyEvent[]
    }
  | { readonly is: 'none'; readonly pending: readonly SignedKeyEvent[] }

/**
 * The log that operators vouch for. An event counts once a quorum of them has given receipts for it or a later event of its
 * branch, so no more than f liars can neither make one up nor hide one from k answers.
 */
export const gatherKeyLog = (
  shown: readonly ShownLog[],
  operators: Quorum,
  verifier: Verifier,
): GatheredLog => {
  const log: SignedKeyEvent[] = []
  const pending: SignedKeyEvent[] = []
  let state: KeyState | undefined
  let certified: { readonly state: KeyState; readonly head: CertifiedKeyHead } | undefined
  for (;;) {
    const next = bestNext(shown, state, { operators, verifier })
    if (!next) break
    state = next.state
    if (
      pending.length === 0 &&
      reachesQuorum(
        operators,
        next.receipts.map((one) => one.operator),
      )
    ) {
      log.push(next.signed)
      const head = { suite: state.suite, head: keyHeadFrom(next.signed), receipts: next.receipts }
      certified = { state, head }
    } else pending.push(next.signed)
  }
  return certified
    ? { is: 'known', log, state: certified.state, certified: certified.head, pending }
    : { is: 'none', pending }
}

type Judging = { readonly operators: Quorum; readonly verifier: Verifier }

type Next = {
  readonly signed: SignedKeyEvent
  readonly state: KeyState
  readonly receipts: readonly KeyReceipt[]
}

/** Of the events that may follow, the one with the most receipts. */
const bestNext = (
  shown: readonly ShownLog[],
  before: KeyState | undefined,
  { operators, verifier }: Judging,
): Next | undefined => {
  const found = new Map<string, Next>()
  const sequence = before ? before.sequence + 1 : 0
  for (const { operator, kept } of shown) {
    const one = kept.find(({ signed }) => signed.event.sequence === sequence)
    if (!one) continue
    const id = keyEventId(one.signed.event)
    const known = found.get(id)
    const state = known?.state ?? applyKeyEvent(before, one.signed, verifier)
    if (isFault(state)) continue
    const receipt = { operator, ...one.stamp }
    const subject = { suite: state.suite, head: keyHeadFrom(one.signed) }
    const receipts = known?.receipts ?? []
    const isGood =
      !receipts.some((other) => other.operator === operator) &&
      isReceipt(subject, receipt, operators, verifier)
    const all = isGood ? [...receipts, receipt].sort((a, b) => a.operator - b.operator) : receipts
    found.set(id, { signed: known?.signed ?? one.signed, state, receipts: all })
  }
  return [...found.values()].sort((a, b) => b.receipts.length - a.receipts.length)[0]
}
