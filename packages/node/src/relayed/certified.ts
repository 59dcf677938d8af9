/** Which children of one parent receipts certify. */
import type { Verifier } from 'tallystick/base'
import {
  type Quorum,
  type RoundCertificate,
  type Transition,
  transitionId,
} from 'tallystick/kernel'
import { certificateFromReceipts, type NostrReceipt, SUITE } from 'tallystick/nostr'

export type Certified = {
  readonly group: readonly NostrReceipt[]
  readonly transition: Transition
  readonly certificate: RoundCertificate
}

/** The children that receipts certify. */
export const certifiedIn = (
  sound: readonly NostrReceipt[],
  at: { readonly quorum: Quorum; readonly verifier: Verifier },
): readonly Certified[] =>
  groupsOf(sound).flatMap((group) => {
    const [first] = group
    const certificate = first && certificateFromReceipts(group, first.transition, at)
    return certificate ? [{ group, transition: first.transition, certificate }] : []
  })

/** By the step that they are for. */
export const groupsOf = (
  receipts: readonly NostrReceipt[],
): readonly (readonly NostrReceipt[])[] => [
  ...Map.groupBy(receipts, (one) => transitionId(SUITE, one.transition)).values(),
]
