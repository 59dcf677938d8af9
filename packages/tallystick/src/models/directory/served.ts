/**
 * A machine as an operator serves it: its charter, and which terms decide which of its steps.
 *
 * Promise. A step is decided by the terms before it. `amendment.ts` says when terms come into force; here is what an
 * operator keeps of that, small enough to be read for every step.
 *
 * Not promised. That an operator knows of the newest change. One that does not may still vow for a step under older terms.
 * That harms nobody but the machine: such a vow counts under no terms that are in force, and if the operator stays in
 * office it has only spent its own vow at that place.
 */
import type { TransitionId } from '../../base/brand.ts'
import { equalBytes } from '../../base/bytes.ts'
import { type Codec, id, list, optional, struct, u64 } from '../../base/codec.ts'
import { ERAS_MAX } from '../../base/limits.ts'
import { type Charter, charter, type Terms, terms } from '../../kernel/charter.ts'
import { type Transition, transitionId } from '../../kernel/transition.ts'
import { DIRECTORY, directoryPolicy } from './policy.ts'

/** Terms, and the first step that they decide. */
export type Era = {
  readonly from: bigint
  readonly terms: Terms
  /** The step that brought them; missing for a charter's own. */
  readonly by: TransitionId | undefined
}

export type ServedMachine = {
  readonly charter: Charter
  /** Ascending; of very many changes only the newest are kept, and older steps are served no more. */
  readonly eras: readonly Era[]
}

export const servedMachine: Codec<ServedMachine> = struct<ServedMachine>({
  charter,
  eras: list(struct<Era>({ from: u64, terms, by: optional(id<'transition'>()) }), ERAS_MAX),
})

/** As the charter has it, before any change. */
export const servedFrom = (of: Charter): ServedMachine => ({
  charter: of,
  eras: [{ from: 1n, terms: of.terms, by: undefined }],
})

/** The era that decides the step with this number; undefined where that is not known any more. */
export const eraOf = ({ eras }: ServedMachine, sequence: bigint): Era | undefined => {
  // Nearly every step is of the newest one, and it is asked for several times with each.
  const newest = eras.at(-1)
  return newest && newest.from <= sequence ? newest : eras.findLast((one) => one.from <= sequence)
}

/** The terms of that era. */
export const termsAt = (of: ServedMachine, sequence: bigint): Terms | undefined =>
  eraOf(of, sequence)?.terms

/** The position of an operator's key among those who decide the step with this number, or −1. */
export const seatAt = (of: ServedMachine, sequence: bigint, publicKey: Uint8Array): number => {
  const inForce = termsAt(of, sequence)
  return inForce?.policy.kind === DIRECTORY ? seatIn(inForce, publicKey) : -1
}

/**
 * The position of an operator's key among those who take over with this step, or −1: there it may sign for a step that
 * other terms have certified.
 */
export const seatOfSuccessor = (
  of: ServedMachine,
  step: Transition,
  publicKey: Uint8Array,
): number => {
  const before = termsAt(of, step.sequence)
  const by = before && transitionId(before.suite, step)
  const era = of.eras.find((one) => one.by !== undefined && one.by === by)
  return era?.terms.policy.kind === DIRECTORY ? seatIn(era.terms, publicKey) : -1
}

const seatIn = ({ policy }: Terms, publicKey: Uint8Array): number =>
  directoryPolicy
    .decode(policy.params)
    .operators.findIndex((one) => equalBytes(one.publicKey, publicKey))
