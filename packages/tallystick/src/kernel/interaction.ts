/**
 * Interactions: what somebody wants done, on which machines, relying on what.
 *
 * Promise. An interaction's id covers every byte of it. A written leg that pins its parent can be applied once and
 * nowhere else, so an interaction with at least one pinned leg cannot be replayed. The id of an interaction whose
 * legs are pinned is what DSM calls the pre-commitment: it fixes the parent and the operation, and the next entropy
 * follows from the two.
 */
import type { InteractionId, MachineId, TransitionId } from '../base/brand.ts'
import {
  bytes,
  choice,
  type Codec,
  id,
  list,
  literal,
  optional,
  struct,
  u64,
  u8,
  union,
} from '../base/codec.ts'
import { Fault } from '../base/fault.ts'
import { hashValueId } from '../base/hash.ts'
import {
  LEGS_MAX,
  OPERATION_BYTES_MAX,
  OPERATIONS_MAX,
  PREMISES_MAX,
  STATE_VALUE_BYTES_MAX,
} from '../base/limits.ts'
import { suite, type SuiteId } from '../base/suite.ts'
import { TAGS } from '../base/tags.ts'
import type { StateKey } from '../state/keys.ts'

/** `write`: the machine takes a step. `read`: its state is read. `refer`: only its charter is needed. */
export type Access = 'write' | 'read' | 'refer'

export type Leg = {
  readonly machine: MachineId
  readonly access: Access
  /** The transition that this leg builds on; missing if certifiers may fix it. */
  readonly parent: TransitionId | undefined
}

export type Operation = {
  /** The machine whose logic runs. It must be a leg. */
  readonly machine: MachineId
  /** Position in that machine's list of logics; `AMEND` changes the terms of the machine instead. */
  readonly logic: number
  readonly argument: Uint8Array
}

/** The reserved logic position of the kernel's own operation, change of terms. */
export const AMEND = 255

/**
 * What an interaction relies on elsewhere: that a key of a machine's state had a value, or was absent, after a
 * given transition; or that a certificate attests a time at or after a given one (milliseconds since 1970).
 */
export type Premise =
  | {
      readonly is: 'fact'
      readonly machine: MachineId
      readonly transition: TransitionId
      readonly key: StateKey
      readonly value: Uint8Array | undefined
    }
  | {
      readonly is: 'time'
      readonly machine: MachineId
      readonly transition: TransitionId
      readonly atLeast: bigint
    }

export type Interaction = {
  /** The suite that the id is computed in: that of the first leg. */
  readonly suite: SuiteId
  readonly legs: readonly Leg[]
  readonly operations: readonly Operation[]
  readonly premises: readonly Premise[]
}

export const leg: Codec<Leg> = struct<Leg>({
  machine: id<'machine'>(),
  access: choice<Access>(['write', 'read', 'refer']),
  parent: optional(id<'transition'>()),
})

export const operation: Codec<Operation> = struct<Operation>({
  machine: id<'machine'>(),
  logic: u8,
  argument: bytes(OPERATION_BYTES_MAX),
})

export const premise: Codec<Premise> = union<Premise>({
  fact: struct({
    is: literal('fact'),
    machine: id<'machine'>(),
    transition: id<'transition'>(),
    key: id<'state-key'>(),
    value: optional(bytes(STATE_VALUE_BYTES_MAX)),
  }),
  time: struct({
    is: literal('time'),
    machine: id<'machine'>(),
    transition: id<'transition'>(),
    atLeast: u64,
  }),
})

export const interaction: Codec<Interaction> = struct<Interaction>({
  suite,
  legs: list(leg, LEGS_MAX),
  operations: list(operation, OPERATIONS_MAX),
  premises: list(premise, PREMISES_MAX),
})

/** The id of an interaction; made once for each object, which never changes. */
export const interactionId = (of: Interaction): InteractionId => {
  const known = ids.get(of)
  if (known !== undefined) return known
  const id: InteractionId = hashValueId(of.suite, TAGS.interaction, interaction, of)
  ids.set(of, id)
  return id
}

const ids = new WeakMap<Interaction, InteractionId>()

/**
 * Checks the shape that needs no state: legs distinct, something written, a written leg pinned, every operation on a
 * leg. Returns `interaction/duplicate-leg`, `interaction/nothing-written`, `interaction/not-pinned` or
 * `interaction/unknown-leg`.
 */
export const checkInteraction = (checked: Interaction): Fault | undefined => {
  const machines = new Set<MachineId>(checked.legs.map((one) => one.machine))
  if (machines.size !== checked.legs.length) {
    return new Fault('interaction/duplicate-leg', 'a machine appears in two legs')
  }
  if (!checked.legs.some((one) => one.access === 'write')) {
    return new Fault('interaction/nothing-written', 'no leg is written')
  }
  // Without it a consent given once could be used at every later head (attack: the same payment taken twice).
  if (!checked.legs.some((one) => one.access === 'write' && one.parent !== undefined)) {
    return new Fault('interaction/not-pinned', 'no written leg names the step it builds on')
  }
  for (const one of checked.operations) {
    if (!machines.has(one.machine)) {
      return new Fault('interaction/unknown-leg', `operation on ${one.machine}, which is no leg`)
    }
  }
  return undefined
}
