/**
 * Receipts: what became of an interaction. The hash of each stands in its sender's account, beside the interaction's own.
 *
 * | receipt | what |
 * |---|---|
 * | interaction | 32 bytes |
 * | status | u8: 0 done, 1 reverted, 2 out of fuel |
 * | fuel used, sender | u64, 32 bytes |
 * | operations | those that ran, the one that failed last |
 *
 * | operation | what |
 * |---|---|
 * | type, status | u32; u8: 0 done, 1 exception, 2 defect |
 * | outputs, error | POLO, empty where there is none |
 * | created | identifier of the asset, logic or account, if any |
 * | logs | account, topics, data of each |
 *
 * A reverted interaction's receipt has neither logs nor created accounts: what its first operations did did not happen.
 */
import { blake2b256 } from '../../../base/blake2b.ts'
import {
  bytes,
  choice,
  type Codec,
  fixedBytes,
  id,
  list,
  optional,
  struct,
  u32,
  u64,
} from '../../../base/codec.ts'
import type { Fault } from '../../../base/fault.ts'
import {
  MOI_OUTPUT_BYTES_MAX,
  MOI_LOGS_MAX,
  MOI_NAME_BYTES_MAX,
  MOI_OPERATIONS_MAX,
  MOI_TRACE_MAX,
} from '../../../base/limits.ts'
import type { MoiId } from '../identifier.ts'
import { poloArray, poloStruct } from '../polo/container.ts'
import { poloBool, poloText } from '../polo/scalar.ts'
import { encodePolo } from '../polo/schema.ts'
import { type Log, logRecord } from './log.ts'

/** In the order of their numbers. */
export const OPERATION_STATUSES = ['ok', 'exception', 'defect'] as const
export type OperationStatus = (typeof OPERATION_STATUSES)[number]

export const RECEIPT_STATUSES = ['ok', 'reverted', 'insufficient-fuel'] as const
export type ReceiptStatus = (typeof RECEIPT_STATUSES)[number]

export type OperationResult = {
  readonly type: number
  readonly status: OperationStatus
  /** POLO document; empty where an operation has none. */
  readonly outputs: Uint8Array
  /** POLO of class, error, revert and trace; empty where all went well. */
  readonly error: Uint8Array
  readonly created: MoiId | undefined
  readonly logs: readonly Log[]
}

export type Receipt = {
  readonly interaction: Uint8Array
  readonly status: ReceiptStatus
  readonly fuelUsed: bigint
  readonly sender: MoiId
  readonly operations: readonly OperationResult[]
}

const blob = bytes(MOI_OUTPUT_BYTES_MAX)

export const receipt: Codec<Receipt> = struct<Receipt>({
  interaction: fixedBytes(32),
  status: choice(RECEIPT_STATUSES),
  fuelUsed: u64,
  sender: id<'moi'>(),
  operations: list(
    struct<OperationResult>({
      type: u32,
      status: choice(OPERATION_STATUSES),
      outputs: blob,
      error: blob,
      created: optional(id<'moi'>()),
      logs: list(logRecord, MOI_LOGS_MAX),
    }),
    MOI_OPERATIONS_MAX,
  ),
})

export const receiptHash = (of: Receipt): Uint8Array => blake2b256(receiptBytes(of))

/** In its codec, once: whoever executes hashes it for the state and for the tesseract, and keeps it. Not to be written to. */
export const receiptBytes = (of: Receipt): Uint8Array => {
  const known = encoded.get(of)
  if (known) return known
  const bytes = receipt.encode(of)
  encoded.set(of, bytes)
  return bytes
}

const encoded = new WeakMap<Receipt, Uint8Array>()

type OperationError = {
  readonly class: string
  readonly error: string
  readonly revert: boolean
  readonly trace: readonly string[]
}

const text = poloText(MOI_OUTPUT_BYTES_MAX)
const operationError = poloStruct<OperationError>({
  class: text,
  error: text,
  revert: poloBool,
  trace: poloArray(poloText(MOI_NAME_BYTES_MAX), MOI_TRACE_MAX),
})

/** What a receipt says of a built-in operation that failed. */
export const errorBytes = (status: OperationStatus, fault: Fault): Uint8Array =>
  encodePolo(operationError, {
    class: fault.code === 'moi/exhausted' ? 'exhausted' : status,
    // A message may have been cut in the middle of a character.
    error: fault.message.toWellFormed(),
    revert: true,
    trace: ['runtime.root()'],
  })
