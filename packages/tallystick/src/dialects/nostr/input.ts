/**
 * Inputs as they arrive from relays: the checks of one event, in their order, and the tree that inputs of a machine make.
 *
 * Promise. `checkInput` gives each event exactly one answer, whoever asks: an input, or a fault that `rejectionOf` turns into a
 * code. Nothing is executed before the signature was checked. The order of arrival means nothing: `inputTree` is the same for every
 * order, with repeats and gaps.
 *
 * Not promised. Which of two inputs on one parent is the accepted one: receipts say so (`receipt.ts`).
 *
 * *Legacy.* The author's own library wrote no `transition` tags, so that its machines have no order that anybody could check.
 * `legacyOrder` puts such inputs in the order that their authors claim, to be looked at; it is never final.
 */
import { Fault, faultFrom, isFault } from '../../base/fault.ts'
import type { Verifier } from '../../base/verifier.ts'
import { checkNostrEvent, type NostrEvent, nostrEventFromText } from '../../forms/nostr-event.ts'
import { type NostrInput, nostrInputFrom } from '../../forms/nostr-input.ts'

/** An input with the event that carries it. Its signature was checked when it was made. */
export type SignedInput = { readonly event: NostrEvent; readonly input: NostrInput }

/** What inputs of a machine are held against. */
export type InputBounds = {
  /** Id of the event that defines the machine. */
  readonly machine: string
  /** `created_at` of that event: an input that claims to be older lies. */
  readonly since: number
  /** The present, in seconds since 1970. */
  readonly now: number
  /** Seconds that an event may claim to be ahead of the present. */
  readonly aheadMax: number
  readonly verifier: Verifier
}

/**
 * Checks an event that was read, cheap before dear. Returns faults of `nostrInputFrom`, `nostr-time/future`,
 * `nostr-time/before-machine` and faults of `checkNostrEvent`.
 */
export const checkInput = (event: NostrEvent, by: InputBounds): SignedInput | Fault => {
  const input = faultFrom(() => nostrInputFrom(event, by.machine))
  if (isFault(input)) return input
  // A time that is far away also makes relays refuse the event, so that others would never see it.
  if (event.created_at > by.now + by.aheadMax) {
    return new Fault('nostr-time/future', `${event.created_at} is ahead of ${by.now}`)
  }
  if (event.created_at < by.since) {
    return new Fault('nostr-time/before-machine', `${event.created_at}, machine of ${by.since}`)
  }
  return checkNostrEvent(event, by.verifier) ?? { event, input }
}

/** As `checkInput`, of a text: what a relay sent, or somebody pasted. */
export const checkInputText = (text: string, by: InputBounds): SignedInput | Fault => {
  const event = faultFrom(() => nostrEventFromText(text))
  return isFault(event) ? event : checkInput(event, by)
}

export type InputTree = {
  /** Children by their parent's id; those of '' name no parent. In each list ascending by id, every event once. */
  readonly children: ReadonlyMap<string, readonly SignedInput[]>
  /** Parents that are named and not there: ask relays for these ids. */
  readonly missing: readonly string[]
}

/** Inputs in any order, with repeats, as the tree that their parent links make. */
export const inputTree = (inputs: readonly SignedInput[]): InputTree => {
  const byId = new Map(inputs.map((one) => [one.event.id, one]))
  const all = [...byId.values()].sort((a, b) => (a.event.id < b.event.id ? -1 : 1))
  const children = Map.groupBy(all, (one) => one.input.parent ?? '')
  const missing = [...children.keys()].filter((id) => id !== '' && !byId.has(id))
  return { children, missing: missing.sort() }
}

/** Parents with more than one child: where a fork is possible, and somebody has to say which way the machine went. */
export const forksOf = (tree: InputTree): readonly string[] =>
  [...tree.children].filter(([, list]) => list.length > 1).map(([parent]) => parent)

/** Inputs without parent links by the time and then the id that they claim. For looking at; nothing here is final. */
export const legacyOrder = (
  inputs: readonly SignedInput[],
): { readonly inputs: readonly SignedInput[]; readonly isFinal: false } => {
  const byId = new Map(inputs.map((one) => [one.event.id, one]))
  const ordered = [...byId.values()].sort(
    (a, b) => a.event.created_at - b.event.created_at || (a.event.id < b.event.id ? -1 : 1),
  )
  return { inputs: ordered, isFinal: false }
}
