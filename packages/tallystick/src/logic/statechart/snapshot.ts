/**
 * Where a machine stands, and what an input did to it.
 *
 * A snapshot has the members that XState 5 persists, with the same names, plus `entered`. It is a value: everything that
 * decides what happens next is in it, and the states of `value` stand in document order.
 */
import type { Surroundings } from '../expression/expression.ts'
import type { Value, ValueMap } from '../expression/value.ts'

export type Snapshot = {
  readonly status: 'active' | 'done'
  readonly value: StateValue
  /** What each history state remembers, by its id. */
  readonly historyValue: { readonly [id: string]: readonly { readonly id: string }[] }
  readonly context: ValueMap
  /** When each active state that has `after` was entered, in milliseconds, by its id. */
  readonly entered: { readonly [id: string]: number }
  /** What the definition gives when it is done. */
  readonly output?: Value
}

export type StateValue = string | { readonly [key: string]: StateValue }

/** An input from outside. Nothing in `data` reaches the other members. */
export type StatechartEvent = {
  readonly type: string
  /** Whose signature the input carries: the name of a participant, or a key. */
  readonly sender: string
  readonly id: string
  /** The time that the sender claims, in milliseconds. */
  readonly at: number
  /** Certified time in milliseconds; 0 where nobody certifies any. */
  readonly now: number
  readonly height: number
  readonly data: Value
  /** What premises prove that oracles answered, by the oracle's name. */
  readonly answers?: ValueMap
}

/** What the surroundings contribute, the same for every input of a machine. */
export type Setting = {
  /** What expressions see as `machine`: id, creator, roles. */
  readonly machine: ValueMap
  /** How expressions check signatures. */
  readonly verifies: Surroundings['verifies']
}

/** Something that the definition asks the world to do. It is listed and never run. */
export type Effect = { readonly kind: string; readonly args: ValueMap }

export type Moved = {
  readonly is: 'moved'
  readonly snapshot: Snapshot
  readonly effects: readonly Effect[]
  readonly gas: number
  readonly microsteps: number
}

export type Rejected = {
  readonly is: 'rejected'
  readonly code: RejectionCode
  readonly detail: string
  /** For NO_TRANSITION and GUARD_FAILED: what could have been taken, and which guard refused. */
  readonly candidates: readonly Candidate[]
}

export type RejectionCode =
  | 'BAD_EVENT'
  | 'EXPR_ERROR'
  | 'FINAL_STATE'
  | 'GAS'
  | 'GUARD_FAILED'
  | 'LIMIT'
  | 'NO_TRANSITION'
  | 'RANGE'

export type Candidate = {
  /** Id of the state. */
  readonly state: string
  /** Place of the transition in the definition. */
  readonly path: string
  readonly why: 'guard' | 'early' | 'forbidden'
  /** The guard that refused, or how many milliseconds are missing. */
  readonly detail: string
}
