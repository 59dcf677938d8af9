/** Receipts as a guardian tells them, read for people and programs. */
import { isFault } from 'tallystick/base'
import { decodeException } from 'tallystick/moi'
import {
  hexFrom,
  listFrom,
  numberFrom,
  objectFrom,
  quantityFrom,
  type Shape,
  textFrom,
} from './shape.ts'

export type Receipt = {
  readonly hash: string
  /** 0 done, 1 failed and undone, 2 out of fuel. */
  readonly status: number
  readonly fuelUsed: bigint
  readonly from: string
  readonly tesseract: string
  readonly operations: readonly OperationResult[]
  readonly participants: readonly ParticipantResult[]
}

export type OperationResult = {
  readonly type: bigint
  /** 0 done, 1 an exception, 2 a defect. */
  readonly status: number
  readonly data: Shape
  readonly error: string | undefined
}

export type ParticipantResult = { readonly id: string; readonly height: bigint }

export const readReceipt = (value: unknown): Receipt => {
  const of = objectFrom(value, 'a receipt')
  return {
    hash: textFrom(of['ix_hash'], 'a hash'),
    status: numberFrom(of['status'], 'a status'),
    fuelUsed: quantityFrom(of['fuel_used'], 'fuel'),
    from: textFrom(of['from'], 'a sender'),
    tesseract: textFrom(of['ts_hash'], 'a tesseract'),
    operations: listFrom(of['ix_operations'], 'operations').map(operationOf),
    participants: listFrom(of['participants'], 'participants').map(participantOf),
  }
}

const operationOf = (value: unknown): OperationResult => {
  const of = objectFrom(value, 'an operation')
  const data = typeof of['data'] === 'object' && of['data'] !== null ? { ...of['data'] } : {}
  return {
    type: quantityFrom(of['tx_type'], 'a type'),
    status: numberFrom(of['status'], 'a status'),
    data,
    error: errorIn(data),
  }
}

const participantOf = (value: unknown): ParticipantResult => {
  const of = objectFrom(value, 'a participant')
  return { id: textFrom(of['id'], 'an id'), height: quantityFrom(of['height'], 'a height') }
}

/** What an operation says of its failure; undefined where it says nothing. */
const errorIn = (data: Shape): string | undefined => {
  if (typeof data['error'] !== 'string' || data['error'] === '0x') return undefined
  const read = decodeException(hexFrom(data['error'], 'an error'))
  return isFault(read) ? data['error'] : read.error
}
