/** Receipts, logs and participants as MOI's interface shows them. */
import {
  hexFromMoiId,
  type Log,
  OPERATION_STATUSES,
  type OperationResult,
  type Receipt,
  RECEIPT_STATUSES,
} from 'tallystick/moi'
import { hexOf, quantityOf } from '../rpc/hex.ts'
import type { Answer } from '../rpc/method.ts'
import type { TesseractId } from '../store/entry.ts'

/** Where an interaction ended up. */
export type Placed = {
  /** 64 digits. */
  readonly hash: string
  readonly tesseract: TesseractId
  readonly participants: Answer
}

/** What the receipt of a question has, which never becomes a tesseract. */
export const NOWHERE: string = `0x${'0'.repeat(64)}`

export const receiptAnswer = (of: Receipt, placed: Placed | undefined): Answer => {
  const hash = hexOf(of.interaction)
  return {
    ix_hash: hash,
    status: RECEIPT_STATUSES.indexOf(of.status),
    fuel_used: quantityOf(of.fuelUsed),
    ix_operations: of.operations.map((one) => resultAnswer(one, placed, hash)),
    from: hexFromMoiId(of.sender),
    // A tesseract holds one interaction.
    ix_index: '0x0',
    ts_hash: placed ? `0x${placed.tesseract}` : NOWHERE,
    participants: placed ? placed.participants : [],
  }
}

/** MOI's client reads `tx_type` as hexadecimal text; the documentation has `ix_type` as a number. */
const resultAnswer = (of: OperationResult, placed: Placed | undefined, hash: string): Answer => ({
  tx_type: quantityOf(of.type),
  ix_type: of.type,
  status: OPERATION_STATUSES.indexOf(of.status),
  data: dataAnswer(of),
  logs: of.logs.map((log) => logAnswer(log, placed, hash)),
})

const ASSET_CREATE = 4
const ASSET_ACTION = 5
const LOGIC_DEPLOY = 11
const LOGIC_INVOKE = 12
const LOGIC_ENLIST = 13

const dataAnswer = (of: OperationResult): Answer => {
  const error = hexOf(of.error)
  const outputs = hexOf(of.outputs)
  const created = of.created === undefined ? undefined : hexFromMoiId(of.created)
  switch (of.type) {
    case ASSET_CREATE:
      return {
        ...(created === undefined ? {} : { asset_id: created, address: created, id: created }),
        ...(of.error.length === 0 ? {} : { error }),
      }
    case ASSET_ACTION:
    case LOGIC_INVOKE:
    case LOGIC_ENLIST:
      return { outputs, error }
    case LOGIC_DEPLOY:
      return {
        ...(created === undefined ? {} : { logic_id: created }),
        error,
      }
    default:
      return {
        ...(created === undefined ? {} : { id: created }),
        ...(of.error.length === 0 ? {} : { error }),
      }
  }
}

export const logAnswer = (of: Log, placed: Placed | undefined, hash: string): Answer => ({
  id: hexFromMoiId(of.account),
  topics: of.topics.map(hexOf),
  data: hexOf(of.data),
  ix_hash: hash,
  ts_hash: placed ? `0x${placed.tesseract}` : NOWHERE,
  participants: placed ? placed.participants : [],
})
