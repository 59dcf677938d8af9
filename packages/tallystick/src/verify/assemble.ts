/**
 * Assembling steps: what a role hands out, as a part of a bundle.
 *
 * Roles write one machine and read others; what those others were looked at is for the caller to say, because it
 * stands in no signature where the leg is not pinned.
 */
import type { MachineId, TransitionId } from '../base/brand.ts'
import { Fault } from '../base/fault.ts'
import type { Consent } from '../kernel/consent.ts'
import type { Interaction } from '../kernel/interaction.ts'
import type { Transition } from '../kernel/transition.ts'
import type { BundleStep, KeySignature } from './bundle.ts'

/** A step of one machine with whatever has been signed for it so far. */
export type StepParts = {
  readonly interaction: Interaction
  readonly transition: Transition
  readonly consents?: readonly Consent[]
  /** Signatures over the `propose` vote, by the party whose turn it is. */
  readonly proposal?: readonly KeySignature[] | undefined
  readonly certificate?: Uint8Array | undefined
  readonly accepted?: Uint8Array | undefined
}

/**
 * The bundle's form of a step that writes one machine. `readAt` says at which transition each other machine was looked
 * at, for a machine that is only referred to its genesis; a pinned leg says so itself.
 *
 * Raises `bundle/other-legs` for a second written leg or a leg that `readAt` does not know.
 */
export const bundleStepFrom = (
  of: StepParts,
  readAt: (machine: MachineId) => TransitionId | undefined,
): BundleStep => ({
  interaction: of.interaction,
  consents: of.consents ?? [],
  legs: of.interaction.legs.map((leg) => {
    if (leg.access === 'write' && leg.machine === of.transition.machine) {
      return {
        is: 'written',
        transition: of.transition,
        proposal: of.proposal ?? [],
        certificate: of.certificate ?? EMPTY,
        accepted: of.accepted ?? EMPTY,
      }
    }
    const at = leg.parent ?? readAt(leg.machine)
    if (leg.access === 'write' || at === undefined) {
      throw new Fault('bundle/other-legs', `nothing is known of the leg on ${leg.machine}`)
    }
    return { is: 'read', at }
  }),
})

const EMPTY = new Uint8Array(0)
