/**
 * Logs: what an operation tells whoever follows an account. An interaction that is reverted leaves none.
 *
 * The first topic is the hash of the event's name, the others of the fields that one may search by; the data are all fields as
 * a POLO document.
 */
import { blake2b256 } from '../../../base/blake2b.ts'
import { bytes, type Codec, id, list, struct, fixedBytes } from '../../../base/codec.ts'
import {
  MOI_OUTPUT_BYTES_MAX,
  MOI_LOG_TOPICS_MAX,
  MOI_NAME_BYTES_MAX,
} from '../../../base/limits.ts'
import { type MoiId, poloMoiId, poloMoiIdOrZeros } from '../identifier.ts'
import { writeDocument } from '../polo/document.ts'
import { poloNatural, poloText } from '../polo/scalar.ts'
import { encodePolo } from '../polo/schema.ts'

export type Log = {
  /** The account on which it is told. */
  readonly account: MoiId
  readonly topics: readonly Uint8Array[]
  readonly data: Uint8Array
}

export const logRecord: Codec<Log> = struct<Log>({
  account: id<'moi'>(),
  topics: list(fixedBytes(32), MOI_LOG_TOPICS_MAX),
  data: bytes(MOI_OUTPUT_BYTES_MAX),
})

const polo = {
  text: poloText(MOI_NAME_BYTES_MAX),
  amount: poloNatural(256),
  word: poloNatural(64),
  id: poloMoiId,
} as const

const ASSET_EVENT: Uint8Array = blake2b256(encodePolo(polo.text, 'AssetEvent'))

export type AssetEvent = {
  readonly operation: string
  readonly operator: MoiId
  readonly benefactor?: MoiId | undefined
  readonly beneficiary?: MoiId | undefined
  readonly amount?: bigint | undefined
  readonly token?: bigint | undefined
  readonly expiresAt?: bigint | undefined
}

/** Where no account plays the part: 32 zeros, which is also what a field has that nobody set. */
const NOBODY = encodePolo(poloMoiIdOrZeros, undefined)

export const assetLog = (asset: MoiId, of: AssetEvent, isFungible: boolean): Log => {
  const operation = encodePolo(polo.text, of.operation)
  const idOf = (one: MoiId | undefined): Uint8Array =>
    one === undefined ? NOBODY : encodePolo(polo.id, one)
  const fields = new Map([
    ['operation', operation],
    ['operator', idOf(of.operator)],
    ['benefactor', idOf(of.benefactor)],
    ['beneficiary', idOf(of.beneficiary)],
    ['amount', encodePolo(polo.amount, of.amount ?? 0n)],
    ['expires_at', encodePolo(polo.word, of.expiresAt ?? 0n)],
  ])
  if (!isFungible) fields.set('token_id', encodePolo(polo.word, of.token ?? 0n))
  return {
    account: asset,
    topics: [ASSET_EVENT, blake2b256(operation)],
    data: writeDocument(fields),
  }
}
