/** What an interaction makes of a machine on relays, with the files that show what it relies on elsewhere. */
import { Fault, isFault, type Verifier } from 'tallystick/base'
import { STANDARD_LOGICS, STANDARD_MODELS } from 'tallystick'
import {
  execute,
  type Interaction,
  type Machine,
  type Transition,
  transitionId,
} from 'tallystick/kernel'
import { SUITE } from 'tallystick/nostr'
import { createProver } from 'tallystick/verify'

export type Tried = {
  readonly interaction: Interaction
  readonly attachments: readonly Uint8Array[]
}

/** The machine after it. Returns faults of the execution, and of files that do not show a premise. */
export const tryStep = (
  machine: Machine,
  { interaction, attachments }: Tried,
  verifier: Verifier,
): Machine | Fault => {
  const { premises } = interaction
  const done = execute({
    interaction,
    machines: new Map([[machine.id, machine]]),
    logics: STANDARD_LOGICS,
    // Consent to an input is the signature that it carries.
    consents: () => false,
    proven: premises,
    verifier,
  })
  if (isFault(done)) return done
  const [after] = done.written
  if (!after) return new Fault('candidate/other-legs', 'nothing is written')
  if (premises.length === 0) return after
  const prove = createProver({ models: STANDARD_MODELS, logics: STANDARD_LOGICS, verifier })
  return prove(attachments, premises) ?? after
}

/** As `tryStep`, for a step that is certified: also `shared/other-child`. */
export const afterStep = (
  machine: Machine,
  tried: Tried,
  step: Transition,
  verifier: Verifier,
): Machine | Fault => {
  const after = tryStep(machine, tried, verifier)
  if (isFault(after)) return after
  if (after.headId === transitionId(SUITE, step)) return after
  return new Fault('shared/other-child', 'the rules lead to another child than is certified')
}
