/** What an interaction makes of a machine on relays, with the consents to it and the files that show what it relies on elsewhere. */
import { Fault, isFault, type Verifier } from 'tallystick/base'
import { STANDARD_LOGICS, STANDARD_MODELS } from 'tallystick'
import { type Machine, type Transition, transitionId } from 'tallystick/kernel'
import { type Candidate, tryCandidate } from 'tallystick/models'
import { SUITE } from 'tallystick/nostr'
import { withProver } from 'tallystick/verify'

export type Tried = Omit<Candidate, 'beside'>

/** The machine after it. Returns what `tryCandidate` returns. */
export const tryStep = (machine: Machine, of: Tried, verifier: Verifier): Machine | Fault => {
  const checks = withProver({ models: STANDARD_MODELS, logics: STANDARD_LOGICS, verifier })
  return tryCandidate(checks, machine, { ...of, beside: [] })
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
