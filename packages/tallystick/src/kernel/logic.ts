/**
 * Logics: deterministic rules that say what an operation does to state.
 *
 * Promise. `apply` is a function of its arguments: no clock, no randomness, no floating point. It names what it changes
 * by path; the kernel turns paths into keys under the prefix of the machine whose logic runs, so a logic cannot touch
 * what belongs to another, even in a machine that is not its own. An asset's rules move balances that live in the
 * holders' machines in this way.
 */
import type { InteractionId, MachineId, TransitionId } from '../base/brand.ts'
import type { KeyPart, StateKey } from '../state/keys.ts'
import type { Fault } from '../base/fault.ts'
import type { Verifier } from '../base/verifier.ts'
import type { Conviction } from './evidence.ts'
import type { Terms } from './charter.ts'
import type { Field, RecordId } from './field.ts'
import type { Millis } from './verdict.ts'

/** Parts of a state path, for example `['balance', 'alice']`. */
export type Path = readonly KeyPart[]

/** Which logic of which machine owns a path. */
export type Prefix = { readonly machine: MachineId; readonly logic: number }

export type Change = {
  /** A written leg. */
  readonly machine: MachineId
  readonly path: Path
  /** The new value; missing to remove the key. */
  readonly value: Uint8Array | undefined
}

/** A premise that has been proven against the transition it names. Whether that transition is final is judged apart. */
export type ProvenPremise =
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
      /** The transition whose certificate attests the time; a timeout needs it beside an absence there. */
      readonly transition: TransitionId
      readonly atLeast: bigint
    }

export type Call = {
  readonly params: Uint8Array
  /** The machine and logic position that the operation names: the owner of every path written. */
  readonly self: Prefix
  readonly argument: Uint8Array
  /** Written legs, in the interaction's order. */
  readonly written: readonly MachineId[]
  /** Present terms of a leg's machine. */
  readonly terms: (machine: MachineId) => Terms | undefined
  /** A value in a leg's state, under this logic's own prefix or another's. Sees earlier operations of the interaction. */
  readonly read: (machine: MachineId, path: Path, of?: Prefix) => Uint8Array | undefined
  /**
   * State key of a path as it would stand in a machine, for comparison with a premise: in the machine's suite if it is a
   * leg, else in the interaction's. A machine that hashes differently from the interaction must be a leg to be compared.
   */
  readonly keyOf: (machine: MachineId, path: Path, of?: Prefix) => StateKey
  /** Whether a participant of a leg's machine has consented to the interaction. */
  readonly consents: (machine: MachineId, party: number) => boolean
  /** The interaction's premises, each of them proven: exactly what it states, however much more a proof shows. */
  readonly premises: readonly ProvenPremise[]
  /** Convictions proven by evidence that the interaction's operation carries. */
  readonly convict: (evidence: Uint8Array) => Conviction | Fault
  /**
   * Whether a signature that the operation carries is good: somebody's consent that was given elsewhere, or what a third
   * party has said. What keeps it from being used twice is the logic's to check.
   */
  readonly verifies: Verifier['verify']
  readonly interaction: InteractionId
}

/** What a logic may look at when a machine begins. */
export type Genesis = {
  readonly params: Uint8Array
  readonly terms: Terms
  readonly machine: MachineId
}

/** What an operation did, for programs that hold a report against a policy. Said of steps that were run, and only then. */
export type Deed =
  /** Something went from one hand to another. */
  | {
      readonly is: 'custody'
      readonly from: string
      readonly to: string
      /** The machine that signed for it, where this step only publishes what happened there. */
      readonly via: MachineId | undefined
    }
  /** Enough of those named let something go on. */
  | { readonly is: 'release'; readonly atLeast: number; readonly of: readonly string[] }

/** What an operation says beside its line for people. */
export type Told = {
  /** The machine that keeps the record, and the record. */
  readonly machine: MachineId
  readonly record: RecordId
  readonly fields: readonly Field[]
  readonly deed: Deed | undefined
}

/** A time that a step says it happens at. Who certifies the step agrees only near a clock of its own (`claim.ts`). */
export type Claim = { readonly at: Millis; readonly skewMs: number }

/**
 * A consent that stands inside an operation, as a signature that `apply` checks, so that whoever holds the operation may
 * bring it. What keeps it from being used twice is the logic's to check.
 */
export type Carried = {
  /** Whose consent it is, as the logic calls senders. */
  readonly by: string
  /** What was signed; the same in every operation around it. */
  readonly id: string
  /** The operation around the same consent that claims this time. */
  readonly at: (time: Millis) => Uint8Array
}

export type Logic = {
  readonly name: string
  /** State of a new machine, or why its parameters are refused. */
  readonly genesis: (of: Genesis) => readonly Omit<Change, 'machine'>[] | Fault
  readonly apply: (call: Call) => readonly Change[] | Fault
  /** One line for people: what an operation says. Raises a fault if the argument does not decode. */
  readonly describe: (argument: Uint8Array, params: Uint8Array, terms: Terms) => string
  /** The same for programs; missing where a logic has neither records nor fields. Raises a fault as `describe` does. */
  readonly tell?: (argument: Uint8Array) => Told
  /** The time that an operation claims, where whoever certifies is to agree to it. Raises a fault as `describe` does. */
  readonly claims?: (argument: Uint8Array, params: Uint8Array) => Claim | undefined
  /** The consent that an operation carries, if any; its signature is not looked at here. Raises a fault as `describe` does. */
  readonly carries?: (argument: Uint8Array, params: Uint8Array) => Carried | undefined
}

export type LogicRegistry = ReadonlyMap<string, Logic>
