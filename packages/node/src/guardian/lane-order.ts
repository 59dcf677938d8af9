/**
 * What the guardian's main thread and its lane threads say to each other. Values go by copy; a machine goes as its values, once for
 * each thread that works on it.
 */
import type { TransitionId } from 'tallystick/base'
import type { Interaction, Transition } from 'tallystick/kernel'
import type { AccountChange, MoiId, Receipt, Refusal, TesseractId } from 'tallystick/moi'
import type { StateKey } from 'tallystick/state'

/** A signature that has been found good, so that it need not be checked again. */
export type GoodSignature = {
  readonly publicKey: Uint8Array
  readonly digest: Uint8Array
  readonly signature: Uint8Array
}

/** An interaction to be executed. */
export type LaneItem = {
  readonly args: Uint8Array
  readonly signatures: Uint8Array
  readonly good: readonly GoodSignature[]
}

/** An account as it stands; without its values where the thread has them. */
export type LaneHead = {
  readonly account: MoiId
  readonly tesseract: TesseractId
  readonly transition: Transition
  readonly values: readonly (readonly [StateKey, Uint8Array])[] | undefined
}

/** Interactions that follow each other. */
export type LaneOrder = { readonly heads: readonly LaneHead[]; readonly items: readonly LaneItem[] }

export type ThreadOrder =
  /** Public key, digest and signature of each, one after the other. */
  | { readonly is: 'check'; readonly checks: Uint8Array }
  | {
      readonly is: 'execute'
      /** Seconds since 1970. */
      readonly time: bigint
      readonly lanes: readonly LaneOrder[]
      /** Accounts that the thread need not keep any more. */
      readonly forget: readonly MoiId[]
    }

export type LaneStep = {
  readonly account: MoiId
  readonly link: TesseractId
  readonly transition: Transition
}

/** What came of an item: all of `Prepared` but the machines, which follow from the changes. */
export type LaneDone =
  | { readonly is: 'refused'; readonly refusal: Refusal }
  | {
      readonly is: 'prepared'
      readonly hash: Uint8Array
      readonly interaction: Interaction
      readonly receipt: Receipt
      readonly changes: readonly AccountChange[]
      readonly tesseract: {
        readonly hash: TesseractId
        readonly time: bigint
        readonly interactionsHash: Uint8Array
        readonly receiptsHash: Uint8Array
        readonly fuelUsed: bigint
        readonly fuelLimit: bigint
        readonly steps: readonly LaneStep[]
        readonly seen: readonly {
          readonly account: MoiId
          readonly access: 'read' | 'refer'
          readonly height: bigint | undefined
          readonly at: TransitionId
        }[]
      }
    }

export type ThreadAnswer =
  /** 1 for each that is good. */
  | { readonly is: 'checked'; readonly good: Uint8Array }
  | { readonly is: 'executed'; readonly lanes: readonly (readonly LaneDone[])[] }
  | { readonly is: 'failed'; readonly message: string }

export type ThreadStart = {
  /** The network's charter, in its codec. */
  readonly charter: Uint8Array
}

export const PUBLIC_KEY_BYTES = 33
export const DIGEST_BYTES = 32
export const SIGNATURE_BYTES = 64
export const CHECK_BYTES: number = PUBLIC_KEY_BYTES + DIGEST_BYTES + SIGNATURE_BYTES
