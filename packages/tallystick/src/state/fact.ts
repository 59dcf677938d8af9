/**
 * Facts: a key's value, or its absence, proven against a transition's state root.
 *
 * Promise. A fact that passes `checkFact` is true of the state whose root it names: either the value it carries
 * is the key's, or the key has none. `checkFactAt` also holds it to a given step of a given machine.
 *
 * Not promised. That the step is final, or the newest: that is the verdict on the transition.
 *
 * | bytes | what |
 * |---|---|
 * | 32 | machine |
 * | 1 or 33 | 1 and the id of the transition, or 0 when the step is known from where the fact stands |
 * | 32 | state root |
 * | 32 | key |
 * | 1, or 5 and more | 1, u32 length and the value, or 0 for absence |
 * | … | the proof (`proof-codec.ts`) |
 */
import type { MachineId, StateRoot, TransitionId } from '../base/brand.ts'
import { bytes, type Codec, id, optional, struct } from '../base/codec.ts'
import { Fault } from '../base/fault.ts'
import { STATE_VALUE_BYTES_MAX } from '../base/limits.ts'
import type { SuiteId } from '../base/suite.ts'
import type { StateKey } from './keys.ts'
import { type Proof, proofFault } from './proof.ts'
import { proof } from './proof-codec.ts'

export type Fact = {
  readonly machine: MachineId
  readonly transition: TransitionId | undefined
  readonly root: StateRoot
  readonly key: StateKey
  /** `undefined` states that the key has no value; an empty value is a value. */
  readonly value: Uint8Array | undefined
  readonly proof: Proof
}

/** What a checked fact says. */
export type Finding =
  | { readonly is: 'present'; readonly value: Uint8Array }
  | { readonly is: 'absent' }

/** The step a fact is held to, as the verifier knows it from a checked header. */
export type FactPlace = {
  readonly machine: MachineId
  readonly transition: TransitionId
  readonly root: StateRoot
}

/** A fact as bytes. A fact without a proof has no spelling. */
export const fact: Codec<Fact> = struct<Fact>({
  machine: id(),
  transition: optional(id<'transition'>()),
  root: id(),
  key: id(),
  value: optional(bytes(STATE_VALUE_BYTES_MAX)),
  proof,
})

/** What `fact` says about its own root, or the fault of its proof (`proofFault`). */
export const checkFact = (suite: SuiteId, fact: Fact): Finding | Fault => {
  const fault = proofFault(suite, fact, fact.proof)
  if (fault !== undefined) return fault.at({ machine: fact.machine })
  return fact.value === undefined ? { is: 'absent' } : { is: 'present', value: fact.value }
}

/**
 * What `fact` says about the step at `place`. Also returns `fact/other-machine`, `fact/other-step` (unless the fact
 * leaves the step open) and `fact/other-root`.
 */
export const checkFactAt = (suite: SuiteId, fact: Fact, place: FactPlace): Finding | Fault => {
  const fault = placeFault(fact, place)
  return fault?.at({ machine: fact.machine }) ?? checkFact(suite, fact)
}

const placeFault = (fact: Fact, place: FactPlace): Fault | undefined => {
  if (fact.machine !== place.machine) {
    return new Fault(
      'fact/other-machine',
      `the fact speaks of another machine than ${place.machine}`,
    )
  }
  if (fact.transition !== undefined && fact.transition !== place.transition) {
    return new Fault(
      'fact/other-step',
      `the fact speaks of ${fact.transition}, not of ${place.transition}`,
    )
  }
  if (fact.root !== place.root) {
    return new Fault(
      'fact/other-root',
      `the fact is proven under ${fact.root}, the step has ${place.root}`,
    )
  }
  return undefined
}
