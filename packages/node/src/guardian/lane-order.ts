/**
 * What the guardian's main thread and its lane threads say to each other. Orders and results go as bytes: to copy a few large arrays
 * from thread to thread costs a fraction of copying many small ones. A machine goes as its values, once for each thread that works on
 * it.
 */
import {
  bytes,
  choice,
  type Codec,
  fixedBytes,
  id,
  list,
  literal,
  mapped,
  optional,
  struct,
  u32,
  union,
  codecFrom,
  utf8FromBytes,
  bytesFromUtf8,
  STATE_VALUE_BYTES_MAX,
  MOI_INTERACTION_BYTES_MAX,
  MOI_SIGNATURES_BYTES_MAX,
} from 'tallystick/base'
import { type Transition, transition } from 'tallystick/kernel'
import {
  type MoiId,
  RECEIPT_STATUSES,
  type ReceiptStatus,
  type Refusal,
  type RefusalCode,
  type TesseractId,
} from 'tallystick/moi'
import type { StateKey } from 'tallystick/state'
import { STORE_VALUE_BYTES_MAX } from '../limits.ts'

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

export type AccountValues = readonly (readonly [StateKey, Uint8Array])[]

/** An account as it stands; without its values where the thread has them. */
export type LaneHead = {
  readonly account: MoiId
  readonly tesseract: TesseractId
  readonly transition: Transition
  readonly values: AccountValues | undefined
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
      /** In the bytes of `laneOrders`. */
      readonly lanes: Uint8Array
      /** Accounts that the thread need not keep any more. */
      readonly forget: readonly MoiId[]
    }

/** Execution broke with it, by a mistake of ours: no refusal, which is somebody else's, and nothing came of it. */
export type Broken = { readonly is: 'broken'; readonly message: string }

export const brokenBy = (error: unknown): Broken => ({
  is: 'broken',
  message: (error instanceof Error ? error.message : String(error)).slice(0, BROKEN_CHARACTERS),
})
const BROKEN_CHARACTERS = 1024

/** What came of an item. The machines follow from the changes in its entry. */
export type LaneDone =
  | { readonly is: 'refused'; readonly refusal: Refusal }
  | Broken
  | {
      readonly is: 'executed'
      readonly hash: Uint8Array
      readonly status: ReceiptStatus
      /** How many ran. */
      readonly operations: number
      /** As it goes into the journal (`store/entry.ts`). */
      readonly entry: Uint8Array
    }

export type ThreadAnswer =
  /** 1 for each that is good. */
  | { readonly is: 'checked'; readonly good: Uint8Array }
  /** In the bytes of `laneResults`. */
  | { readonly is: 'executed'; readonly lanes: Uint8Array }
  | { readonly is: 'failed'; readonly message: string }

export type ThreadStart = {
  /** The network's charter, in its codec. */
  readonly charter: Uint8Array
}

export const PUBLIC_KEY_BYTES = 33
export const DIGEST_BYTES = 32
export const SIGNATURE_BYTES = 64
export const CHECK_BYTES: number = PUBLIC_KEY_BYTES + DIGEST_BYTES + SIGNATURE_BYTES

/** Of one order: far more than a batch has. */
const LANES_MAX = 65_536
const VALUES_MAX = 1_048_576

const stateKey: Codec<StateKey> = id<'state-key'>()
const stateValue = bytes(STATE_VALUE_BYTES_MAX)

const value: Codec<readonly [StateKey, Uint8Array]> = codecFrom(
  (writer, [key, of]) => {
    stateKey.write(writer, key)
    stateValue.write(writer, of)
  },
  (reader) => [stateKey.read(reader), stateValue.read(reader)],
)
/** What an account holds, by the keys of its state. */
export const accountValues: Codec<AccountValues> = list(value, VALUES_MAX)

const laneHead: Codec<LaneHead> = struct<LaneHead>({
  account: id<'moi'>(),
  tesseract: id<'tesseract'>(),
  transition,
  values: optional(accountValues),
})

const laneItem: Codec<LaneItem> = struct<LaneItem>({
  args: bytes(MOI_INTERACTION_BYTES_MAX),
  signatures: bytes(MOI_SIGNATURES_BYTES_MAX),
  good: list(
    struct<GoodSignature>({
      publicKey: fixedBytes(PUBLIC_KEY_BYTES),
      digest: fixedBytes(DIGEST_BYTES),
      signature: fixedBytes(SIGNATURE_BYTES),
    }),
    LANES_MAX,
  ),
})

export const laneOrders: Codec<readonly LaneOrder[]> = list(
  struct<LaneOrder>({ heads: list(laneHead, LANES_MAX), items: list(laneItem, LANES_MAX) }),
  LANES_MAX,
)

/** As a record, so that a code which is missing here does not compile: a thread could not hand it back. */
const CODES: Readonly<Record<RefusalCode, true>> = {
  size: true,
  'fuel-price': true,
  'fuel-limit': true,
  sender: true,
  operations: true,
  payload: true,
  participants: true,
  account: true,
  key: true,
  sequence: true,
  preferences: true,
  balance: true,
  signatures: true,
}
const isCode = (text: string): text is RefusalCode => Object.hasOwn(CODES, text)
const REFUSALS: readonly RefusalCode[] = Object.keys(CODES).filter(isCode)

/** Any text at all: it may quote what somebody sent. */
const message: Codec<string> = mapped(bytes(STORE_VALUE_BYTES_MAX), utf8FromBytes, bytesFromUtf8)

export const laneResults: Codec<readonly (readonly LaneDone[])[]> = list(
  list(
    union<LaneDone>({
      refused: struct({
        is: literal('refused'),
        refusal: struct<Refusal>({ code: choice(REFUSALS), message }),
      }),
      broken: struct({ is: literal('broken'), message }),
      executed: struct({
        is: literal('executed'),
        hash: fixedBytes(DIGEST_BYTES),
        status: choice(RECEIPT_STATUSES),
        operations: u32,
        entry: bytes(STORE_VALUE_BYTES_MAX),
      }),
    }),
    LANES_MAX,
  ),
  LANES_MAX,
)
