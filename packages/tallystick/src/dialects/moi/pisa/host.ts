/** What a logic finds around it, and how a call of one ends. Whoever executes interactions implements the host. */
import { type MoiId } from '../identifier.ts'
import { type EmittedEvent, type PisaException } from './frame.ts'
import { type SlotStore, type Value } from './value.ts'

/** Fuel of one call: `used` grows while it runs, and is `limit` when it was exhausted. */
export type Meter = { used: number; readonly limit: number }

export type CallOutcome =
  | { readonly is: 'ok'; readonly outputs: Uint8Array; readonly events: readonly EmittedEvent[] }
  /** `error` is what a receipt shows: POLO of the exception. */
  | { readonly is: 'exception'; readonly error: Uint8Array; readonly exception: PisaException }
  | { readonly is: 'defect'; readonly message: string }
  /** The meter's limit was reached. */
  | { readonly is: 'exhausted' }

/** How the asset engine answers: results by their slots, or why not. */
export type AssetAnswer =
  | { readonly is: 'ok'; readonly results: readonly (Value | undefined)[] }
  | { readonly is: 'exception'; readonly class: string; readonly error: string }
  | { readonly is: 'defect'; readonly message: string }

/** A call from one logic to another, or to an asset. */
export type CrossCall = {
  readonly target: MoiId
  readonly callsite: string
  readonly calldata: Uint8Array
  /** What the interface of the caller says: `asset`, `static` or `dynamic`; else what the caller itself may. */
  readonly mode: string
  /** To be handed on to `callLogic`, as is `depth`. */
  readonly meter: Meter
  readonly depth: number
}

export type PisaHost = {
  /** The logic or asset that runs. */
  readonly logic: MoiId
  readonly logicState: SlotStore
  /** The state that this logic keeps with a participant; undefined when it is out of reach. */
  readonly actorState: (id: MoiId) => SlotStore | undefined
  readonly asset?: {
    readonly call: (code: number, args: readonly (Value | undefined)[]) => AssetAnswer
  }
  readonly call?: (of: CrossCall) => CallOutcome
  /** Slots of another logic's state, to read; undefined when it is out of reach. */
  readonly stateOf?: (logic: MoiId) => SlotStore['read'] | undefined
  /** What an account has to do with the interaction; undefined when it is no participant. */
  readonly participant?: (id: MoiId) => { readonly isSigner: boolean } | undefined
  /** The logic that called this one. */
  readonly caller?: MoiId
  /** Of the interaction, in the network's seconds. */
  readonly time: bigint
}
