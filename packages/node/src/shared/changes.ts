/** Changes of a machine's terms, as operators are told of them, out of a bundle with its steps. */
import { isFault, type TransitionId } from 'tallystick/base'
import {
  AMEND,
  type Charter,
  machineId,
  openMachine,
  type Transition,
  transitionId,
} from 'tallystick/kernel'
import { STANDARD_LOGICS } from 'tallystick/logic'
import type { Amendment } from 'tallystick/models'
import type { Bundle } from 'tallystick/verify'

/** All of them up to the newest of the heads that are named, oldest first. */
export const changesIn = (
  bundle: Bundle,
  charter: Charter,
  upTo: readonly TransitionId[],
): readonly Amendment[] => {
  const genesis = openMachine(charter, STANDARD_LOGICS)
  if (isFault(genesis)) throw genesis
  const id = machineId(charter)
  const known = new Map<TransitionId, Transition>([[genesis.headId, genesis.head]])
  const changes: Amendment[] = []
  const last = new Set(upTo)
  for (const { legs, interaction, consents } of bundle.steps) {
    const written = legs.find((one) => one.is === 'written' && one.transition.machine === id)
    if (written?.is !== 'written') continue
    const { transition, certificate } = written
    const parent = known.get(transition.parent)
    const own = transitionId(interaction.suite, transition)
    known.set(own, transition)
    const amends = interaction.operations.some((one) => one.machine === id && one.logic === AMEND)
    if (!amends || !parent) continue
    const step = { transition, parent, interaction, consents, proposal: new Uint8Array(0) }
    changes.push({ step, certificate })
    if (last.has(own)) break
  }
  return changes
}
