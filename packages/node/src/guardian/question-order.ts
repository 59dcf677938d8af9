/**
 * What the guardian's main thread and the thread that answers questions say to each other.
 *
 * The thread gets one question at a time. While it works on it, it may ask for values that it was not handed; it waits for each.
 */
import type { MoiId, MoiInteraction, Receipt } from 'tallystick/moi'
import type { Path } from 'tallystick/kernel'

/** A call ends with a receipt, an estimate with fuel. */
export type QuestionKind = 'call' | 'estimate'

export type QuestionOrder = {
  readonly is: 'question'
  readonly kind: QuestionKind
  readonly args: MoiInteraction
  readonly hash: Uint8Array
  /** Seconds since 1970. */
  readonly time: bigint
  readonly fuelMax: number
  /** Values that may be asked for. */
  readonly valuesMax: number
  /** Accounts of which everything is handed over, in the bytes of `accountValues`. Nothing else of them is asked for. */
  readonly accounts: ReadonlyMap<MoiId, Uint8Array>
}

/** The main thread's words. */
export type ToQuestions =
  | QuestionOrder
  | { readonly is: 'value'; readonly value: Uint8Array | undefined }
  /** It could not be read; the question is to be given up. */
  | { readonly is: 'unread' }

export type QuestionAnswer =
  | { readonly is: 'receipt'; readonly receipt: Receipt }
  | { readonly is: 'fuel'; readonly fuel: bigint }
  /** More values were wanted than may be asked for. */
  | { readonly is: 'too-much' }
  | { readonly is: 'unread' }
  | { readonly is: 'fault'; readonly code: string; readonly message: string }
  | { readonly is: 'failed'; readonly message: string }

/** The thread's words. */
export type FromQuestions =
  | { readonly is: 'wanted'; readonly account: MoiId; readonly path: Path }
  /** With the thread's processor time. */
  | { readonly is: 'answered'; readonly answer: QuestionAnswer; readonly cpuMs: number }

export type QuestionsStart = {
  /** The network's charter, in its codec. */
  readonly charter: Uint8Array
  /** Raised to 1 when a value has been sent. */
  readonly signal: SharedArrayBuffer
}
