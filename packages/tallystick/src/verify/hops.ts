/**
 * Hops: on how many people's word in a row a step rests that no quorum vouches for.
 *
 * None for a step that is final by a quorum's receipts, with all it rests on. Else one for the machine whose steps are not,
 * and what those steps rest on elsewhere on top of that. So money that somebody took at a risk and spends on has two.
 */
import type { TransitionId } from '../base/brand.ts'
import { isReceipted } from '../logic/payment.ts'
import type { Node, Rest, Run } from './run.ts'
import type { Settlement } from './standing.ts'

export type Settled = { readonly run: Run; readonly settlement: Settlement }

export const hopsOf = (of: Settled, node: Node): number => hopsFrom(of, node, new Map())

/** The most of anything that something rests on. */
export const hopsOfRests = (of: Settled, rests: readonly Rest[]): number =>
  Math.max(0, ...rests.map((one) => restHops(of, one, new Map())))

type Known = Map<TransitionId, number>

const hopsFrom = (of: Settled, node: Node, known: Known): number => {
  const id = node.machine.headId
  const before = known.get(id)
  if (before !== undefined) return before
  let elsewhere = 0
  let isFirm = true
  // A machine's own steps are one person's word, or two persons', however many there are.
  for (let at: Node | undefined = node; at && !isFirmStep(of, at); at = at.parent) {
    isFirm = false
    // What a withheld step rests on is not known; whoever hides it is not given the benefit of the doubt.
    if (at.withheld) elsewhere = Math.max(elsewhere, 1)
    for (const one of at.rests) elsewhere = Math.max(elsewhere, restHops(of, one, known))
  }
  const hops = isFirm ? 0 : 1 + elsewhere
  known.set(id, hops)
  return hops
}

const restHops = (of: Settled, rest: Rest, known: Known): number =>
  rest.is === 'node' ? hopsFrom(of, rest.node, known) : isReceipted(rest.head.grade) ? 0 : 1

/** Genesis follows from the charter, so nobody's word is in it. */
const isFirmStep = ({ settlement }: Settled, node: Node): boolean => {
  if (!node.parent) return true
  const settled = settlement.get(node.machine.headId)
  return settled?.standing === 'final' && isReceipted(settled.grade)
}
