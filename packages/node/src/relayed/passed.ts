/**
 * Heads that a history has gone past, and whether what is shown of one by now certifies another child of it too.
 *
 * Promise. Every head is judged by the terms that were in force there, whatever the terms are since: by its custodians then, where custodians
 * held it, and by the certificates of others where it was handed to them. So custodians that certify a second child are found also after
 * they were changed or the machine was handed over, and so are the operators of a directory.
 *
 * Not promised. That a second child is a valid step: certificates are judged here, and nothing is run.
 */
import type { TransitionId, Verifier } from 'tallystick/base'
import { type Terms, transitionId } from 'tallystick/kernel'
import type { AgreedStep } from 'tallystick/models'
import { checkReceipt, type NostrReceipt, SUITE } from 'tallystick/nostr'
import { heldQuorumIn, isHeld } from '../relay/changes.ts'
import type { Handed } from '../relay/handed.ts'
import { certifiedIn } from './certified.ts'
import { type TwoFaced, twoFacedIn } from './two-faced.ts'

export type Passed = {
  /** Its certified child. */
  readonly child: TransitionId
  /** The child's number. */
  readonly step: bigint
  /** In force at the head, so that they decide its child. */
  readonly terms: Terms
}

/** What receipts for children of a passed head show. Nothing where custodians did not decide there. */
export const judgeReceipts = (
  { step, terms }: Passed,
  receipts: readonly NostrReceipt[],
  verifier: Verifier,
): { readonly isForked: boolean; readonly twoFaced: readonly TwoFaced[] } => {
  const quorum = heldQuorumIn(terms)
  if (!quorum) return { isForked: false, twoFaced: [] }
  const sound = receipts.filter(
    (one) => one.transition.sequence === step && !checkReceipt(one, quorum, verifier),
  )
  const isForked = certifiedIn(sound, { quorum, verifier }).length > 1
  return { isForked, twoFaced: twoFacedIn(sound) }
}

/** Looks at passed heads that others than custodians decide. */
export type HandedHeads = {
  /** The first head, if any, of which another child is certified as well; each is judged again only once more is shown of it. */
  readonly forkIn: (
    heads: ReadonlyMap<string, Passed>,
    taken: (head: Passed) => AgreedStep | undefined,
  ) => string | undefined
}

export const createHandedHeads = (handed: Handed | undefined): HandedHeads => {
  const looked = new Map<string, readonly AgreedStep[]>()
  const isForked = (parent: string, head: Passed, taken: () => AgreedStep | undefined): boolean => {
    const shown = handed?.shownAt(parent) ?? []
    if (shown === looked.get(parent)) return false
    looked.set(parent, shown)
    const ids = shown.map((one) => transitionId(SUITE, one.transition))
    if (ids.every((id) => id === head.child)) return false
    // What was kept from before may never have been shown as an event. Whoever walks again from here has to see both.
    const own = ids.includes(head.child) ? undefined : taken()
    if (own) handed?.add(own)
    return (handed?.certifiedAt(parent, head).size ?? 0) > 1
  }
  return {
    forkIn: (heads, taken) =>
      [...heads].find(
        ([parent, head]) => !isHeld(head.terms) && isForked(parent, head, () => taken(head)),
      )?.[0],
  }
}
