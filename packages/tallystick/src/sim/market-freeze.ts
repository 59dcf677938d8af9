/**
 * The rule *freezing*, for after every event: an honest operator that holds evidence against an owner takes no new vow for
 * that owner's key. What it has vowed for stays: taking a receipt back would harm those who rely on it.
 *
 * A crash may take an operator back to before it held the evidence. The rule begins anew then, as the operator does.
 */
import { signerOf } from '../kernel/controller.ts'
import type { SignerId } from '../base/brand.ts'
import { ownerSigner } from '../models/directory/freeze.ts'
import type { OperatorState } from '../models/directory/operator.ts'
import type { MarketState } from './market-node.ts'
import type { Checker } from './world.ts'

/** A fresh rule; it remembers how many vows each operator had when it first held evidence. */
export const freezing = (seen: Set<string>): Checker<MarketState> => {
  const frozenAt = new Map<string, ReadonlyMap<SignerId, number>>()
  // Most events change no operator, and hashing every owner's key after each of them would cost more than the run.
  const looked = new Map<string, OperatorState>()
  return {
    name: 'freezing',
    check: ({ nodes }) => {
      for (const { name, honest, state } of nodes) {
        if (!honest || state.is !== 'desk' || looked.get(name) === state.operator) continue
        looked.set(name, state.operator)
        const before = frozenAt.get(name)
        const now = new Map<SignerId, number>()
        for (const signer of convicted(state.operator)) {
          const vows = vowsFor(state.operator, signer)
          const known = before?.get(signer)
          if (known !== undefined && vows > known)
            return `${name} vowed for a key it holds evidence against`
          now.set(signer, known ?? vows)
          seen.add('frozen key')
        }
        frozenAt.set(name, now)
      }
      return undefined
    },
  }
}

const convicted = ({ forks }: OperatorState): readonly SignerId[] =>
  forks.map((one) => signerOf(one.suite, one))

const vowsFor = ({ vows }: OperatorState, signer: SignerId): number =>
  [...vows.values()].filter((one) => ownerSigner(one.charter) === signer).length
