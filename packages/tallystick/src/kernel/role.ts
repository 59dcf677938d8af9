/**
 * Roles: the taking-part face of a model, as sans-IO actors.
 *
 * A role is a pure value. Its shell feeds one input at a time through `step`, stores the new state durably, then
 * performs what `outstanding` lists and reports back what happened as further inputs. Effects are derived from the
 * state and never stored beside it, so after a crash the same state gives the same effects, and a receiver treats a
 * repeat as a repeat (invariant 9). An effect is performed once for as long as it stays outstanding; one that was no
 * longer wanted and is wanted again is performed again. Keys never enter: signing is an effect.
 */
import type { Wait } from './verdict.ts'

/** What a shell knows at the moment of an input. Values, so that a run can be replayed. */
export type Env = {
  /**
   * Milliseconds since 1970 by the shell's clock; used for display, patience, and whether to agree to a time that a step
   * claims (`claim.ts`). What is valid never depends on it.
   */
  readonly now: bigint
  /** Fresh random bytes for nonces, 32. */
  readonly random: Uint8Array
}

export type Role<State, Input, Effect> = {
  /** Absorbs an input. A repeat changes nothing; a bad input changes nothing and is listed in the state's refusals. */
  readonly step: (state: State, input: Input, env: Env) => State
  readonly outstanding: (state: State) => readonly Effect[]
  readonly waitingFor: (state: State) => readonly Wait[]
}
